/**
 * The definitions of all objects, kept in the store itself.
 *
 * Invariants:
 * 1. An object is one record under (kind, name). Its id is never used again, so data of a dropped object can be
 *    removed after the drop has committed, in as many steps as it takes.
 * 2. Who writes an object's data holds its record locked `shared`; who changes the record locks it exclusively first.
 *    So a change waits for writers that hold it, and neither can overlook the other.
 * 3. A dropped object's ranges stay noted under its id until they are empty, shortened by what is gone; opening the
 *    database resumes the removal. One removal is under way at a time.
 */
import { OrbitError, didYouMean, equalBytes, toBinaryString } from '@orbit-ts/base'
import type { KeyRange, NamedKind, StorageProvider, Transaction } from '@orbit-ts/storage'
import { catalogKeys, formatKey, internalKeys, prefixRange } from '@orbit-ts/storage'
import type { Model, ModelContext } from '../models/model.js'
import { KIND_NAMES, OBJECT_KINDS, type CatalogObject, type ObjectKind } from './catalog-object.js'

/** Ranges of dropped objects that still hold data, by object id. */
const PURGE_PREFIX = 'purge/'

/** The highest id that an object ever had. */
const OBJECT_IDS = catalogKeys.sequence('object')

/** Start and end in hexadecimal; null is open. */
type HexRange = readonly [start: string | null, end: string | null]

/** The kinds of ids in keys that are catalog ids; the others are ids within an object. */
const OBJECT_NAMED: ReadonlySet<NamedKind> = new Set<NamedKind>(['table', 'collection', 'graph', 'object'])

/** Keys removed in one step when an object was dropped. */
const PURGE_CHUNK = 10_000

/** A parsed record, by its key; valid as long as the stored bytes are the same. */
interface Cached {
  readonly bytes: Uint8Array
  readonly object: CatalogObject
}

export class Catalog {
  readonly #cache = new Map<string, Cached>()
  readonly #names = new Map<number, string>()
  #purging: Promise<unknown> = Promise.resolve()

  /** The object as `storage` sees it, or undefined. One point read. */
  async find(storage: Transaction, kind: ObjectKind, name: string): Promise<CatalogObject | undefined> {
    const key = recordKey(kind, name)
    const bytes = await storage.get(key)
    if (bytes !== undefined) return this.#decode(key, bytes)
    this.#cache.delete(toBinaryString(key))
    return undefined
  }

  /** @throws OBJECT_NOT_FOUND, naming the nearest object of that kind. */
  async require(storage: Transaction, kind: ObjectKind, name: string): Promise<CatalogObject> {
    const object = await this.find(storage, kind, name)
    if (object !== undefined) return object
    const names = (await this.list(storage, kind)).map((other) => other.name)
    throw new OrbitError(
      'OBJECT_NOT_FOUND',
      `${KIND_NAMES[kind]} "${name}" does not exist${didYouMean(name, names)}`,
      {
        kind,
        name,
      },
    )
  }

