import type { Env, OrbitError, Timer } from '@orbit-ts/base'
import { abortedError, timeoutError } from './rpc-error.js'
import type { CallOptions } from './transport.js'

/** What ends a call before its answer: its deadline and its signal. `release` takes both away. */
export class CallGuard {
  readonly #timer: Timer
  readonly #signal: AbortSignal | undefined
  readonly #onAbort: () => void

  constructor(
    env: Env,
    call: { readonly method: string; readonly address: string; readonly options: CallOptions },
    fail: (error: OrbitError) => void,
  ) {
    const { method, address, options } = call
    this.#signal = options.signal
    this.#onAbort = () => {
      this.release()
      fail(abortedError(method, address, this.#signal?.reason))
    }
    this.#timer = env.timers.set(
      () => {
        this.release()
        fail(timeoutError(method, options.timeoutMs, address))
      },
      options.timeoutMs,
      { keepAlive: true },
    )
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  release(): void {
    this.#timer.cancel()
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }
}
