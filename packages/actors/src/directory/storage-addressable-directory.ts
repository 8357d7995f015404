/**
 * The addressable directory over any storage provider.
 *
 * Invariants:
 * 1. One entry per addressable holds the present lease, if any, and the highest version and epoch ever given. The
 *    entry stays when the lease goes, so neither starts again.
 * 2. The lists by node and by expiry are changed in the same transaction as the entry, and agree with it.
 * 3. The clock is the one the provider was built with; no time from a caller is compared.
 * 4. Grants and removals write the entry's epoch key, renewals do not: so a state write that shares the epoch key
 *    conflicts exactly with what takes the actor away.
 */
import { EMPTY_BYTES, OrbitError, defined, systemEnv, type Env } from '@orbit-ts/base'
import {
  actorKeys,
  formatKey,
  parseKey,
  type KeyRange,
  type Reader,
  type StorageProvider,
  type Transaction,
} from '@orbit-ts/storage'
import type {
  AddressableDirectoryProvider,
  AddressableLease,
  AddressableReference,
  LeaseClaim,
  RegisterRequest,
  Registration,
} from './addressable-directory.js'
import { checkText, checkTtl, checkVersion, decodeRecord, encodeRecord } from './lease-record.js'

interface Holding {
  readonly nodeId: string
  readonly grantedAtMs: number
  readonly expiresAtMs: number
}

interface Entry {
  readonly version: number
  readonly epoch: number
  readonly holding?: Holding | undefined
}

interface HeldEntry extends Entry {
  readonly holding: Holding
}

/** What a change answers, and the entry it leaves if it changes it. */
interface Step<Result> {
  readonly result: Result
  readonly after?: Entry
}

const NO_ENTRY: Entry = { version: 0, epoch: 0 }
const CHUNK = 256
const TEXT_BYTES_MAX = 1024
const NODE_ID_BYTES_MAX = 256

export class StorageAddressableDirectory implements AddressableDirectoryProvider {
  readonly #storage: StorageProvider
  readonly #env: Env

  constructor(storage: StorageProvider, options: { readonly env?: Env } = {}) {
    this.#storage = storage
    this.#env = options.env ?? systemEnv
  }

  async register(request: RegisterRequest): Promise<Registration> {
    const [registration] = await this.registerMany([request])
    return defined(registration, 'the answer to a registration')
  }

  registerMany(requests: readonly RegisterRequest[]): Promise<Registration[]> {
    for (const request of requests) checkRequest(request)
    return this.#change(requests, (request, entry) => this.#register(request, entry))
  }

  async lookup(reference: AddressableReference): Promise<AddressableLease | undefined> {
    return (await this.lookupMany([reference]))[0]
  }

