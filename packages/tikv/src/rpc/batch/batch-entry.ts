import type { BatchCase, BatchItem } from '../batch-message.js'
import type { KvMethod } from '../method.js'

export interface EntryCall {
  readonly method: KvMethod<unknown, unknown>
  readonly batchCase: BatchCase
  /** The encoded request. */
  readonly payload: Uint8Array
  readonly forwardTo: string | undefined
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly signal: AbortSignal | undefined
}

export interface EntryOwner {
  /** The entry's signal was aborted. */
  onAbort(entry: BatchEntry): void
  /** Called once, with the error of a failed call. */
  onSettled(entry: BatchEntry, error: Error | undefined): void
}

/**
 * One call inside a batch; as a {@link BatchItem} it is what goes into the message. It is also its own abort listener,
 * so that a call costs no closures.
 */
export class BatchEntry implements BatchItem {
  /** Given when it is sent. */
  id = 0
  /** Answered, failed or given up: whoever meets it then passes over it. */
  settled = false
  readonly batchCase: BatchCase
  readonly payload: Uint8Array
  readonly call: EntryCall
  readonly #owner: EntryOwner
  readonly #resolve: (response: unknown) => void
  readonly #reject: (error: Error) => void

  constructor(
    call: EntryCall,
    owner: EntryOwner,
    resolve: (response: unknown) => void,
    reject: (error: Error) => void,
  ) {
    this.call = call
    this.batchCase = call.batchCase
    this.payload = call.payload
    this.#owner = owner
    this.#resolve = resolve
    this.#reject = reject
    call.signal?.addEventListener('abort', this)
  }

  handleEvent(): void {
    this.#owner.onAbort(this)
  }

  resolve(response: unknown): void {
    if (this.settled) return
    this.#settle(undefined)
    this.#resolve(response)
  }

  reject(error: Error): void {
    if (this.settled) return
    this.#settle(error)
    this.#reject(error)
  }

  #settle(error: Error | undefined): void {
    this.settled = true
    this.call.signal?.removeEventListener('abort', this)
    this.#owner.onSettled(this, error)
  }
}
