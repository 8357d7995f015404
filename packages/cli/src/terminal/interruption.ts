import { systemEnv, type Env } from '@orbit-ts/base'
import { note } from './print.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * One Ctrl-C may arrive twice: the terminal signals every process, and npm passes the signal on to the one it started,
 * which is this one where the shell between them has put it in its own place.
 */
const ONE_GESTURE_MS = 500

/**
 * Runs `work` with a signal that the first SIGINT or SIGTERM aborts, so that it can end in order. Another one, half a
 * second later or more, ends the process at once: what is on disk is as after a crash, which every engine recovers from.
 */
export async function interruptible<T>(
  message: string,
  work: (signal: AbortSignal) => Promise<T>,
  env: Env = systemEnv,
): Promise<T> {
  const controller = new AbortController()
  let firstMs = 0
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = env.clock.monotonicMs()
    if (controller.signal.aborted) {
      if (nowMs - firstMs >= ONE_GESTURE_MS) process.exit(1)
      return
    }
    firstMs = nowMs
    note(`\norbit: ${name}: ${message}; once more to stop at once`)
    controller.abort(name)
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  try {
    return await work(controller.signal)
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal)
  }
}

/** Resolves when the signal is aborted. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
