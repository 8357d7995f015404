import type { Env } from '@orbit-ts/base'
import type { HealthFeedback } from '../../gen/kvrpcpb.js'
import { batchCommands } from '../batch-commands.js'
import type { BatchItem, BatchRequest, BatchResponse } from '../batch-message.js'
import { GrpcStatus } from '../grpc-status.js'
import { rpcError } from '../rpc-error.js'
import type { Channel, Duplex, Metadata } from '../transport.js'
import type { BatchEntry } from './batch-entry.js'

export interface BatchStreamOptions {
  readonly env: Env
  readonly channel: Channel
  readonly metadata: Metadata
  /** Of the whole client's entries for this server; ids are never used twice. */
  readonly nextId: () => number
  readonly onHealthFeedback: (feedback: HealthFeedback) => void
}

const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 2000

/**
 * A `BatchCommands` stream of one connection (and one forwarded host): sends batches, matches answers by id.
 *
 * Invariants:
 * 1. An entry that was sent is in `#pending` until it is settled; answers to ids that are not there are dropped.
 * 2. When the stream ends, every pending entry fails at once and nothing is sent again: only the caller knows whether it
 *    may be. The next batch opens another stream.
 * 3. A stream that failed without having brought one answer is not opened again before a back-off.
 */
export class BatchStream {
  readonly #options: BatchStreamOptions
  readonly #pending = new Map<number | bigint, BatchEntry>()
  #duplex: Duplex<BatchRequest> | undefined
  #answered = false
  #failures = 0
  #retryAtMs = -Infinity
  #lastError: Error | undefined
  #load = 0

  constructor(options: BatchStreamOptions) {
    this.#options = options
  }

  get pendingCount(): number {
    return this.#pending.size
  }

  get pending(): Iterable<BatchEntry> {
    return this.#pending.values()
  }

  get bufferedBytes(): number {
    return this.#duplex?.bufferedBytes ?? 0
  }

  /** The load that the server last reported of itself. */
  get load(): number {
    return this.#load
  }

  get blocked(): boolean {
    return this.#retryAtMs > -Infinity && this.#options.env.clock.monotonicMs() < this.#retryAtMs
  }

  send(entries: readonly BatchEntry[]): void {
    if (this.blocked) {
      const error = this.#lastError ?? this.#lostError(undefined)
      for (const entry of entries) entry.reject(error)
      return
    }
    for (const entry of entries) {
      entry.id = this.#options.nextId()
      this.#pending.set(entry.id, entry)
    }
    const nowMs = this.#options.env.clock.nowMs()
    this.#open().send({ items: entries, clientSendTimeNs: BigInt(Math.trunc(nowMs)) * 1_000_000n })
  }

  /** The entry was settled by others: its answer, when it comes, is dropped. */
  forget(entry: BatchEntry): void {
    this.#pending.delete(entry.id)
  }

  close(error: Error): void {
    const duplex = this.#duplex
    this.#duplex = undefined
    this.#failAll(error)
    duplex?.cancel()
  }

  #open(): Duplex<BatchRequest> {
    if (this.#duplex !== undefined) return this.#duplex
    const { channel, metadata } = this.#options
    const duplex: Duplex<BatchRequest> = channel.duplex(
      batchCommands,
      {
        onMessage: (response) => {
          if (this.#duplex === duplex) this.#onResponse(response)
        },
        onEnd: (error) => {
          if (this.#duplex === duplex) this.#onEnd(error)
        },
      },
      { metadata },
    )
    this.#duplex = duplex
    this.#answered = false
    return duplex
  }

  #onResponse(response: BatchResponse): void {
    if (!this.#answered) {
      this.#answered = true
      this.#failures = 0
    }
    this.#load = Number(response.transportLayerLoad)
    if (response.healthFeedback !== undefined) this.#options.onHealthFeedback(response.healthFeedback)
    for (const item of response.items) {
      const entry = this.#pending.get(item.id)
      if (entry === undefined) continue
      this.#pending.delete(item.id)
      this.#answer(entry, item)
    }
  }

  #answer(entry: BatchEntry, item: BatchItem): void {
    const { method } = entry.call
    if (item.batchCase !== entry.batchCase) {
      const got = item.batchCase ?? 'an unknown command'
      entry.reject(this.#badAnswer(`${method.name} was answered with ${got}`))
      return
    }
    let response: unknown
    try {
      response = method.decodeResponse(item.payload)
    } catch (cause) {
      entry.reject(this.#badAnswer(`an answer to ${method.name} cannot be decoded`, cause))
      return
    }
    entry.resolve(response)
  }

  #onEnd(error: Error | undefined): void {
    this.#duplex = undefined
    const why = error ?? this.#lostError(undefined)
    this.#lastError = why
    if (!this.#answered) this.#backOff()
    this.#failAll(why)
  }

  /** The first failure costs no wait: a server that restarts breaks streams that were good. */
  #backOff(): void {
    const { clock, random } = this.#options.env
    if (this.#failures > 0) {
      const fullMs = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** (this.#failures - 1))
      this.#retryAtMs = clock.monotonicMs() + fullMs / 2 + (random.float() * fullMs) / 2
    }
    this.#failures += 1
  }

  #failAll(error: Error): void {
    const entries = [...this.#pending.values()]
    this.#pending.clear()
    for (const entry of entries) entry.reject(error)
  }

  #lostError(cause: unknown): Error {
    const { address } = this.#options.channel
    return rpcError(GrpcStatus.UNAVAILABLE, 'the server ended the stream of commands', address, { cause })
  }

  #badAnswer(reason: string, cause?: unknown): Error {
    return rpcError(GrpcStatus.INTERNAL, reason, this.#options.channel.address, { cause })
  }
}
