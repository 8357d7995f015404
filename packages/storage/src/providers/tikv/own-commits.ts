/**
 * What this process has committed last, by key: a transaction whose snapshot is older would conflict with it, and need
 * not ask the servers.
 *
 * Invariants:
 * 1. A version is that of a commit which was acknowledged, and of each key the latest is kept.
 * 2. No more than `KEYS_MAX` keys are remembered, the latest written.
 */
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import { toBinaryString } from '@orbit-ts/base'

const KEYS_MAX = 16_384

export class OwnCommits {
  readonly #versions = new Map<string, bigint>()

  note(writes: Iterable<BufferedWrite>, version: bigint): void {
    for (const { key } of writes) {
      const id = toBinaryString(key)
      const known = this.#versions.get(id) ?? 0n
      // The latest come last.
      this.#versions.delete(id)
      this.#versions.set(id, known > version ? known : version)
    }
    while (this.#versions.size > KEYS_MAX) {
      const [first] = this.#versions.keys()
      if (first === undefined) return
      this.#versions.delete(first)
    }
  }

  /** A key of these that was written after the snapshot; undefined when none is known to be. */
  newerThan(snapshotTs: bigint, keys: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
    for (const [id, key] of keys) if ((this.#versions.get(id) ?? 0n) > snapshotTs) return key
    return undefined
  }
}
