import type { Env } from '@orbit-ts/base'
import type { HealthFeedback } from '../gen/kvrpcpb.js'
import { BatchStream } from './batch/batch-stream.js'
import type { Channel, Metadata } from './transport.js'

export interface StoreConnectionOptions {
  readonly env: Env
  readonly channel: Channel
  /** Told to the server, which spreads streams over its threads by it. */
  readonly index: number
  readonly nextId: () => number
  readonly onHealthFeedback: (feedback: HealthFeedback) => void
}

/** One of the connections to a store: its channel, and a stream of commands for each forwarded host. */
export class StoreConnection {
  readonly channel: Channel
  /** Calls that travel by themselves. */
  unaryCalls = 0
  readonly #options: StoreConnectionOptions
  readonly #streams = new Map<string, BatchStream>()

  constructor(options: StoreConnectionOptions) {
    this.#options = options
    this.channel = options.channel
  }

  get streams(): Iterable<BatchStream> {
    return this.#streams.values()
  }

  get pendingCalls(): number {
    let count = this.unaryCalls
    for (const stream of this.#streams.values()) count += stream.pendingCount
    return count
  }

  get bufferedBytes(): number {
    let bytes = 0
    for (const stream of this.#streams.values()) bytes += stream.bufferedBytes
    return bytes
  }

  /** Lower is better: 0 for one that can take a call now, 1 for one that still dials, 2 for one that just failed. */
  badness(forwardTo: string | undefined): 0 | 1 | 2 {
    const { state } = this.channel
    if (state === 'failed' || state === 'closed') return 2
    if (this.#streams.get(forwardTo ?? '')?.blocked === true) return 2
    return state === 'connecting' ? 1 : 0
  }

  stream(forwardTo: string | undefined): BatchStream {
    const name = forwardTo ?? ''
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const metadata = { 'tikv-batch-conn-index': String(this.#options.index), ...forwardMetadata(forwardTo) }
    const stream = new BatchStream({ ...this.#options, metadata })
    this.#streams.set(name, stream)
    return stream
  }

  close(error: Error): void {
    for (const stream of this.#streams.values()) stream.close(error)
    this.channel.close(error)
  }
}

/** Has the server called pass the request on. */
export function forwardMetadata(forwardTo: string | undefined): Metadata {
  return forwardTo === undefined ? {} : { 'tikv-forwarded-host': forwardTo }
}
