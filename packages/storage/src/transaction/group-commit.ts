/**
 * Validates commits in order and writes them to the engine in groups: while one group is being made durable, the next
 * one gathers.
 *
 * Invariants:
 * 1. One group is under way at a time; its members get consecutive numbers in the order in which they were submitted.
 * 2. A member is validated against every commit before it, those of its own group included.
 * 3. Priors go into the history before the engine's write begins, unless nobody can need them: no snapshot is open
 *    outside the group and none may open before the write has ended (`blindWrite`).
 * 4. Members learn their outcome only after the whole group is in the engine, durable if any of them asked for it. That
 *    goes for refusals too: what a member conflicts with, or finds to exist, may be of its own group.
 * 5. When the engine's write fails in a way that leaves the outcome open, every accepted member gets
 *    COMMIT_UNDETERMINED and the store takes no more work: what the engine holds in memory can no longer be trusted to
 *    be on disk. A read that fails before the write leaves nothing open.
 */
import { OrbitError, hasCode, toHex } from '@orbit-ts/base'
import type { IsolationLevel } from '../provider.js'
import type { EngineWrite } from './local-engine.js'
import { VERSION_KEY, encodeVersion } from './version-key.js'
import type { StoreState } from './store-state.js'
import type { BufferedWrite, WriteBuffer } from './write-buffer.js'

/** What a transaction has read, for `serializable`. */
export interface ReadSet {
  readonly ids: ReadonlySet<string>
  readonly ranges: readonly { readonly start: string | undefined; readonly end: string | undefined }[]
}

export interface CommitRequest {
  readonly buffer: WriteBuffer
  readonly isolation: IsolationLevel
  /** The commit that the transaction's snapshot reads at; undefined when it has none, and so cannot conflict. */
  readonly snapshotSeq: number | undefined
  readonly reads: ReadSet | undefined
  /** Locked keys by binary string. */
  readonly exclusive: ReadonlyMap<string, Uint8Array>
  readonly shared: ReadonlyMap<string, Uint8Array>
  readonly sync: boolean
  /** Why the transaction must not commit after all, if so. */
  readonly refused: () => OrbitError | undefined
}

/** A request with its outcome. Its fields are copied one by one: spreading them took a fifth of a small commit. */
class Member implements CommitRequest {
  readonly buffer: WriteBuffer
  readonly isolation: IsolationLevel
  readonly snapshotSeq: number | undefined
  readonly reads: ReadSet | undefined
  readonly exclusive: ReadonlyMap<string, Uint8Array>
  readonly shared: ReadonlyMap<string, Uint8Array>
  readonly sync: boolean
  readonly refused: () => OrbitError | undefined
  readonly outcome: Promise<number>
  #resolve: (seq: number) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(request: CommitRequest) {
    this.buffer = request.buffer
    this.isolation = request.isolation
    this.snapshotSeq = request.snapshotSeq
    this.reads = request.reads
    this.exclusive = request.exclusive
    this.shared = request.shared
    this.sync = request.sync
    this.refused = request.refused
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  resolve(seq: number): void {
    this.#resolve(seq)
  }

  reject(error: unknown): void {
    this.#reject(error)
  }
}

/** What the members accepted so far write and rely on. */
interface Group {
  readonly writes: Map<string, BufferedWrite>
  /** Keys locked without being written, and those of them that were locked exclusively. */
  readonly touched: Set<string>
  readonly claimed: Set<string>
}

interface Accepted {
  readonly member: Member
  readonly seq: number
}

interface Refused {
  readonly member: Member
  readonly error: OrbitError
}

const GROUP_MEMBERS_MAX = 1024
const GROUP_BYTES_MAX = 16 * 1024 * 1024
const PRIORS_CHUNK = 4096

export class GroupCommit {
  readonly #state: StoreState
  #queue: Member[] = []
  #group: readonly Member[] = []
  #running: Promise<void> | undefined

  constructor(state: StoreState) {
    this.#state = state
  }

  /** Resolves to the commit's number once it is in the engine. */
  submit(request: CommitRequest): Promise<number> {
    const member = new Member(request)
    this.#queue.push(member)
    this.#running ??= this.#run()
    return member.outcome
  }

  /** Waits for commits already on their way that write, or (`used`) write or share, one of these keys. */
  async settled(ids: readonly string[], how: 'written' | 'used'): Promise<void> {
    const involved = [...this.#group, ...this.#queue].filter((member) =>
      ids.some((id) => member.buffer.has(id) || (how === 'used' && member.shared.has(id))),
    )
    await Promise.allSettled(involved.map((member) => member.outcome))
  }

