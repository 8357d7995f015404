import { hasCode, OrbitError, type Env, type Logger, type Timer } from '@orbit-ts/base'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { abortedDuring } from '../retry/aborted-during.js'
import { closedError, statusOf } from '../rpc/rpc-error.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Timestamp } from '../timestamp.js'
import { translated, type PdCaller } from './pd-caller.js'
import type { PdConfig } from './pd-config.js'
import type { PdMembers } from './pd-members.js'
import { TimestampStream, type TimestampBatch, type TimestampStreamEvents } from './timestamp-stream.js'

const BATCH_MAX = 20_000
const RECONNECT_PAUSE_MS = { first: 20, max: 100 }
const BEST_BATCH_START = 8
/** Weight of one answer in the average time that PD takes. */
const LATENCY_WEIGHT = 0.2

/** Refusals that asking another member, or asking again, does not change. */
const FINAL_STATUSES: ReadonlySet<GrpcStatus | undefined> = new Set([
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.FAILED_PRECONDITION,
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.UNAUTHENTICATED,
])

export interface TimestampBatcherOptions {
  readonly env: Env
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly caller: Pick<PdCaller, 'header' | 'leaderTarget'>
  readonly members: Pick<PdMembers, 'channel' | 'leader' | 'refresh'>
  /**
   * `pdServerTimeout` is for callers that name none, and how long a request may stay unanswered before its stream is
   * given up.
   */
  readonly config: Pick<PdConfig, 'pdServerTimeout' | 'tsoMaxWait' | 'tsoConcurrency' | 'tsoPendingMax'>
}

interface Waiter {
  readonly resolve: (timestamp: Timestamp) => void
  readonly reject: (error: unknown) => void
  /** Takes the listener off the caller's signal. */
  readonly release: () => void
  readonly startMs: number
  readonly deadlineMs: number
  done: boolean
}

type Stream = TimestampStream<Waiter>
type Batch = TimestampBatch<Waiter>

/**
 * Timestamps from PD, many callers to one request.
 *
 * Invariants:
 * 1. A waiter is answered once: with a timestamp larger than every one handed out before its call, or an error at its
 *    deadline at the latest. When a stream breaks, its waiters go back to the front of the queue.
 * 2. With a concurrency of 1 there is one request at a time: callers queue up meanwhile, and the next request takes all
 *    of them. With n, there are up to n streams, a request is sent each n-th part of the time that PD takes to answer,
 *    and at most 2n are in flight.
 * 3. At most `tsoPendingMax` callers wait.
 * 4. A request that stays unanswered for `pdServerTimeout` ends its stream, whether or not its callers still wait; a
 *    caller that gives up earlier leaves the stream to the others.
 *
 * Equivalent in PD's client: `clients/tso/dispatcher.go`.
 */
export class TimestampBatcher implements TimestampStreamEvents<Waiter> {
  readonly #options: TimestampBatcherOptions
  #queue: Waiter[] = []
  #streams: readonly Stream[] = []
  #waiting = 0
  #reconnect: Timer | undefined
  #reconnectPauseMs = RECONNECT_PAUSE_MS.first
  #failures = 0
  #scheduled = false
  #wait: Timer | undefined
  #deadline: { readonly timer: Timer; readonly atMs: number } | undefined
  #lastFailure: Error | undefined
  #bestBatchSize = BEST_BATCH_START
  #sentMs = Number.NEGATIVE_INFINITY
  /** How long PD takes to answer, on average. */
  #latencyMs = 0
  #last: Timestamp = 0n
  #closed = false

  constructor(options: TimestampBatcherOptions) {
    this.#options = options
  }

  get pending(): number {
    return this.#waiting
  }

