/**
 * What sharers of this process have found out: that a key was unchanged from a timestamp until they locked it.
 *
 * Invariants:
 * 1. Of each key only the latest sharers are remembered; no more than `KEYS_MAX` keys, the latest used.
 */

const SHARERS_MAX = 64
const KEYS_MAX = 4096

export class ShareHistory {
  /** By key: the timestamp since which it was unchanged, by the start timestamp of who found that out. */
  readonly #keys = new Map<string, Map<bigint, bigint>>()

  note(id: string, startTs: bigint, unchangedSince: bigint): void {
    const sharers = this.#keys.get(id) ?? new Map<bigint, bigint>()
    // The latest come last.
    this.#keys.delete(id)
    this.#keys.set(id, sharers.set(startTs, unchangedSince))
    dropFirst(sharers, SHARERS_MAX)
    dropFirst(this.#keys, KEYS_MAX)
  }

  /** Undefined when the transaction is not known to have shared the key. */
  unchangedSince(id: string, startTs: bigint): bigint | undefined {
    return this.#keys.get(id)?.get(startTs)
  }
}

function dropFirst(map: Map<unknown, unknown>, sizeMax: number): void {
  if (map.size <= sizeMax) return
  for (const [key] of map) {
    map.delete(key)
    return
  }
}
