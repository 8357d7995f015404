import type { Timestamp } from '../timestamp.js'

/** Both lists go into every request: more would cost more than asking again. */
const TRANSACTIONS_MAX = 1024

/** Transactions whose locks a snapshot may pass; the oldest are forgotten, which only costs asking again. */
export class LockMemory {
  readonly #own: readonly Timestamp[]
  readonly #ignorable = new Set<Timestamp>()
  readonly #readable = new Set<Timestamp>()

  /** `own` is never forgotten. */
  constructor(own: readonly Timestamp[] = []) {
    this.#own = own
  }

  /** `Context.resolved_locks` */
  get ignorable(): Timestamp[] {
    return [...this.#own, ...this.#ignorable]
  }

  /** `Context.committed_locks` */
  get readable(): Timestamp[] {
    return [...this.#readable]
  }

  has(startTs: Timestamp): boolean {
    return this.#ignorable.has(startTs) || this.#readable.has(startTs)
  }

  ignore(startTs: Timestamp): void {
    this.#readable.delete(startTs)
    add(this.#ignorable, startTs)
  }

  readThrough(startTs: Timestamp): void {
    this.#ignorable.delete(startTs)
    add(this.#readable, startTs)
  }
}

function add(set: Set<Timestamp>, startTs: Timestamp): void {
  set.add(startTs)
  if (set.size <= TRANSACTIONS_MAX) return
  for (const oldest of set) {
    set.delete(oldest)
    return
  }
}
