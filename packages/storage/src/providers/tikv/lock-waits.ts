/**
 * The waits of one transaction for locks of others, which can be ended without ending the transaction.
 *
 * Invariants:
 * 1. A wait that `end` finds under way, or still to come of a call that was made before, fails with its reason; calls
 *    that are made afterwards wait anew.
 */
import { setMaxListeners } from 'node:events'
import { hasCode, type OrbitError } from '@orbit-ts/base'
import { settle } from './tikv-error.js'

export class LockWaits {
  #current: AbortController | undefined

  /** What `work` gives, or the reason of `end` when that has aborted the signal. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#controller()
    try {
      return await work(signal)
    } catch (error) {
      throw signal.aborted && hasCode(error, 'ABORTED') ? signal.reason : error
    }
  }

  end(reason: OrbitError): void {
    this.#current?.abort(settle(reason))
    this.#current = undefined
  }

  #controller(): AbortController {
    if (this.#current === undefined) {
      this.#current = new AbortController()
      // One listener for each call under way is no leak.
      setMaxListeners(0, this.#current.signal)
    }
    return this.#current
  }
}
