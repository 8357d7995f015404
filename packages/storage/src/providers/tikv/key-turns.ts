/**
 * Whose turn it is to ask the servers for a key's lock, among the transactions of this process that hold none so far.
 *
 * The servers keep no strict order among those who wait for a lock, and wake many for one. Here one of them asks while
 * the others stand in line behind it.
 *
 * Invariants:
 * 1. Who stands in line holds nothing that anybody outside the line could wait for, so that no deadlock leads through it
 *    unseen by the servers.
 */
import { delay, toHex, type Env, type OrbitError } from '@orbit-ts/base'
import { ownError } from './tikv-error.js'

/** The longest time a timer can be set to. */
const WAIT_MAX_MS = 2 ** 31 - 1

/** One place in the lines of some keys. */
export interface KeyTurn {
  /**
   * Resolves when those who were there before have left.
   * @throws LOCK_TIMEOUT, ABORTED
   */
  ready(waitMs: number, ...signals: readonly AbortSignal[]): Promise<void>
  /** Harmless when called again. */
  leave(): void
}

interface Place {
  readonly key: Uint8Array
  readonly left: Promise<void>
}

export class KeyTurns {
  readonly #env: Env
  /** The end of each line. */
  readonly #last = new Map<string, Place>()

  constructor(env: Env) {
    this.#env = env
  }

  /** Stands in line at once. */
  enter(keys: ReadonlyMap<string, Uint8Array>): KeyTurn {
    const before = [...keys.keys()].map((id) => this.#last.get(id)).filter((place) => place !== undefined)
    let resolve = (): void => undefined
    const left = new Promise<void>((done) => (resolve = done))
    for (const [id, key] of keys) this.#last.set(id, { key, left })
    return {
      ready: (waitMs, ...signals) => this.#passed(before, waitMs, signals),
      leave: () => void this.#leave(keys, before, { left, resolve }),
    }
  }

  /** Those behind wait for those in front of the one that leaves, too. */
  async #leave(
    keys: ReadonlyMap<string, Uint8Array>,
    before: readonly Place[],
    { left, resolve }: { readonly left: Promise<void>; readonly resolve: () => void },
  ): Promise<void> {
    await Promise.all(before.map((place) => place.left))
    for (const id of keys.keys()) if (this.#last.get(id)?.left === left) this.#last.delete(id)
    resolve()
  }

  async #passed(before: readonly Place[], waitMs: number, signals: readonly AbortSignal[]): Promise<void> {
    const [first] = before
    if (first === undefined) return
    const done = new AbortController()
    const stop = AbortSignal.any([done.signal, ...signals])
    const late = delay(this.#env, Math.min(waitMs, WAIT_MAX_MS), stop).then(() => {
      throw stillInLine(first.key, waitMs)
    })
    const passed = Promise.all(before.map(({ left }) => left))
    try {
      await Promise.race([passed, late])
    } finally {
      done.abort()
      late.catch(() => undefined)
    }
  }
}

function stillInLine(key: Uint8Array, waitMs: number): OrbitError {
  return ownError(
    'LOCK_TIMEOUT',
    `key ${toHex(key, 64)} stayed locked by others for ${waitMs} ms, with more waiting in front; wait longer, or run the transaction again`,
    { key: toHex(key), waitMs },
  )
}
