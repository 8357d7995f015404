import { randomFillSync } from 'node:crypto'
import type { Env } from './env.js'

/** The real clock, timers and randomness of this process. */
export const systemEnv: Env = {
  clock: {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
  },
  timers: {
    set(callback, delayMs, options) {
      const handle = setTimeout(callback, delayMs)
      if (options?.keepAlive !== true) handle.unref()
      return { cancel: () => clearTimeout(handle) }
    },
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
  },
  random: {
    float: () => Math.random(),
    bytes: (length) => randomFillSync(new Uint8Array(length)),
  },
}