  async lookupMany(references: readonly AddressableReference[]): Promise<(AddressableLease | undefined)[]> {
    references.forEach(checkReference)
    await using snapshot = await this.#storage.snapshot()
    const entries = await readEntries(snapshot, references)
    return references.map((reference, index) => this.#inEffect(reference, entries[index] ?? NO_ENTRY))
  }

  async renew(claim: LeaseClaim, ttlMs: number): Promise<AddressableLease> {
    checkClaim(claim)
    checkTtl(ttlMs)
    const [lease] = await this.#change([claim], (each, entry) => {
      this.#requireHolder(each, entry)
      return this.#renew(each, entry, ttlMs)
    })
    return defined(lease, 'the answer to a renewal')
  }

  renewMany(claims: readonly LeaseClaim[], ttlMs: number): Promise<(AddressableLease | undefined)[]> {
    claims.forEach(checkClaim)
    checkTtl(ttlMs)
    return this.#change(claims, (claim, entry) => this.#renew(claim, entry, ttlMs))
  }

  async remove(claim: LeaseClaim): Promise<boolean> {
    return (await this.removeMany([claim]))[0] ?? false
  }

  removeMany(claims: readonly LeaseClaim[]): Promise<boolean[]> {
    claims.forEach(checkClaim)
    return this.#change(claims, (claim, entry) => {
      if (this.#inEffect(claim.reference, entry) === undefined) return { result: false }
      this.#requireHolder(claim, entry)
      return { result: true, after: freed(entry) }
    })
  }

  async removeByNode(nodeId: string): Promise<number> {
    checkText('nodeId', nodeId, NODE_ID_BYTES_MAX)
    let removed = 0
    for (;;) {
      const step = await this.#storage.transact((tx) => freeFirst(tx, actorKeys.entriesOfNode(nodeId), CHUNK))
      removed += step
      if (step < CHUNK) return removed
    }
  }

  async *listByNode(nodeId: string): AsyncGenerator<AddressableLease[]> {
    checkText('nodeId', nodeId, NODE_ID_BYTES_MAX)
    await using snapshot = await this.#storage.snapshot()
    for await (const chunk of snapshot.scan(actorKeys.entriesOfNode(nodeId), { keysOnly: true })) {
      const references = chunk.map(({ key }) => referenceOf(key))
      const entries = await readEntries(snapshot, references)
      const leases = references.map((reference, index) =>
        this.#inEffect(reference, entries[index] ?? NO_ENTRY),
      )
      const inEffect = leases.filter((lease) => lease !== undefined)
      if (inEffect.length > 0) yield inEffect
    }
  }

  async *listAll(type?: string): AsyncGenerator<AddressableLease[]> {
    if (type !== undefined) checkText('type', type, TEXT_BYTES_MAX)
    await using snapshot = await this.#storage.snapshot()
    for await (const chunk of snapshot.scan(actorKeys.directoryEntries(type))) {
      const leases = chunk.map(({ key, value }) => this.#inEffect(referenceOf(key), decodeEntry(value)))
      const inEffect = leases.filter((lease) => lease !== undefined)
      if (inEffect.length > 0) yield inEffect
    }
  }

  async cleanupExpired(options: { readonly limit?: number } = {}): Promise<number> {
    const { limit = Infinity } = options
    let cleaned = 0
    while (cleaned < limit) {
      const count = Math.min(CHUNK, limit - cleaned)
      const overdue = actorKeys.entriesExpiring(this.#env.clock.nowMs() + 1)
      const step = await this.#storage.transact((tx) => freeFirst(tx, overdue, count))
      cleaned += step
      if (step < count) break
    }
    return cleaned
  }

  async requireEpoch(tx: Transaction, reference: AddressableReference, epoch: number): Promise<void> {
    checkReference(reference)
    checkVersion('epoch', epoch)
    // Grants and removals write the epoch key, renewals do not: what is shared is that the holder stays the same.
    await tx.lock([actorKeys.epoch(reference)], { mode: 'shared' })
    const [entry = NO_ENTRY] = await readEntries(tx, [reference])
    if (entry.epoch === epoch && this.#inEffect(reference, entry) !== undefined) return
    const reason =
      entry.epoch === epoch ? 'has expired or was given up' : `is not the latest grant, ${entry.epoch}`
    throw new OrbitError('LEASE_FENCED', `${nameOf(reference)}: epoch ${epoch} ${reason}; register again`, {
      reference,
      epoch,
      latestEpoch: entry.epoch,
    })
  }

  /** Applies `step` to the entry of each request, in order and in one transaction. */
  #change<Request extends { readonly reference: AddressableReference }, Result>(
    requests: readonly Request[],
    step: (request: Request, entry: Entry) => Step<Result>,
  ): Promise<Result[]> {
    return this.#storage.transact(async (tx) => {
      const references = requests.map((request) => request.reference)
      const entries = await readEntries(tx, references)
      // The same addressable twice in one call: the later request builds on what the earlier one did.
      const changed = new Map<string, Entry>()
      return requests.map((request, index) => {
        const id = nameOf(request.reference)
        const before = changed.get(id) ?? entries[index] ?? NO_ENTRY
        const { result, after } = step(request, before)
        if (after !== undefined) {
          changed.set(id, after)
          store(tx, request.reference, before, after)
        }
        return result
      })
    })
  }

  #register({ reference, nodeId, ttlMs, replaceVersion }: RegisterRequest, entry: Entry): Step<Registration> {
    const present = this.#inEffect(reference, entry)
    if (present !== undefined && replaceVersion !== present.version) {
      return { result: { granted: false, lease: present } }
    }
    const nowMs = this.#env.clock.nowMs()
    const after: HeldEntry = {
      version: entry.version + 1,
      epoch: entry.epoch + 1,
      holding: { nodeId, grantedAtMs: nowMs, expiresAtMs: nowMs + ttlMs },
    }
    return { result: { granted: true, lease: leaseOf(reference, after) }, after }
  }

  #renew(claim: LeaseClaim, entry: Entry, ttlMs: number): Step<AddressableLease | undefined> {
    if (!this.#isHolder(claim, entry) || entry.holding === undefined) return { result: undefined }
    const after: HeldEntry = {
      ...entry,
      version: entry.version + 1,
      holding: { ...entry.holding, expiresAtMs: this.#env.clock.nowMs() + ttlMs },
    }
    return { result: leaseOf(claim.reference, after), after }
  }

  #inEffect(reference: AddressableReference, entry: Entry): AddressableLease | undefined {
    const { holding } = entry
    if (holding === undefined || holding.expiresAtMs <= this.#env.clock.nowMs()) return undefined
    return leaseOf(reference, { ...entry, holding })
  }

  #isHolder(claim: LeaseClaim, entry: Entry): boolean {
    const lease = this.#inEffect(claim.reference, entry)
    return lease?.nodeId === claim.nodeId && lease.version === claim.version
  }

  #requireHolder(claim: LeaseClaim, entry: Entry): void {
    if (this.#isHolder(claim, entry)) return
    const lease = this.#inEffect(claim.reference, entry)
    const present =
      lease === undefined ? 'no lease is in effect' : `node "${lease.nodeId}" holds version ${lease.version}`
    throw new OrbitError(
      'LEASE_CONFLICT',
      `${nameOf(claim.reference)}: node "${claim.nodeId}" claims version ${claim.version}, but ${present}`,
      { reference: claim.reference, ...(lease === undefined ? {} : { lease }) },
    )
  }
}

