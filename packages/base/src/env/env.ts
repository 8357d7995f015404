import { OrbitError } from '../errors/orbit-error.js'

/**
 * Everything that makes two runs of the same code differ: time, timers and randomness.
 *
 * Invariants:
 * 1. No other module of Orbit reads a clock, starts a timer or draws a random number by itself (lint enforces it).
 * 2. A component receives its `Env` when it is built and passes the same one on.
 */
export interface Env {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
}

export interface Clock {
  /** Wall time, milliseconds since the Unix epoch. May jump; use it for what people see and for stored timestamps. */
  nowMs(): number
  /** Milliseconds since an arbitrary start, never going back. Use it for durations and deadlines. */
  monotonicMs(): number
}

export interface Timers {
  /** Runs `callback` once after `delayMs`. The timer does not keep the process alive unless `keepAlive` is true. */
  set(callback: () => void, delayMs: number, options?: { keepAlive?: boolean }): Timer
  /** Resolves at the next turn of the event loop, so that a long computation lets I/O through. */
  nextTurn(): Promise<void>
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** Uniform in [0, 1). */
  float(): number
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
}

/** Waits `delayMs`; rejects with `ABORTED` (cause: the signal's reason) when the signal is aborted first. */
export function delay(env: Env, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(signal))
      return
    }
    const onAbort = (): void => {
      timer.cancel()
      reject(aborted(signal))
    }
    const timer = env.timers.set(
      () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      },
      delayMs,
      { keepAlive: true },
    )
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

function aborted(signal: AbortSignal | undefined): OrbitError {
  return new OrbitError('ABORTED', 'the wait was aborted by its signal', {}, { cause: signal?.reason })
}
