/**
 * The definitions of all objects, kept in the store itself.
 *
 * Invariants:
 * 1. An object is one record under (kind, name). Its id is never used again, so data of a dropped object can be
 *    removed after the drop has committed, in as many steps as it takes.
 * 2. Who writes an object's data holds one of its guards locked `shared`; who changes the record locks all of them
 *    exclusively first. So neither can overlook the other. There are many guards because sharers of one key follow one
 *    another while they commit on TiKV, and because one that is killed then leaves its guard locked for a while.
 * 3. What a drop or a change leaves to be done over the data is noted in the same transaction; `Tasks` does it.
 * 4. Every change writes the catalog's version, which no two states share. What was worked out of the whole catalog
 *    holds for as long as a transaction reads the same version.
 * 5. Records, the catalog's version and guards are leased keys of the store (`LockOptions.leased`): every change locks the
 *    version so before it reads what it depends on.
 * 6. Beside objects there are records: whatever else a language keeps of definitions (`CatalogRecord`). They take their
 *    ids from the same numbers.
 */
import {
  OrbitError,
  concatBytes,
  didYouMean,
  equalBytes,
  fromUtf8,
  toBinaryString,
  toHex,
} from '@orbit-ts/base'
import type { KeyRange, NamedKind, Transaction } from '@orbit-ts/storage'
import { catalogKeys, formatKey, parseKey } from '@orbit-ts/storage'
import { LruCache } from '../cache/lru-cache.js'
import type { Parsed, TiKVCacheManager } from '../cache/tikv-cache-manager.js'
import { describe } from '../filter/filter-tree.js'
import type { Model, ModelContext } from '../models/model.js'
import {
  KIND_NAMES,
  OBJECT_KINDS,
  isObjectKind,
  type CatalogObject,
  type CatalogRecord,
  type ObjectKind,
} from './catalog-object.js'
import { CATALOG_VERSION, definitionOf, guardKey } from './definition-key.js'
import {
  buildAtOnce,
  endBuild,
  forgetBuild,
  isSmall,
  noteBuild,
  type BuildOutcome,
  type IndexedObject,
} from './index-builds.js'
import { idsIn, statusOf, withStatus, type Indexed } from './index-status.js'
import { notePurge, purgeTask } from './purge.js'

/** The highest id that an object ever had. */
const OBJECT_IDS = catalogKeys.sequence('object')

/** Under which an object's statistics are kept. */
const STATISTICS_NAME = 'columns'

/** Records that a change of a definition takes into new indexes in its own transaction, by default. */
export const STEP_RECORDS_MAX = 5000

/** The kinds of ids in keys that are catalog ids; the others are ids within an object. */
const OBJECT_NAMED: ReadonlySet<NamedKind> = new Set<NamedKind>(['table', 'collection', 'graph', 'object'])

/** The whole catalog, as one transaction sees it. */
export interface CatalogContents {
  /** Differs for any two states; empty while nothing was ever defined. */
  readonly version: string
  readonly objects: readonly CatalogObject[]
  readonly records: readonly CatalogRecord[]
  /** By the id of the object that they are of. */
  readonly statistics: ReadonlyMap<number, unknown>
}

/** Told of the catalog's version, when it has been read. */
export type OnVersion = (version: Uint8Array | undefined) => void

/** What a change made of an object; of one version when it changed nothing. */
export interface Change<Definition = unknown> {
  readonly before: CatalogObject<Definition>
  readonly after: CatalogObject<Definition>
}

/** Definitions are leased keys of the store, by their guards and by the catalog's version. */
const LEASED = { leased: true } as const

/** Of one object. */
const GUARDS = 64

const NOTHING = (): Promise<void> => Promise.resolve()

/** What the catalog keeps in memory of what it has read. */
export type CatalogCaches = Pick<TiKVCacheManager, 'schemas' | 'statistics'>

/** Parsed text takes about so many times the bytes that it is stored in; they are kept beside it. */
const PARSED_FACTOR = 5
const OWN_CACHE_BYTES = 32 * 1024 * 1024

export class Catalog {
  readonly #schemas: LruCache<Parsed<CatalogObject>>
  readonly #statistics: LruCache<Parsed<unknown>>
  readonly #names = new Map<number, string>()
  readonly #derived = new Map<object, { readonly version: Uint8Array; readonly value: unknown }>()
  readonly #stepRecordsMax: number
  /** They are taken in turn, so that no two of this process meet at one soon. */
  #lastGuard = 0

