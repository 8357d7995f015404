import { OrbitError } from '@orbit-ts/base'
import type { TsoRequest, TsoResponse } from '../gen/pdpb.js'
import { pdMethods } from '../rpc/pd-methods.js'
import type { Channel, Duplex, Metadata } from '../rpc/transport.js'
import { composeTimestamp, type Timestamp } from '../timestamp.js'

/** One request for timestamps. */
export interface TimestampBatch<Waiter> {
  readonly waiters: readonly Waiter[]
  readonly sentMs: number
  /** The largest timestamp that anybody had when it was sent: what it gets must be larger. */
  readonly floor: Timestamp
}

export interface TimestampStreamEvents<Waiter> {
  /** `first` is for the first of the waiters, the next one up for the second, and so on. */
  onGranted(stream: TimestampStream<Waiter>, batch: TimestampBatch<Waiter>, first: Timestamp): void
  /** The stream is of no use any more; what it had in flight is left to take. */
  onBroken(stream: TimestampStream<Waiter>, cause: Error): void
}

/**
 * One stream of timestamps from PD.
 *
 * Invariants:
 * 1. PD answers requests in order; the i-th of `count` timestamps is `logical − count + 1 + i`.
 * 2. After `drop`, its end or a wrong answer it tells nothing more.
 */
export class TimestampStream<Waiter> {
  readonly #events: TimestampStreamEvents<Waiter>
  readonly #duplex: Duplex<TsoRequest>
  /** Sent and not answered, oldest first. */
  #inFlight: TimestampBatch<Waiter>[] = []
  #isOver = false

  constructor(channel: Channel, metadata: Metadata | undefined, events: TimestampStreamEvents<Waiter>) {
    this.#events = events
    this.#duplex = channel.duplex(
      pdMethods.tso,
      {
        onMessage: (response) => this.#onResponse(response),
        onEnd: (error) =>
          this.#break(error ?? new OrbitError('PD_UNAVAILABLE', 'PD ended the timestamp stream')),
      },
      { metadata },
    )
  }

  get inFlight(): readonly TimestampBatch<Waiter>[] {
    return this.#inFlight
  }

  /** A stream that has ended tells so itself, through `onBroken`. */
  send(header: TsoRequest['header'], batch: TimestampBatch<Waiter>): void {
    this.#inFlight.push(batch)
    this.#duplex.send({ header, count: batch.waiters.length, dcLocation: 'global' })
  }

  /** What is in flight, which is then no longer this stream's. */
  take(): readonly TimestampBatch<Waiter>[] {
    const taken = this.#inFlight
    this.#inFlight = []
    return taken
  }

  drop(): void {
    this.#isOver = true
    this.#duplex.cancel()
  }

  #onResponse(response: TsoResponse): void {
    if (this.#isOver) return
    const problem = problemOf(response, this.#inFlight[0]?.waiters.length)
    const batch = problem === undefined ? this.#inFlight.shift() : undefined
    if (batch === undefined || response.timestamp === undefined) {
      this.#break(problem ?? unasked(response))
      this.#duplex.cancel()
      return
    }
    const { physical, logical } = response.timestamp
    const first = composeTimestamp(physical, logical - BigInt(batch.waiters.length) + 1n)
    this.#events.onGranted(this, batch, first)
  }

  #break(cause: Error): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#events.onBroken(this, cause)
  }
}

function problemOf(response: TsoResponse, asked = 0): OrbitError | undefined {
  const refused = response.header?.error
  if (refused !== undefined && refused.type !== 0) {
    return new OrbitError('PD_UNAVAILABLE', `PD refused timestamps: ${refused.message}`, {
      type: refused.type,
    })
  }
  if (asked > 0 && response.timestamp !== undefined && response.count === asked) return undefined
  return unasked(response, asked)
}

const unasked = ({ count }: TsoResponse, asked = 0): OrbitError =>
  new OrbitError('PROTOCOL_VIOLATION', `PD answered ${count} timestamps where ${asked} were asked for`, {
    count,
    asked,
  })
