import type { Env, Timer } from '@orbit-ts/base'
import type { BatchCase } from '../batch-message.js'
import { encodeRequest } from '../encode-request.js'
import type { KvMethod } from '../method.js'
import { abortedError, timeoutError } from '../rpc-error.js'
import type { StoreCallOptions } from '../store-rpc.js'
import { BatchEntry, type EntryCall, type EntryOwner } from './batch-entry.js'
import type { BatchStream } from './batch-stream.js'
import { DeadlineSweep } from './deadline-sweep.js'

/** A server that reports overload is given this many more requests to wait for. */
const WAIT_FOR = 8

export interface BatchQueueOptions {
  readonly env: Env
  readonly address: string
  readonly batchSizeMax: () => number
  /** How long a batch waits for more when the server is overloaded; 0 never. */
  readonly waitMs: () => number
  readonly overloadThreshold: () => number
  /** The stream for the next batch. Throws when none may take it. */
  readonly pick: (forwardTo: string | undefined) => BatchStream
  readonly streams: () => Iterable<BatchStream>
  /** Called for each call that was taken; `onSettled` follows once. */
  readonly onQueued: () => void
  readonly onBatch: (size: number) => void
  readonly onSettled: (entry: BatchEntry, error: Error | undefined) => void
}

/**
 * Collects the calls to one server that are made in one turn of the event loop, and sends them in as few messages as
 * their number needs.
 *
 * Invariants:
 * 1. A call waits no longer than its turn, unless the server reported overload and waiting is configured.
 * 2. A call that cannot be encoded fails alone, before it is queued.
 * 3. Every entry is settled by its answer, its deadline, its signal, the end of its stream or `close`; there is one timer
 *    for all deadlines.
 */
export class BatchQueue implements EntryOwner {
  readonly #options: BatchQueueOptions
  readonly #sweep: DeadlineSweep
  #queue: BatchEntry[] = []
  #scheduled = false
  #wait: { readonly timer: Timer; readonly until: number } | undefined

  constructor(options: BatchQueueOptions) {
    this.#options = options
    this.#sweep = new DeadlineSweep(options.env, (nowMs) => this.#endOverdue(nowMs))
  }

  /** Entries not sent yet. */
  get size(): number {
    return this.#queue.length
  }

  call<Request, Response>(
    method: KvMethod<Request, Response>,
    batchCase: BatchCase,
    request: Request,
    options: StoreCallOptions,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs } = options
      if (signal?.aborted === true) throw abortedError(method.name, this.#options.address, signal.reason)
      const call: EntryCall = {
        method,
        batchCase,
        payload: encodeRequest(method, request),
        forwardTo: options.forwardTo,
        timeoutMs,
        deadlineMs: this.#options.env.clock.monotonicMs() + timeoutMs,
        signal,
      }
      this.#options.onQueued()
      this.#sweep.note(call.deadlineMs)
      this.#queue.push(new BatchEntry(call, this, resolve as (response: unknown) => void, reject))
      this.#schedule()
    })
  }

  close(error: Error): void {
    this.#sweep.stop()
    this.#wait?.timer.cancel()
    const queue = this.#queue
    this.#queue = []
    for (const entry of queue) entry.reject(error)
  }

  onAbort(entry: BatchEntry): void {
    const { method, signal } = entry.call
    this.#giveUp(entry, abortedError(method.name, this.#options.address, signal?.reason))
  }

  onSettled(entry: BatchEntry, error: Error | undefined): void {
    this.#options.onSettled(entry, error)
  }

  /**
   * After the promises of this turn: what they resolve often calls again, and belongs into the same message. A tick set
   * from a microtask runs when no more microtasks are left.
   */
  #schedule(): void {
    if (this.#wait !== undefined) {
      if (this.#queue.length >= this.#wait.until) this.#flush()
      return
    }
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => process.nextTick(() => this.#flushTurn()))
  }

  #flushTurn(): void {
    this.#scheduled = false
    const { env, overloadThreshold } = this.#options
    const waitMs = this.#options.waitMs()
    const batchSizeMax = this.#options.batchSizeMax()
    const few = this.#queue.length > 0 && this.#queue.length < batchSizeMax
    if (!few || waitMs === 0 || this.#load() <= overloadThreshold()) {
      this.#flush()
      return
    }
    if (this.#wait !== undefined) return
    const until = Math.min(batchSizeMax, this.#queue.length + WAIT_FOR)
    this.#wait = { until, timer: env.timers.set(() => this.#flush(), waitMs, { keepAlive: true }) }
  }

  /** What the server reported last of itself, on whichever connection. */
  #load(): number {
    let load = 0
    for (const stream of this.#options.streams()) load = Math.max(load, stream.load)
    return load
  }

  #flush(): void {
    this.#wait?.timer.cancel()
    this.#wait = undefined
    const queue = this.#queue
    this.#queue = []
    const direct: BatchEntry[] = []
    const forwarded = new Map<string, BatchEntry[]>()
    for (const entry of queue) {
      const { forwardTo } = entry.call
      if (entry.settled) continue
      if (forwardTo === undefined) direct.push(entry)
      else {
        const group = forwarded.get(forwardTo)
        if (group === undefined) forwarded.set(forwardTo, [entry])
        else group.push(entry)
      }
    }
    if (direct.length > 0) this.#sendAll(direct, undefined)
    for (const [forwardTo, entries] of forwarded) this.#sendAll(entries, forwardTo)
  }

  #sendAll(entries: readonly BatchEntry[], forwardTo: string | undefined): void {
    const batchSizeMax = this.#options.batchSizeMax()
    if (entries.length <= batchSizeMax) {
      this.#send(entries, forwardTo)
      return
    }
    for (let from = 0; from < entries.length; from += batchSizeMax) {
      this.#send(entries.slice(from, from + batchSizeMax), forwardTo)
    }
  }

  #send(entries: readonly BatchEntry[], forwardTo: string | undefined): void {
    try {
      this.#options.pick(forwardTo).send(entries)
      this.#options.onBatch(entries.length)
    } catch (error) {
      for (const entry of entries) this.#giveUp(entry, error as Error)
    }
  }

  #endOverdue(nowMs: number): number {
    let nextMs = Infinity
    const look = (entry: BatchEntry): void => {
      const { deadlineMs, timeoutMs, method } = entry.call
      if (entry.settled) return
      if (deadlineMs > nowMs) nextMs = Math.min(nextMs, deadlineMs)
      else this.#giveUp(entry, timeoutError(method.name, timeoutMs, this.#options.address))
    }
    for (const stream of this.#options.streams()) for (const entry of [...stream.pending]) look(entry)
    for (const entry of [...this.#queue]) look(entry)
    return nextMs
  }

  #giveUp(entry: BatchEntry, error: Error): void {
    if (entry.id !== 0) for (const stream of this.#options.streams()) stream.forget(entry)
    entry.reject(error)
  }
}
