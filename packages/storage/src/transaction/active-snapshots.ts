/**
 * The commit numbers that running snapshots read at.
 *
 * Invariant: a number that is not held yet is acquired in ascending order (it is the store's latest commit), so the first
 * key of the map is the oldest.
 */
export class ActiveSnapshots {
  readonly #counts = new Map<number, number>()
  #total = 0

  /** How many snapshots are open. */
  get total(): number {
    return this.#total
  }

  get oldest(): number | undefined {
    for (const seq of this.#counts.keys()) return seq
    return undefined
  }

  acquire(seq: number): void {
    this.#counts.set(seq, (this.#counts.get(seq) ?? 0) + 1)
    this.#total++
  }

  release(seq: number): void {
    const count = this.#counts.get(seq)
    if (count === undefined) return
    this.#total--
    if (count === 1) this.#counts.delete(seq)
    else this.#counts.set(seq, count - 1)
  }
}
