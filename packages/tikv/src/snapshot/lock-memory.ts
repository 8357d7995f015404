import type { Timestamp } from '../timestamp.js'

/** Both lists go into every request: more would cost more than asking again. */
const TRANSACTIONS_MAX = 1024

/** Transactions whose locks a snapshot may pass; the oldest are forgotten, which only costs asking again. */
export class LockMemory {
  readonly #own: readonly Timestamp[]
  /** Made for the first lock: most snapshots meet none. */
  #ignorable: Set<Timestamp> | undefined
  #readable: Set<Timestamp> | undefined

  /** `own` is never forgotten. */
  constructor(own: readonly Timestamp[] = []) {
    this.#own = own
  }

  /** `Context.resolved_locks` */
  get ignorable(): Timestamp[] {
    return this.#ignorable === undefined ? [...this.#own] : [...this.#own, ...this.#ignorable]
  }

  /** `Context.committed_locks` */
  get readable(): Timestamp[] {
    return this.#readable === undefined ? [] : [...this.#readable]
  }

  has(startTs: Timestamp): boolean {
    return this.#ignorable?.has(startTs) === true || this.#readable?.has(startTs) === true
  }

  ignore(startTs: Timestamp): void {
    this.#readable?.delete(startTs)
    add((this.#ignorable ??= new Set()), startTs)
  }

  readThrough(startTs: Timestamp): void {
    this.#ignorable?.delete(startTs)
    add((this.#readable ??= new Set()), startTs)
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