  /** Waits until nothing is queued or under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async #run(): Promise<void> {
    // Let everything that is ready in this turn join the first group.
    await Promise.resolve()
    while (this.#queue.length > 0) {
      this.#group = this.#takeGroup()
      try {
        await this.#commitGroup(this.#group)
      } catch (error) {
        this.#state.fail(error)
        for (const member of this.#group) member.reject(undetermined(error))
      }
      const turn = this.#state.turns.spend(workOf(this.#group))
      this.#group = []
      if (turn !== undefined) await turn
    }
    this.#running = undefined
  }

  #takeGroup(): Member[] {
    let sizeBytes = 0
    let count = 0
    for (const member of this.#queue) {
      sizeBytes += member.buffer.sizeBytes
      if (count > 0 && (sizeBytes > GROUP_BYTES_MAX || count >= GROUP_MEMBERS_MAX)) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #commitGroup(group: readonly Member[]): Promise<void> {
    const state = this.#state
    const failure = state.failure
    if (failure !== undefined) {
      for (const member of group) member.reject(failure)
      return
    }
    const ownSnapshots = group.filter((member) => member.snapshotSeq !== undefined).length
    const keepHistory = state.snapshots.total > ownSnapshots || state.snapshotWaiters > 0
    const endBlindWrite = keepHistory ? undefined : state.beginBlindWrite()
    try {
      const priors = await this.#tryReadPriors(group, keepHistory)
      if (priors === undefined) return
      const gathered: Group = { writes: new Map(), touched: new Set(), claimed: new Set() }
      const { accepted, refused } = this.#validate(group, gathered, priors, keepHistory)
      const [first] = accepted
      if (first !== undefined) {
        const writes = gathered.writes.size > 0 ? gathered.writes.values() : first.member.buffer.values()
        const refusal = await this.#write(accepted, [...writes])
        if (refusal !== undefined) {
          await this.#afterRefusal(group, refusal)
          return
        }
      }
      for (const { member, error } of refused) this.#refuse(member, error)
    } finally {
      endBlindWrite?.()
    }
  }

  /** As `#readPriors`; undefined when the engine could not answer, and so nothing is committed. */
  async #tryReadPriors(
    group: readonly Member[],
    all: boolean,
  ): Promise<Map<string, Uint8Array | undefined> | undefined> {
    try {
      return await this.#readPriors(group, all)
    } catch (error) {
      this.#state.counters.errorCount++
      for (const member of group) member.reject(error)
      return undefined
    }
  }

  /** The engine's present values of the keys that must be absent, and of all keys when history is kept. */
  async #readPriors(group: readonly Member[], all: boolean): Promise<Map<string, Uint8Array | undefined>> {
    const priors = new Map<string, Uint8Array | undefined>()
    const wanted: [string, Uint8Array][] = []
    for (const { buffer } of group) {
      if (!all && buffer.insertCount === 0) continue
      for (const [id, write] of buffer.entries()) {
        if (all || write.mustBeAbsent) wanted.push([id, write.key])
      }
    }
    for (let from = 0; from < wanted.length; from += PRIORS_CHUNK) {
      const chunk = wanted.slice(from, from + PRIORS_CHUNK)
      const found = this.#state.engine.getMany(chunk.map(([, key]) => key))
      const values = found instanceof Promise ? await found : found
      chunk.forEach(([id], index) => priors.set(id, values[index]))
    }
    return priors
  }

  #validate(
    group: readonly Member[],
    gathered: Group,
    priors: Map<string, Uint8Array | undefined>,
    keepHistory: boolean,
  ): { accepted: Accepted[]; refused: Refused[] } {
    const { writes } = gathered
    const accepted: Accepted[] = []
    const refused: Refused[] = []
    let seq = this.#state.lastSeq
    for (const member of group) {
      const error =
        member.refused() ?? this.#findConflict(member, gathered) ?? findExisting(member, writes, priors)
      if (error !== undefined) {
        refused.push({ member, error })
        continue
      }
      seq++
      // Alone in its group a transaction conflicts with nobody, and its buffer is the batch.
      if (keepHistory || group.length > 1) {
        for (const [id, write] of member.buffer.entries()) {
          if (keepHistory) this.#state.history.record(id, write.key, seq, latest(id, writes, priors))
          writes.set(id, write)
        }
      }
      this.#touch(member, seq, gathered, keepHistory)
      accepted.push({ member, seq })
    }
    return { accepted, refused }
  }

  #refuse(member: Member, error: OrbitError): void {
    if (error.code === 'TRANSACTION_CONFLICT') this.#state.counters.conflicts++
    member.reject(error)
  }

  /** Locked keys that were not written: whoever writes them and read before this commit must not. */
  #touch(member: Member, seq: number, { touched, claimed }: Group, keepHistory: boolean): void {
    for (const list of ['claims', 'touches'] as const) {
      for (const [id, key] of list === 'claims' ? member.exclusive : member.shared) {
        if (member.buffer.has(id)) continue
        touched.add(id)
        if (list === 'claims') claimed.add(id)
        if (keepHistory) this.#state.history.touch(id, key, seq, list)
      }
    }
  }

  #findConflict(member: Member, { writes, touched, claimed }: Group): OrbitError | undefined {
    const since = member.snapshotSeq
    if (since === undefined || member.isolation === 'read-committed') return undefined
    const { history } = this.#state
    if (since < history.floor) return tooOld(since)
    const changed = (id: string): boolean => writes.has(id) || history.changedSince(id, since)
    for (const [id, write] of member.buffer.entries()) {
      if (writes.has(id) || touched.has(id) || history.usedSince(id, since))
        return conflict(write.key, 'write-conflict')
    }
    for (const [id, key] of member.shared) {
      if (writes.has(id) || claimed.has(id) || history.claimedSince(id, since))
        return conflict(key, 'shared-key-changed')
    }
    for (const id of member.reads?.ids ?? []) {
      if (changed(id)) return conflict(Buffer.from(id, 'latin1'), 'read-conflict')
    }
    for (const { start, end } of member.reads?.ranges ?? []) {
      const key = history.firstChangeIn(start, end, since) ?? firstWriteIn(writes, start, end)
      if (key !== undefined) return conflict(key, 'range-conflict')
    }
    return undefined
  }

  /** Tells the members their outcome; or returns why the engine refused the batch as a whole, changing nothing. */
  async #write(accepted: readonly Accepted[], batch: EngineWrite[]): Promise<unknown> {
    const state = this.#state
    const before = state.lastSeq
    const last = accepted.at(-1)?.seq ?? before
    const count = batch.length
    if (state.engine.engine.persistent) batch.push({ key: VERSION_KEY, value: encodeVersion(last) })
    const startedMs = state.env.clock.monotonicMs()
    try {
      const written = state.engine.write(batch, { sync: accepted.some(({ member }) => member.sync) })
      if (written instanceof Promise) await written
    } catch (error) {
      state.history.forgetAfter(before)
      if (isCleanRefusal(error)) return error
      state.fail(error)
      for (const { member } of accepted) member.reject(undetermined(error))
      return undefined
    }
    state.applied(last, { startedMs, commits: accepted.length })
    state.counters.countWrites(batch, count)
    for (const { member, seq } of accepted) member.resolve(seq)
    return undefined
  }

  /** The engine wrote nothing. One member may be what it cannot take, so each gets another chance on its own. */
  async #afterRefusal(group: readonly Member[], error: unknown): Promise<void> {
    if (group.length === 1) for (const member of group) member.reject(error)
    else for (const member of group) await this.#commitGroup([member])
  }
}

