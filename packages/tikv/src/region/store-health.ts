/** A score from 1 (well) to 100; at this one and above a store counts as slow. */
const SLOW_FROM = 80
const SCORE_MAX = 100
const SCORE_MIN = 1
/** What the client's own score loses with each tick. */
const OWN_DECAY_PER_TICK = 2
const REPORTED_DECAY_PER_MS = 20 / 60_000
/** A report older than this is asked for again, or decays. */
const REPORT_STALE_MS = 15_000
/** Reports that change the score are taken at most this often. */
const REPORT_EVERY_MS = 100

/**
 * How slow a store seems: by what it reports of itself (health feedback), and by having refused as too busy.
 * Equivalent in client-go: `StoreHealthStatus`, without the latency windows.
 */
export class StoreHealth {
  #own = SCORE_MIN
  #reported = SCORE_MIN
  #reportedAtMs: number | undefined

  get isSlow(): boolean {
    return this.#own >= SLOW_FROM || this.#reported >= SLOW_FROM
  }

  get reportedScore(): number {
    return this.#reported
  }

  get ownScore(): number {
    return this.#own
  }

  markSlow(): void {
    this.#own = SCORE_MAX
  }

  report(score: number, nowMs: number): void {
    const changes = score !== this.#reported
    if (changes && this.#reportedAtMs !== undefined && nowMs - this.#reportedAtMs < REPORT_EVERY_MS) return
    this.#reported = score
    this.#reportedAtMs = nowMs
  }

  /** Whether the last report says "slow to some degree" and is too old to be believed. */
  needsReport(nowMs: number): boolean {
    return (
      this.#reportedAtMs !== undefined &&
      this.#reported > SCORE_MIN &&
      nowMs - this.#reportedAtMs >= REPORT_STALE_MS
    )
  }

  /** Lets the client's own score recover a little. */
  recover(): void {
    this.#own = Math.max(SCORE_MIN, this.#own - OWN_DECAY_PER_TICK)
  }

  /** Lets a report that could not be renewed lose weight with its age. */
  decay(nowMs: number): void {
    if (this.#reportedAtMs === undefined || !this.needsReport(nowMs)) return
    const loss = REPORTED_DECAY_PER_MS * (nowMs - this.#reportedAtMs)
    this.#reported = Math.max(SCORE_MIN, Math.round(this.#reported - loss))
    this.#reportedAtMs = nowMs
  }
}