async function readEntries(reader: Reader, references: readonly AddressableReference[]): Promise<Entry[]> {
  const stored = await reader.getMany(references.map((reference) => actorKeys.directory(reference)))
  return stored.map((bytes) => (bytes === undefined ? NO_ENTRY : decodeEntry(bytes)))
}

function decodeEntry(bytes: Uint8Array): Entry {
  return decodeRecord<Entry>(bytes, 'addressable directory')
}

/** Frees the first `count` entries of a list by node or by expiry; returns how many there were. */
async function freeFirst(tx: Transaction, range: KeyRange, count: number): Promise<number> {
  const references: AddressableReference[] = []
  for await (const chunk of tx.scan(range, { keysOnly: true, limit: count })) {
    for (const { key } of chunk) references.push(referenceOf(key))
  }
  const entries = await readEntries(tx, references)
  references.forEach((reference, index) => {
    const entry = entries[index] ?? NO_ENTRY
    store(tx, reference, entry, freed(entry))
  })
  return references.length
}

function freed(entry: Entry): Entry {
  return { version: entry.version + 1, epoch: entry.epoch }
}

/** Writes the entry and what is derived from it; see invariants 2 and 4. */
function store(tx: Transaction, reference: AddressableReference, before: Entry, after: Entry): void {
  if (before.holding !== undefined) {
    tx.delete(actorKeys.byNode(before.holding.nodeId, reference))
    tx.delete(actorKeys.byExpiry(before.holding.expiresAtMs, reference))
  }
  if (after.holding !== undefined) {
    tx.put(actorKeys.byNode(after.holding.nodeId, reference), EMPTY_BYTES)
    tx.put(actorKeys.byExpiry(after.holding.expiresAtMs, reference), EMPTY_BYTES)
  }
  tx.put(actorKeys.directory(reference), encodeRecord(after))
  const takenAway = after.epoch !== before.epoch || after.holding === undefined
  if (takenAway) tx.put(actorKeys.epoch(reference), encodeRecord({ epoch: after.epoch }))
}

function leaseOf(reference: AddressableReference, { version, epoch, holding }: HeldEntry): AddressableLease {
  return { reference: { type: reference.type, key: reference.key }, version, epoch, ...holding }
}

function referenceOf(key: Uint8Array): AddressableReference {
  const parsed = parseKey(key)
  if ('address' in parsed) return parsed.address
  throw new OrbitError('STORAGE_CORRUPT', `${formatKey(key)} is not a key of the addressable directory`)
}

function nameOf(reference: AddressableReference): string {
  return `addressable ${JSON.stringify(reference.type)} ${JSON.stringify(reference.key)}`
}

function checkReference(reference: AddressableReference): void {
  checkText('reference.type', reference.type, TEXT_BYTES_MAX)
  checkText('reference.key', reference.key, TEXT_BYTES_MAX)
}

function checkClaim(claim: LeaseClaim): void {
  checkReference(claim.reference)
  checkText('nodeId', claim.nodeId, NODE_ID_BYTES_MAX)
  checkVersion('version', claim.version)
}

function checkRequest(request: RegisterRequest): void {
  checkReference(request.reference)
  checkText('nodeId', request.nodeId, NODE_ID_BYTES_MAX)
  checkTtl(request.ttlMs)
  if (request.replaceVersion !== undefined) checkVersion('replaceVersion', request.replaceVersion)
}
