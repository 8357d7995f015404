import { OrbitError, type Env, type Gauge, type Logger, type Timer } from '@orbit-ts/base'
import type { PdGc } from '../../pd/pd-client.js'
import { MAX_TIMESTAMP, physicalMs, type Timestamp } from '../../timestamp.js'

/** What is older than this says nothing: garbage collection may have gone on (100 s less 10 s for drift). */
const AGE_MAX_MS = 90_000
const RETRY_MS = 1000

export interface TxnSafePointOptions {
  readonly env: Env
  readonly logger: Logger
  readonly gc: Pick<PdGc, 'getState'>
  /** How often PD is asked, milliseconds: `config.safePointInterval`. */
  readonly intervalMs: number
  /** Ends the asking: `core.closing`. */
  readonly signal: AbortSignal
  readonly gauge?: Gauge<'kind'> | undefined
}

/** What a read asks before it gives its answer. */
export interface VisibilityCheck {
  /** While the safe point is asked for the first time: a read waits for it. */
  readonly firstAsk?: Promise<void> | undefined
  checkVisible(startTs: Timestamp): void
}

/**
 * The timestamp before which versions may be gone, as PD said lately.
 *
 * Invariants:
 * 1. Reads are refused when they began before the safe point, and when it is not known well enough.
 * 2. It never goes back.
 *
 * Equivalent in client-go: `KVStore.CheckVisibility`.
 */
export class TxnSafePoint implements VisibilityCheck {
  readonly #options: TxnSafePointOptions
  #value: Timestamp = 0n
  #knownAtMs: number
  #timer: Timer | undefined
  #firstAsk: Promise<void> | undefined

  constructor(options: TxnSafePointOptions) {
    this.#options = options
    this.#knownAtMs = options.env.clock.monotonicMs()
    options.signal.addEventListener('abort', () => this.#timer?.cancel(), { once: true })
  }

  get value(): Timestamp {
    return this.#value
  }

  /** Asks PD for the first time and from then on. A failure is no error here: reads go on for a while without. */
  start(): Promise<void> {
    const asking = this.#askAndPlan()
    this.#firstAsk = asking.finally(() => {
      this.#firstAsk = undefined
    })
    return asking
  }

  get firstAsk(): Promise<void> | undefined {
    return this.#firstAsk
  }

  async #askAndPlan(): Promise<void> {
    const asked = await this.#ask()
    if (this.#options.signal.aborted) return
    const delayMs = asked ? this.#options.intervalMs : RETRY_MS
    this.#timer = this.#options.env.timers.set(() => void this.#askAndPlan(), delayMs)
  }

  /** The safe point was seen elsewhere, for example because this client moved it. */
  advanceTo(safePoint: Timestamp): void {
    this.#knownAtMs = this.#options.env.clock.monotonicMs()
    if (safePoint <= this.#value) return
    this.#value = safePoint
    this.#options.gauge?.set(physicalMs(safePoint), { kind: 'txn' })
  }

  /**
   * @throws SNAPSHOT_TOO_OLD when versions that a read at `startTs` needs may be gone, PD_UNAVAILABLE when the safe
   * point could not be asked for in the last 90 s. Reads of the latest versions are always allowed.
   */
  checkVisible(startTs: Timestamp): void {
    if (startTs === MAX_TIMESTAMP) return
    const ageMs = this.#options.env.clock.monotonicMs() - this.#knownAtMs
    if (ageMs > AGE_MAX_MS) {
      throw new OrbitError(
        'PD_UNAVAILABLE',
        `the safe point was last known ${Math.floor(ageMs / 1000)} s ago, so that versions at ${startTs} may be gone; check that PD answers`,
        { startTs: String(startTs), ageMs },
      )
    }
    if (startTs >= this.#value) return
    const behindMs = physicalMs(this.#value) - physicalMs(startTs)
    throw new OrbitError(
      'SNAPSHOT_TOO_OLD',
      `timestamp ${startTs} is ${behindMs} ms before the safe point ${this.#value}: its versions may be garbage-collected; begin anew, or hold the safe point back with a barrier`,
      { startTs: String(startTs), safePoint: String(this.#value) },
    )
  }

  async #ask(): Promise<boolean> {
    const { gc, signal, logger } = this.#options
    try {
      const { txnSafePoint } = await gc.getState({ signal })
      this.advanceTo(txnSafePoint)
      return true
    } catch (error) {
      if (!signal.aborted) logger.warn({ err: error }, 'the safe point could not be asked for')
      return false
    }
  }
}