  /**
   * @throws `PD_UNAVAILABLE` at the deadline, `TSO_FALLBACK`, `SERVER_BUSY` when too many callers wait, `ABORTED`,
   *   `CLIENT_CLOSED`.
   */
  get(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<Timestamp> {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw closedError('the client')
      if (signal?.aborted === true) throw aborted(signal)
      const { tsoPendingMax, pdServerTimeout } = this.#options.config
      if (this.#waiting >= tsoPendingMax) throw tooMany(tsoPendingMax)
      const nowMs = this.#options.env.clock.monotonicMs()
      const onAbort = (): void => this.#fail(waiter, this.#aborted(signal))
      const waiter: Waiter = {
        resolve,
        reject,
        release: () => signal?.removeEventListener('abort', onAbort),
        startMs: nowMs,
        deadlineMs: nowMs + (timeoutMs ?? pdServerTimeout),
        done: false,
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting += 1
      this.#queue.push(waiter)
      this.#watchDeadline(Math.min(waiter.deadlineMs, this.#hangsAtMs()))
      this.#schedule()
    })
  }

  close(): void {
    this.#closed = true
    this.#reconnect?.cancel()
    this.#wait?.cancel()
    const error = closedError('the client')
    for (const waiter of this.#takeAll()) this.#fail(waiter, error)
    this.#dropStreams()
  }

  /** Sends at the end of this microtask turn, so that callers of one turn share the request. */
  #schedule(): void {
    if (this.#scheduled || (this.#wait !== undefined && this.#queue.length < this.#bestBatchSize)) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#flush(false)
    })
  }

  #flush(waited: boolean): void {
    if (this.#closed || this.#reconnect !== undefined || this.#queue.length === 0) return
    if (this.#inFlight() >= this.#inFlightMax()) return
    const waitMs = waited ? 0 : this.#waitMs()
    if (waitMs > 0) {
      this.#wait ??= this.#options.env.timers.set(() => {
        this.#wait = undefined
        this.#flush(true)
      }, waitMs)
      return
    }
    this.#wait?.cancel()
    this.#wait = undefined
    let stream: Stream
    try {
      stream = this.#freeStream()
    } catch (error) {
      this.#recover(OrbitError.from(error))
      return
    }
    const waiters = this.#queue.filter((waiter) => !waiter.done)
    this.#queue = waiters.splice(BATCH_MAX)
    if (waiters.length === 0) return
    this.#adaptBatchSize(waiters.length)
    this.#sentMs = this.#options.env.clock.monotonicMs()
    stream.send(this.#options.caller.header(), { waiters, sentMs: this.#sentMs, floor: this.#last })
    this.#watchDeadline(this.#hangsAtMs())
    this.#options.telemetry.timestampBatchSize.observe(waiters.length)
    if (this.#queue.length > 0) this.#schedule()
  }

  get #concurrency(): number {
    const { tsoMaxWait, tsoConcurrency } = this.#options.config
    // To wait for more callers and to have more requests at once are opposite aims.
    return tsoMaxWait > 0 ? 1 : tsoConcurrency
  }