export function conflict(key: Uint8Array, reason: string): OrbitError {
  return new OrbitError(
    'TRANSACTION_CONFLICT',
    `key ${toHex(key, 64)}: ${reason} with a transaction that committed after this one's first read; run it again`,
    { key: toHex(key), reason },
  )
}

/** In units of a turn. */
function workOf(group: readonly Member[]): number {
  let units = 0
  for (const { buffer } of group) units += 2 + 2 * buffer.count
  return units
}

function findExisting(
  member: Member,
  writes: Map<string, BufferedWrite>,
  priors: Map<string, Uint8Array | undefined>,
): OrbitError | undefined {
  if (member.buffer.insertCount === 0) return undefined
  for (const [id, write] of member.buffer.entries()) {
    if (write.mustBeAbsent && latest(id, writes, priors) !== undefined) return keyExists(write)
  }
  return undefined
}

function latest(
  id: string,
  writes: Map<string, BufferedWrite>,
  priors: Map<string, Uint8Array | undefined>,
): Uint8Array | undefined {
  const earlier = writes.get(id)
  return earlier === undefined ? priors.get(id) : earlier.value
}

function keyExists(write: BufferedWrite): OrbitError {
  return new OrbitError('KEY_EXISTS', `insert of key ${toHex(write.key, 64)}: the key exists already`, {
    key: toHex(write.key),
  })
}

function firstWriteIn(
  writes: Map<string, BufferedWrite>,
  start: string | undefined,
  end: string | undefined,
): Uint8Array | undefined {
  for (const [id, write] of writes) {
    if ((start === undefined || id >= start) && (end === undefined || id < end)) return write.key
  }
  return undefined
}

/** Errors by which an engine says that it changed nothing and goes on working. */
function isCleanRefusal(error: unknown): boolean {
  return (
    hasCode(error, 'STORAGE_FULL') || hasCode(error, 'KEY_TOO_LARGE') || hasCode(error, 'VALUE_TOO_LARGE')
  )
}

function tooOld(seq: number): OrbitError {
  return new OrbitError(
    'SNAPSHOT_TOO_OLD',
    `the versions since commit ${seq} that are needed to check for conflicts were dropped; use shorter transactions or raise transactions.history_size_max_mb`,
    { version: seq },
  )
}

function undetermined(error: unknown): OrbitError {
  return new OrbitError(
    'COMMIT_UNDETERMINED',
    `the engine failed while the commit was written (${error instanceof Error ? error.message : String(error)}); open the store again and look`,
    {},
    { cause: error },
  )
}
