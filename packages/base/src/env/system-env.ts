import { randomFillSync } from 'node:crypto'
import type { Env } from './env.js'

/** What the runtime's timers can hold; they take anything longer for one millisecond. */
const DELAY_MAX_MS = 2 ** 31 - 1

/** The real clock, timers and randomness of this process. */
export const systemEnv: Env = {
  clock: {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  },
  timers: {
    set(callback, delayMs, options) {
      let handle: NodeJS.Timeout
      const start = (leftMs: number): void => {
        const next = leftMs > DELAY_MAX_MS ? () => start(leftMs - DELAY_MAX_MS) : callback
        handle = setTimeout(next, Math.min(leftMs, DELAY_MAX_MS))
        if (options?.keepAlive !== true) handle.unref()
      }
      start(delayMs)
      return { cancel: () => clearTimeout(handle) }
    },
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  },
  random: {
    float: () => Math.random(),
    bytes: (length) => randomFillSync(new Uint8Array(length)),
  },
}
