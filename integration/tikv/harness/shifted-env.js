// @ts-check
import { systemEnv } from '@orbit-ts/base'

/**
 * The real time, which a test can put forward: locks expire then without anybody waiting.
 * @returns {import('@orbit-ts/base').Env & { forward(ms: number): void }}
 */
export function shiftedEnv() {
  let aheadMs = 0
  return {
    timers: systemEnv.timers,
    random: systemEnv.random,
    clock: {
      nowMs: () => systemEnv.clock.nowMs() + aheadMs,
      monotonicMs: () => systemEnv.clock.monotonicMs(),
    },
    forward: (ms) => void (aheadMs += ms),
  }
}