  /**
   * @param stepRecordsMax indexes over more records are built in steps.
   * @param caches of what was parsed, valid as long as the stored bytes are the same.
   */
  constructor(stepRecordsMax: number = STEP_RECORDS_MAX, caches: CatalogCaches = ownCaches()) {
    this.#stepRecordsMax = stepRecordsMax
    this.#schemas = caches.schemas
    this.#statistics = caches.statistics
  }

  /** The object as `storage` sees it, or undefined. One point read. */
  async find(storage: Transaction, kind: ObjectKind, name: string): Promise<CatalogObject | undefined> {
    const key = recordKey(kind, name)
    const bytes = await storage.get(key, LEASED)
    if (bytes !== undefined) return this.#decode(key, bytes)
    this.#schemas.invalidate(toBinaryString(key))
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

  /** The catalog's version as `storage` sees it; undefined while nothing was ever defined. One point read. */
  version(storage: Transaction): Promise<Uint8Array | undefined> {
    return storage.get(CATALOG_VERSION, LEASED)
  }

  /** See `ModelContext.ofAllTables`. */
  ofAllTables<T>(
    storage: Transaction,
    derive: (tables: readonly CatalogObject[]) => T,
    onVersion?: OnVersion,
  ): Promise<T> {
    return this.#derive(storage, derive, async () => derive(await this.list(storage, 'table')), onVersion)
  }

  /** See `ModelContext.ofCatalog`. */
  ofCatalog<T>(
    storage: Transaction,
    derive: (contents: CatalogContents) => T,
    onVersion?: OnVersion,
  ): Promise<T> {
    return this.#derive(
      storage,
      derive,
      async (version) => derive({ version: versionText(version), ...(await this.#contents(storage)) }),
      onVersion,
    )
  }

  async #derive<T>(
    storage: Transaction,
    derive: object,
    make: (version: Uint8Array | undefined) => Promise<T>,
    onVersion?: OnVersion,
  ): Promise<T> {
    const version = await this.version(storage)
    onVersion?.(version)
    const known = this.#derived.get(derive)
    // What is kept under this function was made by it.
    if (version !== undefined && known !== undefined && equalBytes(known.version, version)) {
      this.#schemas.countHit()
      return known.value as T
    }
    const value = await make(version)
    if (version !== undefined && (await this.#isStill(storage, version)))
      this.#derived.set(derive, { version, value })
    return value
  }

  /** Without a snapshot what was read may be newer than the version. */
  async #isStill(storage: Transaction, version: Uint8Array): Promise<boolean> {
    if (storage.isolation !== 'read-committed') return true
    const now = await this.version(storage)
    return now !== undefined && equalBytes(now, version)
  }

  async #contents(storage: Transaction): Promise<Omit<CatalogContents, 'version'>> {
    const objects: CatalogObject[] = []
    const records: CatalogRecord[] = []
    for await (const chunk of storage.scan(catalogKeys.names())) {
      for (const { key, value } of chunk) {
        const kind = kindOfKey(key)
        if (isObjectKind(kind)) objects.push(this.#decode(key, value))
        else records.push(decodeRecord(value))
      }
    }
    const statistics = new Map<number, unknown>()
    for await (const chunk of storage.scan(catalogKeys.allStatistics())) {
      for (const { key, value } of chunk) {
        const parsed = parseKey(key)
        if (parsed.model === 'catalog' && parsed.kind === 'statistics')
          statistics.set(parsed.id, this.#decodeStatistics(key, value))
      }
    }
    return { objects, records, statistics }
  }

  /** Locks what every change of the catalog writes, so that changes queue instead of conflicting. */
  reserveAll(storage: Transaction): Promise<void> {
    return storage.lock([OBJECT_IDS, CATALOG_VERSION], LEASED)
  }

  /** A new id. The caller has called `reserveAll`. */
  nextId(storage: Transaction): Promise<number> {
    return nextObjectId(storage)
  }

  /** Stores a record, new or changed. The caller has called `reserveAll`. */
  async putRecord(context: ModelContext, record: CatalogRecord): Promise<void> {
    context.storage.put(catalogKeys.name(record.kind, record.name), Buffer.from(JSON.stringify(record)))
    await touch(context)
  }

  async deleteRecord(
    context: ModelContext,
    { kind, name }: Pick<CatalogRecord, 'kind' | 'name'>,
  ): Promise<void> {
    context.storage.delete(catalogKeys.name(kind, name))
    await touch(context)
  }

  /** Keeps what is known of an object's data, plain JSON. Undefined takes it away. */
  async putStatistics(context: ModelContext, id: number, statistics: unknown): Promise<void> {
    const key = catalogKeys.statistics(id, STATISTICS_NAME)
    if (statistics === undefined) context.storage.delete(key)
    else context.storage.put(key, Buffer.from(JSON.stringify(statistics)))
    await touch(context)
  }

  /** Stores a definition that was made complete elsewhere, under a name that need not be one that users give. */
  async createDefined<Definition>(
    context: ModelContext,
    model: Model<never, Definition>,
    name: string,
    definition: Definition,
  ): Promise<CatalogObject<Definition>> {
    const { storage } = context
    await this.reserve(storage, [{ kind: model.kind, name }])
    const object = { kind: model.kind, name, id: await nextObjectId(storage), version: 1, definition }
    storage.insert(recordKey(model.kind, name), encode(object))
    await touch(context)
    await model.afterCreate?.(context, object)
    return object
  }

  /**
   * Replaces a definition by one that was made complete elsewhere. New indexes are built as `change` has them built;
   * everything else that the data needs is the caller's.
   * @param name what the object is called from now on.
   */
  async redefine<Definition>(
    context: ModelContext,
    model: Model<never, Definition>,
    before: CatalogObject<Definition & Indexed>,
    definition: Definition & Indexed,
    name: string = before.name,
  ): Promise<Change<Definition>> {
    const { storage } = context
    await storage.lock([...keysOfChange(model.kind, before.name), recordKey(model.kind, name)], LEASED)
    if (name !== before.name) storage.delete(recordKey(model.kind, before.name))
    return this.#changeTo(context, { ...model, afterChange: NOTHING }, before, definition, name)
  }

  /**
   * As `redefine`, for data that the caller writes anew under other keys, indexes and all.
   * @param left the keys that the data had
   */
  async replace<Definition>(
    context: ModelContext,
    before: CatalogObject<Definition>,
    definition: Definition,
    left: readonly KeyRange[],
  ): Promise<Change<Definition>> {
    const { storage } = context
    await storage.lock(keysOfChange(before.kind, before.name), LEASED)
    const after = { ...before, version: before.version + 1, definition }
    await this.#store(context, after)
    forgetBuild(storage, before.id)
    notePurge(storage, purgeTask(after.id, after.version), left)
    return { before, after }
  }

  /** A key of any model, for people: with the names of objects seen so far. */
  format(key: Uint8Array): string {
    return (
      definitionOf(key) ??
      formatKey(key, { resolve: (kind, id) => (OBJECT_NAMED.has(kind) ? this.#names.get(id) : undefined) })
    )
  }

  /** Protects the definition until the transaction ends; see invariant 2. */
  protect(storage: Transaction, kind: ObjectKind, name: string): Promise<void> {
    this.#lastGuard = (this.#lastGuard + 1) % GUARDS
    return storage.lock([guardKey(kind, name, this.#lastGuard)], { mode: 'shared', ...LEASED })
  }

  /**
   * Locks objects that are going to be created or changed. Called before the transaction reads anything it makes
   * whoever changes the same ones wait, instead of one of the two starting again.
   */
  reserve(
    storage: Transaction,
    objects: readonly { readonly kind: ObjectKind; readonly name: string }[],
  ): Promise<void> {
    const keys = [OBJECT_IDS, ...objects.flatMap(({ kind, name }) => keysOfChange(kind, name))]
    return storage.lock(keys, LEASED)
  }

  /** The object when it is there and `input` would leave it as it is; otherwise undefined. Locks nothing. */
  async findAsDeclared<Definition>(
    storage: Transaction,
    model: Model<unknown, Definition & Indexed>,
    { name, input }: { readonly name: string; readonly input: unknown },
  ): Promise<CatalogObject | undefined> {
    const object = await this.find(storage, model.kind, name)
    if (object === undefined) return undefined
    // The kind says which model wrote the definition, so it is this model's.
    return evolve(model, object as CatalogObject<Definition & Indexed>, input) === undefined
      ? object
      : undefined
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
    await touch(context)
    await model.afterCreate?.(context, object)
    return object
  }

  /** Brings the stored definition to what `input` declares. */
  async change<Input, Definition>(
    context: ModelContext,
    model: Model<Input, Definition>,
    name: string,
    input: Input,
  ): Promise<Change<Definition>> {
    const { storage } = context
    await storage.lock(keysOfChange(model.kind, name), LEASED)
    // The kind says which model wrote the definition, so it is this model's.
    const before = (await this.require(storage, model.kind, name)) as CatalogObject<Definition & Indexed>
    const declared = evolve(model, before, input)
    if (declared === undefined) return { before, after: before }
    return this.#changeTo(context, model, before, declared, name)
  }

  async #changeTo<Definition>(
    context: ModelContext,
    model: Model<never, Definition>,
    before: CatalogObject<Definition & Indexed>,
    declared: Definition & Indexed,
    name: string,
  ): Promise<Change<Definition>> {
    const { storage } = context
    const added = addedIndexes(model, before.definition, declared)
    const draft = { ...before, name, version: before.version + 1, definition: declared }
    const { builds } = model
    const isOnline =
      builds !== undefined && !(await isSmall(storage, builds, draft, added, this.#stepRecordsMax))
    const after = isOnline ? { ...draft, definition: building(declared, added) } : draft
    await this.#store(context, after)
    await model.afterChange?.(context, before, after)
    if (isOnline) await noteBuild(storage, after, added)
    else if (builds !== undefined) for (const id of added) await buildAtOnce(context, builds, after, id)
    noteObsolete(storage, model, before, after)
    return { before, after }
  }

  /** Takes over what a build has come to. */
  async settle(
    context: ModelContext,
    model: Model<never, Indexed>,
    { objectId, name, indexId, status }: BuildOutcome,
  ): Promise<IndexedObject | undefined> {
    const { storage } = context
    await storage.lock(keysOfChange(model.kind, name), LEASED)
    const before = (await this.find(storage, model.kind, name)) as IndexedObject | undefined
    if (before?.id !== objectId || statusOf(before.definition, indexId)?.state !== 'building')
      return undefined
    const definition = withStatus(before.definition, indexId, status)
    const after = { ...before, version: before.version + 1, definition }
    await this.#store(context, after)
    await endBuild(storage, objectId, indexId)
    if (status !== undefined && model.builds !== undefined)
      notePurge(storage, purgeTask(objectId, after.version), [model.builds.entries(before, indexId)])
    return after
  }

  /** Takes the object out of the catalog and notes its data for removal; returns its id. */
  async drop<Definition>(
    context: ModelContext,
    model: Model<never, Definition>,
    name: string,
  ): Promise<number> {
    const { storage } = context
    await storage.lock(keysOfChange(model.kind, name), LEASED)
    const object = (await this.require(storage, model.kind, name)) as CatalogObject<Definition>
    await model.beforeDrop?.(context, object)
    storage.delete(recordKey(model.kind, name))
    await touch(context)
    forgetBuild(storage, object.id)
    notePurge(storage, purgeTask(object.id), model.dataRanges(object.id, object.definition))
    return object.id
  }

  async #store(context: ModelContext, object: CatalogObject): Promise<void> {
    context.storage.put(recordKey(object.kind, object.name), encode(object))
    await touch(context)
  }

  #decodeStatistics(key: Uint8Array, bytes: Uint8Array): unknown {
    return remembered(this.#statistics, key, bytes, (text) => JSON.parse(fromUtf8(text)) as unknown)
  }

  #decode(key: Uint8Array, bytes: Uint8Array): CatalogObject {
    const object = remembered(this.#schemas, key, bytes, decode)
    this.#names.set(object.id, object.name)
    const storage = storageOf(object.definition)
    if (storage !== undefined) this.#names.set(storage, object.name)
    return object
  }
}

/**
 * What `input` makes of the definition. An index that is invalid counts as one that is not there: declared again it is
 * another one, which is built anew.
 */
function evolve<Input, Definition>(
  model: Model<Input, Definition>,
  object: CatalogObject<Definition & Indexed>,
  input: Input,
): (Definition & Indexed) | undefined {
  const { unready, ...rest } = object.definition
  const invalid = new Set(idsIn(object.definition, 'invalid'))
  // Nothing but the status of indexes was left out.
  const known = rest as Definition & Indexed
  const valid = invalid.size === 0 ? known : (model.builds?.without(known, invalid) ?? known)
  const declared =
    model.evolve({ ...object, definition: valid }, input) ?? (invalid.size > 0 ? valid : undefined)
  if (declared === undefined) return undefined
  const kept = new Set(model.builds?.ids(declared))
  return building(
    declared,
    unready === undefined ? [] : idsIn(object.definition, 'building').filter((id) => kept.has(id)),
  )
}

function building<Definition extends Indexed>(definition: Definition, ids: readonly number[]): Definition {
  return ids.reduce((marked, id) => withStatus(marked, id, { state: 'building' }), definition)
}

function addedIndexes<Definition>(
  { builds }: Model<never, Definition>,
  before: Definition & Indexed,
  after: Definition & Indexed,
): number[] {
  const known = new Set(builds?.ids(before))
  return (builds?.ids(after) ?? []).filter((id) => !known.has(id))
}

function noteObsolete<Definition>(
  storage: Transaction,
  model: Model<never, Definition>,
  before: CatalogObject<Definition & Indexed>,
  after: CatalogObject<Definition & Indexed>,
): void {
  const removed = addedIndexes(model, after.definition, before.definition)
  const ranges = [
    ...removed.flatMap((id) => model.builds?.entries(before, id) ?? []),
    ...(model.obsoleteRanges?.(before, after) ?? []),
  ]
  if (ranges.length > 0) notePurge(storage, purgeTask(after.id, after.version), ranges)
}

/** What a change of an object writes besides data; locked first, so that changes queue instead of conflicting. */
function keysOfChange(kind: ObjectKind, name: string): Uint8Array[] {
  const guards = Array.from({ length: GUARDS }, (_, at) => guardKey(kind, name, at))
  return [CATALOG_VERSION, recordKey(kind, name), ...guards]
}

/** A version as `CatalogContents` has it. */
export function versionText(version: Uint8Array | undefined): string {
  return version === undefined ? '' : toHex(version)
}

/** Gives the catalog a version that it never had: a count, and chance for transactions that are rolled back. */
async function touch({ storage, env }: ModelContext): Promise<void> {
  // Whoever gets here holds it already.
  await storage.lock([CATALOG_VERSION], LEASED)
  const stored = await storage.get(CATALOG_VERSION)
  const count = Buffer.alloc(6)
  count.writeUIntBE(stored === undefined ? 1 : Buffer.from(stored).readUIntBE(0, 6) + 1, 0, 6)
  storage.put(CATALOG_VERSION, concatBytes(count, env.random.bytes(8)))
}

/** What the bytes mean, remembered by their key. */
function remembered<T>(
  cache: LruCache<Parsed<T>>,
  key: Uint8Array,
  bytes: Uint8Array,
  parse: (bytes: Uint8Array) => T,
): T {
  const name = toBinaryString(key)
  const known = cache.find(name)
  if (known !== undefined && equalBytes(known.bytes, bytes)) {
    cache.countHit()
    return known.value
  }
  cache.countMiss()
  if (known !== undefined) cache.invalidate(name)
  const value = parse(bytes)
  cache.set(name, { bytes, value }, PARSED_FACTOR * bytes.byteLength)
  return value
}

function ownCaches(): CatalogCaches {
  return { schemas: new LruCache(OWN_CACHE_BYTES), statistics: new LruCache(OWN_CACHE_BYTES) }
}

/** The id that keys of a table's data have where it is another than the object's. */
function storageOf(definition: unknown): number | undefined {
  if (typeof definition !== 'object' || definition === null || !('storage' in definition)) return undefined
  return typeof definition.storage === 'number' ? definition.storage : undefined
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

function kindOfKey(key: Uint8Array): string {
  const parsed = parseKey(key)
  return parsed.model === 'catalog' && parsed.kind === 'name' ? parsed.objectKind : ''
}

function decodeRecord(bytes: Uint8Array): CatalogRecord {
  try {
    return JSON.parse(fromUtf8(bytes)) as CatalogRecord
  } catch (cause) {
    throw new OrbitError('STORAGE_CORRUPT', 'a catalog record is not readable', {}, { cause })
  }
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
    `name of a ${KIND_NAMES[kind]}: ${describe(name)} is not 1 to 128 characters without control characters`,
    { kind, field: 'name' },
  )
}