  #inFlightMax(): number {
    const concurrency = this.#concurrency
    return concurrency === 1 ? 1 : 2 * concurrency
  }

  #inFlight(): number {
    return this.#streams.reduce((sum, { inFlight }) => sum + inFlight.length, 0)
  }

  /** How long those who wait for the next request may wait for company. */
  #waitMs(): number {
    const { config, env } = this.#options
    if (config.tsoMaxWait > 0) return this.#queue.length < this.#bestBatchSize ? config.tsoMaxWait : 0
    if (this.#concurrency === 1 || this.#inFlight() === 0) return 0
    return this.#sentMs + this.#latencyMs / this.#concurrency - env.clock.monotonicMs()
  }

  /** The stream with the least to do; another one when all have something to do. */
  #freeStream(): Stream {
    const [least] = this.#streams.toSorted((one, other) => one.inFlight.length - other.inFlight.length)
    if (least !== undefined && (least.inFlight.length === 0 || this.#streams.length >= this.#concurrency))
      return least
    const { caller, members } = this.#options
    const target = caller.leaderTarget(this.#failures)
    if (target === undefined) throw new OrbitError('PD_UNAVAILABLE', 'PD has no leader')
    const stream: Stream = new TimestampStream(members.channel(target.endpoint), target.metadata, this)
    this.#streams = [...this.#streams, stream]
    return stream
  }

  #adaptBatchSize(size: number): void {
    if (size < this.#bestBatchSize) this.#bestBatchSize = Math.max(1, this.#bestBatchSize - 1)
    else if (size > this.#bestBatchSize + 4) this.#bestBatchSize += 1
  }

  /** See {@link TimestampStreamEvents}. */
  onGranted(_stream: Stream, { waiters, sentMs, floor }: Batch, first: Timestamp): void {
    if (first <= floor) {
      this.#fallBack(waiters, first, floor)
      return
    }
    this.#failures = 0
    this.#lastFailure = undefined
    this.#reconnectPauseMs = RECONNECT_PAUSE_MS.first
    const last = first + BigInt(waiters.length - 1)
    // Another stream may have been answered later and read earlier.
    if (last > this.#last) this.#last = last
    const nowMs = this.#options.env.clock.monotonicMs()
    const tookMs = nowMs - sentMs
    this.#latencyMs =
      this.#latencyMs === 0 ? tookMs : this.#latencyMs + LATENCY_WEIGHT * (tookMs - this.#latencyMs)
    for (const [index, waiter] of waiters.entries()) this.#succeed(waiter, first + BigInt(index), nowMs)
    this.#flush(false)
  }

  /** See {@link TimestampStreamEvents}. */
  onBroken(stream: Stream, cause: Error): void {
    this.#putBack(stream)
    this.#recover(cause)
  }

  /** PD broke its promise; nobody may go on as if time had passed. */
  #fallBack(waiters: readonly Waiter[], got: Timestamp, last: Timestamp): void {
    const error = new OrbitError(
      'TSO_FALLBACK',
      `PD gave timestamp ${got}, which is not larger than ${last} given before; its clock or data went back, and no transaction is safe until that is mended`,
      { last: String(last), got: String(got) },
    )
    this.#options.logger.fatal({ last: String(last), got: String(got) }, 'timestamps of PD went back')
    const alive = [...waiters.filter(({ done }) => !done), ...this.#takeAll()]
    this.#dropStreams()
    for (const waiter of alive) this.#fail(waiter, error)
  }

  /** Asks who leads, and opens another stream after a pause. */
  #recover(cause: Error): void {
    if (this.#closed) return
    this.#failures += 1
    this.#lastFailure = cause
    if (isFinal(cause)) {
      const all = this.#takeAll()
      this.#dropStreams()
      for (const waiter of all) this.#fail(waiter, translated('Tso', cause))
    }
    if (this.#reconnect !== undefined) return
    this.#options.logger.debug({ err: cause }, 'the timestamp stream ended')
    const pauseMs = this.#reconnectPauseMs
    this.#reconnectPauseMs = Math.min(RECONNECT_PAUSE_MS.max, pauseMs * 2)
    const { env, members } = this.#options
    // Set at once, so that nobody flushes meanwhile; the second pause begins when the leader is known.
    this.#reconnect = { cancel: () => undefined }
    void members.refresh().then(() => {
      if (this.#closed) return
      this.#reconnect = env.timers.set(() => {
        this.#reconnect = undefined
        this.#flush(true)
      }, pauseMs)
    })
  }

  /** Takes the stream out of use; those who wait for it go to the front of the queue. */
  #putBack(stream: Stream): void {
    this.#streams = this.#streams.filter((one) => one !== stream)
    const waiters = stream.take().flatMap((batch) => batch.waiters)
    this.#queue = [...waiters.filter(({ done }) => !done), ...this.#queue]
  }

  #dropStreams(): void {
    const streams = this.#streams
    this.#streams = []
    for (const stream of streams) stream.drop()
  }

  /** All who still wait, those in flight first. */
  #takeAll(): Waiter[] {
    const all = [...this.#waiters()]
    for (const stream of this.#streams) stream.take()
    this.#queue = []
    return all
  }

  *#waiters(): Generator<Waiter, void, void> {
    for (const { inFlight } of this.#streams) {
      for (const { waiters } of inFlight) for (const waiter of waiters) if (!waiter.done) yield waiter
    }
    for (const waiter of this.#queue) if (!waiter.done) yield waiter
  }

  #succeed(waiter: Waiter, timestamp: Timestamp, nowMs: number): void {
    if (waiter.done) return
    this.#release(waiter)
    this.#options.telemetry.timestampWaitSeconds.observe((nowMs - waiter.startMs) / 1000)
    waiter.resolve(timestamp)
  }

  #fail(waiter: Waiter, error: unknown): void {
    if (waiter.done) return
    this.#release(waiter)
    waiter.reject(error)
  }

  #release(waiter: Waiter): void {
    waiter.done = true
    waiter.release()
    this.#waiting -= 1
    if (this.#waiting > 0) return
    this.#deadline?.timer.cancel()
    this.#deadline = undefined
  }

  /** When the oldest request has been unanswered for too long. */
  #hangsAtMs(): number {
    return Math.min(...this.#streams.map((stream) => this.#streamHangsAtMs(stream)))
  }

  #streamHangsAtMs({ inFlight: [oldest] }: Stream): number {
    return oldest === undefined ? Infinity : oldest.sentMs + this.#options.config.pdServerTimeout
  }

  /** One timer for all waiters: it looks through them when the earliest deadline it knows of passes. */
  #watchDeadline(atMs: number): void {
    if (this.#deadline !== undefined && this.#deadline.atMs <= atMs) return
    this.#deadline?.timer.cancel()
    const { env } = this.#options
    const timer = env.timers.set(
      () => {
        this.#deadline = undefined
        this.#expire()
      },
      Math.max(0, atMs - env.clock.monotonicMs()),
      { keepAlive: true },
    )
    this.#deadline = { timer, atMs }
  }

  #expire(): void {
    const nowMs = this.#options.env.clock.monotonicMs()
    let nextMs = Infinity
    for (const waiter of this.#waiters()) {
      if (waiter.deadlineMs <= nowMs) this.#fail(waiter, this.#tooLate(waiter))
      else nextMs = Math.min(nextMs, waiter.deadlineMs)
    }
    this.#queue = this.#queue.filter((waiter) => !waiter.done)
    for (const stream of this.#streams.filter((one) => this.#streamHangsAtMs(one) <= nowMs)) {
      stream.drop()
      this.onBroken(stream, new OrbitError('PD_UNAVAILABLE', 'PD did not answer on the timestamp stream'))
    }
    if (nextMs < Infinity) this.#watchDeadline(Math.min(nextMs, this.#hangsAtMs()))
  }

  #aborted(signal: AbortSignal | undefined): OrbitError {
    const failure = this.#lastFailure
    return failure === undefined
      ? aborted(signal)
      : abortedDuring(aborted(signal), 'PD_UNAVAILABLE', `PD gives no timestamps; last: ${failure.message}`)
  }

  #tooLate(waiter: Waiter): OrbitError {
    const timeoutMs = waiter.deadlineMs - waiter.startMs
    const leader = this.#options.members.leader?.url ?? 'none known'
    const why = this.#lastFailure === undefined ? '' : `; last: ${this.#lastFailure.message}`
    return new OrbitError(
      'PD_UNAVAILABLE',
      `PD gave no timestamp within ${timeoutMs} ms (pdServerTimeout); leader: ${leader}${why}`,
      { method: 'Tso', timeoutMs, leader },
      { cause: this.#lastFailure },
    )
  }
}

/** Neither another member nor another stream would answer otherwise. */
const isFinal = (cause: Error): boolean =>
  FINAL_STATUSES.has(statusOf(cause)) ||
  (cause instanceof OrbitError && hasCode(translated('Tso', cause), 'PD_CLUSTER_MISMATCH'))

const aborted = (signal: AbortSignal | undefined): OrbitError =>
  new OrbitError(
    'ABORTED',
    'the wait for a timestamp was aborted by its signal',
    {},
    { cause: signal?.reason },
  )

const tooMany = (max: number): OrbitError =>
  new OrbitError(
    'SERVER_BUSY',
    `${max} callers wait for a timestamp already (tsoPendingMax); send less at once`,
    { limit: 'tsoPendingMax', value: max },
  )