  /** All objects, or those of one kind, by kind and name. */
  async list(storage: Transaction, kind?: ObjectKind): Promise<CatalogObject[]> {
    const found: CatalogObject[] = []
    for (const each of kind === undefined ? OBJECT_KINDS : [kind]) {
      for await (const chunk of storage.scan(catalogKeys.names(each))) {
        for (const { key, value } of chunk) found.push(this.#decode(key, value))
      }
    }
    return found
  }

  /** A key of any model, for people: with the names of objects seen so far. */
  format(key: Uint8Array): string {
    return formatKey(key, {
      resolve: (kind, id) => (OBJECT_NAMED.has(kind) ? this.#names.get(id) : undefined),
    })
  }

  /** Protects the definition until the transaction ends; see invariant 2. */
  protect(storage: Transaction, kind: ObjectKind, name: string): Promise<void> {
    return storage.lock([recordKey(kind, name)], { mode: 'shared' })
  }

  /**
   * Locks objects that are going to be created or changed. Called before the transaction reads anything it makes
   * whoever changes the same ones wait, instead of one of the two starting again.
   */
  reserve(
    storage: Transaction,
    objects: readonly { readonly kind: ObjectKind; readonly name: string }[],
  ): Promise<void> {
    return storage.lock([OBJECT_IDS, ...objects.map(({ kind, name }) => recordKey(kind, name))])
  }

  async create<Input, Definition>(
    context: ModelContext,
    model: Model<Input, Definition>,
    name: string,
    input: Input,
  ): Promise<CatalogObject<Definition>> {
    const { storage } = context
    checkName(model.kind, name)
    await this.reserve(storage, [{ kind: model.kind, name }])
    if ((await this.find(storage, model.kind, name)) !== undefined) {
      throw new OrbitError('OBJECT_EXISTS', `${KIND_NAMES[model.kind]} "${name}" exists already`, {
        kind: model.kind,
        name,
      })
    }
    const definition = model.define(name, input)
    const object = { kind: model.kind, name, id: await nextObjectId(storage), version: 1, definition }
    storage.insert(recordKey(model.kind, name), encode(object))
    await model.afterCreate?.(context, object)
    return object
  }

  /** Brings the stored definition to what `input` declares; the object itself when they agree already. */
  async change<Input, Definition>(
    context: ModelContext,
    model: Model<Input, Definition>,
    name: string,
    input: Input,
  ): Promise<CatalogObject<Definition>> {
    const { storage } = context
    await storage.lock([recordKey(model.kind, name)])
    // The kind says which model wrote the definition, so it is this model's.
    const before = (await this.require(storage, model.kind, name)) as CatalogObject<Definition>
    const definition = model.evolve(before, input)
    if (definition === undefined) return before
    const after = { ...before, version: before.version + 1, definition }
    storage.put(recordKey(model.kind, name), encode(after))
    await model.afterChange?.(context, before, after)
    return after
  }

  /** Takes the object out of the catalog; `purge` removes its data after the commit. */
  async drop<Definition>(
    context: ModelContext,
    model: Model<never, Definition>,
    name: string,
  ): Promise<void> {
    const { storage } = context
    await storage.lock([recordKey(model.kind, name)])
    const object = (await this.require(storage, model.kind, name)) as CatalogObject<Definition>
    await model.beforeDrop?.(context, object)
    storage.delete(recordKey(model.kind, name))
    const ranges = model.dataRanges(object.id).map(({ start, end }): HexRange => [hex(start), hex(end)])
    storage.put(internalKeys.fact(PURGE_PREFIX + object.id), encodeRanges(ranges))
  }

  /** Removes the data of dropped objects, in steps of their own; returns how many keys went. */
  purge(provider: StorageProvider): Promise<number> {
    const purged = this.#purging.then(() => this.#purge(provider))
    this.#purging = purged.catch(() => undefined)
    return purged
  }

  async #purge(provider: StorageProvider): Promise<number> {
    let removed = 0
    for (;;) {
      const step = await provider.transact((tx) => purgeStep(tx))
      if (step === undefined) return removed
      removed += step
    }
  }

  #decode(key: Uint8Array, bytes: Uint8Array): CatalogObject {
    const id = toBinaryString(key)
    const cached = this.#cache.get(id)
    if (cached !== undefined && equalBytes(cached.bytes, bytes)) return cached.object
    const object = decode(bytes)
    this.#cache.set(id, { bytes, object })
    this.#names.set(object.id, object.name)
    return object
  }
}

async function purgeStep(tx: Transaction): Promise<number | undefined> {
  for await (const [entry] of tx.scan(prefixRange(internalKeys.fact(PURGE_PREFIX)), { limit: 1 })) {
    if (entry === undefined) return undefined
    const ranges = JSON.parse(Buffer.from(entry.value).toString()) as HexRange[]
    let removed = 0
    let last: Uint8Array | undefined
    for (const [index, [start, end]] of ranges.entries()) {
      for await (const chunk of tx.scan(range(start, end), {
        keysOnly: true,
        limit: PURGE_CHUNK - removed,
      })) {
        for (const { key } of chunk) tx.delete(key)
        removed += chunk.length
        last = chunk.at(-1)?.key
      }
      if (removed < PURGE_CHUNK) continue
      // The next step begins where this one ends: it need not walk over everything that is deleted.
      tx.put(entry.key, encodeRanges([[hex(last), end], ...ranges.slice(index + 1)]))
      return removed
    }
    tx.delete(entry.key)
    return removed
  }
  return undefined
}

/** The caller holds `OBJECT_IDS` locked. */
async function nextObjectId(storage: Transaction): Promise<number> {
  const stored = await storage.get(OBJECT_IDS)
  const id = stored === undefined ? 1 : Buffer.from(stored).readUInt32BE() + 1
  const next = Buffer.alloc(4)
  next.writeUInt32BE(id)
  storage.put(OBJECT_IDS, next)
  return id
}

const recordKey = (kind: ObjectKind, name: string): Uint8Array => catalogKeys.name(kind, name)

function encode(object: CatalogObject): Uint8Array {
  return Buffer.from(JSON.stringify(object))
}

function decode(bytes: Uint8Array): CatalogObject {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as CatalogObject
  } catch (cause) {
    throw new OrbitError('STORAGE_CORRUPT', 'a catalog record is not readable', {}, { cause })
  }
}

/** Names of objects: 1 to 128 characters, no control characters. @throws SCHEMA_INVALID */
export function checkName(kind: ObjectKind, name: unknown): void {
  if (typeof name === 'string' && /^[^\u0000-\u001f\u007f]{1,128}$/u.test(name)) return
  throw new OrbitError(
    'SCHEMA_INVALID',
    `name of a ${KIND_NAMES[kind]}: ${JSON.stringify(name) ?? typeof name} is not 1 to 128 characters without control characters`,
    { kind, field: 'name' },
  )
}

const encodeRanges = (ranges: readonly HexRange[]): Uint8Array => Buffer.from(JSON.stringify(ranges))

const hex = (bound: Uint8Array | undefined): string | null =>
  bound === undefined ? null : Buffer.from(bound).toString('hex')

function range(start: string | null, end: string | null): KeyRange {
  return {
    ...(start === null ? {} : { start: Buffer.from(start, 'hex') }),
    ...(end === null ? {} : { end: Buffer.from(end, 'hex') }),
  }
}
