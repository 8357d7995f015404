/** A request to a region that failed, or needed several attempts. */
export interface TroubledRequest {
  /** When it ended, milliseconds since 1970. */
  readonly atMs: number
  readonly method: string
  readonly region: string
  readonly attempts: number
  /** Time between attempts. */
  readonly sleptMs: number
  /** The last failures, oldest first. */
  readonly errors: readonly string[]
  /** `answered`, or how it ended. */
  readonly outcome: string
}

/**
 * The latest requests that had trouble, for diagnostics.
 *
 * Invariant: it never holds more than its capacity; the oldest make room.
 */
export class AttemptLog {
  readonly #capacity: number
  readonly #requests: TroubledRequest[] = []
  /** Where the next one goes once it is full. */
  #next = 0

  constructor(capacity = 64) {
    this.#capacity = capacity
  }

  add(request: TroubledRequest): void {
    this.#requests[this.#next] = request
    this.#next = (this.#next + 1) % this.#capacity
  }

  /** Oldest first. */
  list(): readonly TroubledRequest[] {
    if (this.#requests.length < this.#capacity) return [...this.#requests]
    return [...this.#requests.slice(this.#next), ...this.#requests.slice(0, this.#next)]
  }
}
