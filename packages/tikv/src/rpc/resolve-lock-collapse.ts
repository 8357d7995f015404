import { EMPTY_BYTES, toBinaryString, type Env } from '@orbit-ts/base'
import type { ResolveLockRequest } from '../gen/kvrpcpb.js'
import { CallGuard } from './call-guard.js'
import { tikvMethods } from './methods.js'
import { abortedError } from './rpc-error.js'
import type { StoreCallOptions } from './store-rpc.js'

interface CollapsedCall {
  readonly method: string
  readonly address: string
  readonly options: StoreCallOptions
}

/**
 * Many readers that meet the locks of one dead transaction ask for the same region-wide resolution: one request serves
 * them all. Requests for single keys or for several transactions are let through.
 *
 * Invariant: a caller that gives up, or whose deadline passes, leaves the others' request alone.
 */
export class ResolveLockCollapse {
  readonly #env: Env
  readonly #flights = new Map<string, Promise<unknown>>()

  constructor(env: Env) {
    this.#env = env
  }

  /** What identifies the request; undefined when it has to be sent by itself. */
  key(address: string, path: string, request: unknown, options: StoreCallOptions): string | undefined {
    if (path !== tikvMethods.kvResolveLock.path) return undefined
    const resolve = request as ResolveLockRequest
    if (resolve.keys.length > 0 || resolve.txnInfos.length > 0) return undefined
    const { context } = resolve
    // For whom it is done makes no difference.
    const anybodys = { ...resolve, context: context && { ...context, traceId: EMPTY_BYTES } }
    const bytes = toBinaryString(tikvMethods.kvResolveLock.encodeRequest(anybodys))
    return `${address} ${options.forwardTo ?? ''} ${bytes}`
  }

  join<Response>(key: string, call: CollapsedCall, send: () => Promise<Response>): Promise<Response> {
    const { signal } = call.options
    if (signal?.aborted === true) {
      return Promise.reject(abortedError(call.method, call.address, signal.reason))
    }
    let flight = this.#flights.get(key) as Promise<Response> | undefined
    if (flight === undefined) {
      flight = send().finally(() => this.#flights.delete(key))
      this.#flights.set(key, flight)
    }
    return this.#wait(flight, call)
  }

  #wait<Response>(flight: Promise<Response>, call: CollapsedCall): Promise<Response> {
    return new Promise((resolve, reject) => {
      const guard = new CallGuard(this.#env, call, reject)
      void flight.then(resolve, reject).finally(() => guard.release())
    })
  }
}
