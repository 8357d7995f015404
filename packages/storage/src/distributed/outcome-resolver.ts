/**
 * Finds out what became of the transactions that are prepared in a store, and finishes them there.
 *
 * Invariants:
 * 1. Only the decision log says what the outcome is; while it cannot be asked, or when the transaction is of another
 *    log, the outcome stays unknown and the keys stay closed.
 * 2. How long a transaction has been undecided is measured by this process's own clock from when it first saw it, so
 *    no two machines' clocks are compared. To give up too early would only abort it: the log decides once.
 */
import { delay, OrbitError, type Env } from '@orbit-ts/base'
import type { DecisionLog, Outcome } from './decision-log.js'
import type { DecisionRecord, PreparedRecord } from './distributed-records.js'
import type { Participant } from './participant.js'

export interface Unresolved {
  readonly record: PreparedRecord
  readonly reason: OrbitError
}

export interface Settled {
  /** Not decided yet. */
  readonly pending: readonly PreparedRecord[]
  /** Decided or not: nobody can say now. */
  readonly unknown: readonly Unresolved[]
  /** Something was applied, or had been since the reader began: it has to begin again. */
  readonly moved: boolean
}

const WAIT_FIRST_MS = 1
const WAIT_MAX_MS = 50

export class OutcomeResolver {
  readonly log: DecisionLog
  readonly #env: Env
  /** When this process first saw an undecided transaction, monotonic milliseconds. */
  readonly #firstSeen = new Map<string, number>()

  constructor(log: DecisionLog, env: Env) {
    this.log = log
    this.#env = env
  }

  /** Finishes what is decided of `records`, which are prepared in `participant`. */
  async settle(participant: Participant, records: readonly PreparedRecord[]): Promise<Settled> {
    const foreign = records.filter(({ log }) => log !== this.log.identity)
    const own = records.filter(({ log }) => log === this.log.identity)
    const unknown: Unresolved[] = foreign.map((record) => ({
      record,
      reason: foreignLog(participant, record),
    }))
    const pending: PreparedRecord[] = []
    let moved = false
    let decisions: Map<string, DecisionRecord>
    try {
      decisions = await this.log.find(own.map(({ id }) => id))
    } catch (error) {
      unknown.push(...own.map((record) => ({ record, reason: cannotAsk(participant, record, error) })))
      return { pending, unknown, moved }
    }
    for (const record of own) {
      try {
        const outcome = await this.outcomeOf(record.id, decisions.get(record.id))
        if (outcome === undefined) pending.push(record)
        else if (!(await participant.finish(record.id, outcome)) || outcome === 'committed') moved = true
      } catch (error) {
        unknown.push({ record, reason: cannotAsk(participant, record, error) })
      }
    }
    return { pending, unknown, moved }
  }

  /** The outcome; undefined while it is not decided. Aborts what has been undecided for longer than it may be. */
  async outcomeOf(id: string, decision: DecisionRecord | undefined): Promise<Outcome | undefined> {
    if (decision?.state === 'Preparing') {
      if (!this.#isOverdue(id, decision.timeoutMs)) return undefined
      this.#firstSeen.delete(id)
      return this.log.abort(id)
    }
    this.#firstSeen.delete(id)
    return decision === undefined ? 'aborted' : 'committed'
  }

  /** Forgets when it first saw transactions other than these. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#firstSeen.keys()) if (!ids.has(id)) this.#firstSeen.delete(id)
  }

  /**
   * Waits until none of the transactions is prepared in `participant` any more.
   * @throws LOCK_TIMEOUT after `waitMs`; STORAGE_UNAVAILABLE when it is because their outcome cannot be found out
   */
  async wait(
    participant: Participant,
    ids: ReadonlySet<string>,
    waitMs: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const deadlineMs = this.#env.clock.monotonicMs() + waitMs
    for (let pauseMs = WAIT_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, WAIT_MAX_MS)) {
      const left = await this.#unsettled(participant, ids)
      if (left === undefined) return
      if (this.#env.clock.monotonicMs() + pauseMs > deadlineMs) throw left
      await delay(this.#env, pauseMs * (0.5 + this.#env.random.float() / 2), signal)
    }
  }

  /** Why one of them is still prepared. */
  async #unsettled(participant: Participant, ids: ReadonlySet<string>): Promise<OrbitError | undefined> {
    await using tx = await participant.provider.begin()
    const records = (await participant.inFlight(tx)).filter(({ id }) => ids.has(id))
    if (records.length === 0) return undefined
    const { pending, unknown } = await this.settle(participant, records)
    const [first] = pending
    if (unknown[0] !== undefined) return unknown[0].reason
    if (first === undefined) return undefined
    return new OrbitError(
      'LOCK_TIMEOUT',
      `store "${participant.name}": transaction ${first.id} across stores has prepared a key and is not decided yet; try again`,
      { store: participant.name, id: first.id },
    )
  }

  #isOverdue(id: string, timeoutMs: number): boolean {
    const nowMs = this.#env.clock.monotonicMs()
    const firstMs = this.#firstSeen.get(id)
    if (firstMs === undefined) this.#firstSeen.set(id, nowMs)
    return nowMs - (firstMs ?? nowMs) >= timeoutMs
  }
}

function foreignLog(participant: Participant, { id, log }: PreparedRecord): OrbitError {
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `store "${participant.name}" has transaction ${id} prepared for another decision log (${log}); open the coordinator on the store it was prepared with`,
    { store: participant.name, id, log },
  )
}

function cannotAsk(participant: Participant, { id }: PreparedRecord, cause: unknown): OrbitError {
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `store "${participant.name}": the outcome of transaction ${id} cannot be found out while its decision log is out of reach; its keys stay closed until then`,
    { store: participant.name, id },
    { cause },
  )
}
