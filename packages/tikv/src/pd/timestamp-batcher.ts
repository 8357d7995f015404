import { defined, hasCode, OrbitError, type Env, type Logger, type Timer } from '@orbit-ts/base'
import type { TsoRequest, TsoResponse } from '../gen/pdpb.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { pdMethods } from '../rpc/pd-methods.js'
import { closedError, statusOf } from '../rpc/rpc-error.js'
import type { Duplex } from '../rpc/transport.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { composeTimestamp, type Timestamp } from '../timestamp.js'
import { translated, type PdCaller } from './pd-caller.js'
import type { PdMembers } from './pd-members.js'

const BATCH_MAX = 20_000
const RECONNECT_PAUSE_MS = { first: 20, max: 100 }
const BEST_BATCH_START = 8

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
  /** Of a caller that names none; also how long a request may stay unanswered before its stream is given up. */
  readonly timeoutMs: number
  readonly maxWaitMs: number
  /** Requests in flight on the stream at once. */
  readonly concurrency: number
  readonly pendingMax: number
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

/** One request on the stream. */
interface Batch {
  readonly waiters: readonly Waiter[]
  readonly sentMs: number
}

/**
 * Timestamps from PD, many callers to one request, over one stream.
 *
 * Invariants:
 * 1. PD answers requests in order; the i-th of `count` timestamps is `logical − count + 1 + i`.
 * 2. A waiter is answered once: with a timestamp larger than every one handed out before its call, or an error at its
 *    deadline at the latest. When a stream breaks, its waiters go back to the front of the queue.
 * 3. While `concurrency` requests are in flight callers queue up, and the next request takes all of them.
 * 4. At most `pendingMax` callers wait.
 * 5. A request that stays unanswered for `timeoutMs` ends its stream, whether or not its callers still wait; a caller
 *    that gives up earlier leaves the stream to the others.
 *
 * Equivalent in PD's client: `clients/tso/dispatcher.go`.
 */
export class TimestampBatcher {
  readonly #options: TimestampBatcherOptions
  #queue: Waiter[] = []
  /** Batches sent and not answered, oldest first. */
  #inFlight: Batch[] = []
  #waiting = 0
  #stream: Duplex<TsoRequest> | undefined
  #reconnect: Timer | undefined
  #reconnectPauseMs = RECONNECT_PAUSE_MS.first
  #failures = 0
  #scheduled = false
  #wait: Timer | undefined
  #deadline: { readonly timer: Timer; readonly atMs: number } | undefined
  #lastFailure: Error | undefined
  #bestBatchSize = BEST_BATCH_START
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
      if (this.#waiting >= this.#options.pendingMax) throw tooMany(this.#options.pendingMax)
      const nowMs = this.#options.env.clock.monotonicMs()
      const onAbort = (): void => this.#fail(waiter, aborted(signal))
      const waiter: Waiter = {
        resolve,
        reject,
        release: () => signal?.removeEventListener('abort', onAbort),
        startMs: nowMs,
        deadlineMs: nowMs + (timeoutMs ?? this.#options.timeoutMs),
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
    const stream = this.#stream
    this.#stream = undefined
    stream?.cancel()
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
    if (this.#inFlight.length >= this.#options.concurrency) return
    if (!waited && this.#options.maxWaitMs > 0 && this.#queue.length < this.#bestBatchSize) {
      this.#wait ??= this.#options.env.timers.set(() => {
        this.#wait = undefined
        this.#flush(true)
      }, this.#options.maxWaitMs)
      return
    }
    this.#wait?.cancel()
    this.#wait = undefined
    let stream: Duplex<TsoRequest>
    try {
      stream = this.#stream ??= this.#open()
    } catch (error) {
      this.#recover(OrbitError.from(error))
      return
    }
    const batch = this.#queue.filter((waiter) => !waiter.done)
    this.#queue = batch.splice(BATCH_MAX)
    if (batch.length === 0) return
    this.#adaptBatchSize(batch.length)
    this.#inFlight.push({ waiters: batch, sentMs: this.#options.env.clock.monotonicMs() })
    this.#watchDeadline(this.#hangsAtMs())
    this.#options.telemetry.timestampBatchSize.observe(batch.length)
    // A stream that has ended tells so itself, through `onEnd`.
    stream.send({ header: this.#options.caller.header(), count: batch.length, dcLocation: 'global' })
    if (this.#queue.length > 0) this.#schedule()
  }

  #adaptBatchSize(size: number): void {
    if (size < this.#bestBatchSize) this.#bestBatchSize = Math.max(1, this.#bestBatchSize - 1)
    else if (size > this.#bestBatchSize + 4) this.#bestBatchSize += 1
  }

  #open(): Duplex<TsoRequest> {
    const { caller, members } = this.#options
    const target = caller.leaderTarget(this.#failures % 2 === 1)
    if (target === undefined) throw new OrbitError('PD_UNAVAILABLE', 'PD has no leader')
    const stream: Duplex<TsoRequest> = members.channel(target.endpoint).duplex(
      pdMethods.tso,
      {
        onMessage: (response) => {
          if (this.#stream === stream) this.#onResponse(response)
        },
        onEnd: (error) => {
          if (this.#stream === stream) this.#onEnd(error)
        },
      },
      { metadata: target.metadata },
    )
    return stream
  }

  #onResponse(response: TsoResponse): void {
    const problem = problemOf(response, this.#inFlight[0]?.waiters.length)
    if (problem !== undefined) {
      this.#dropStream()
      this.#recover(problem)
      return
    }
    this.#failures = 0
    this.#lastFailure = undefined
    this.#reconnectPauseMs = RECONNECT_PAUSE_MS.first
    const batch = defined(this.#inFlight.shift(), 'a batch in flight was checked').waiters
    const granted = defined(response.timestamp, 'a timestamp was checked')
    const first = composeTimestamp(granted.physical, granted.logical - BigInt(batch.length) + 1n)
    if (first <= this.#last) {
      this.#fallBack(batch, first)
      return
    }
    this.#last = first + BigInt(batch.length - 1)
    const nowMs = this.#options.env.clock.monotonicMs()
    for (const [index, waiter] of batch.entries()) this.#succeed(waiter, first + BigInt(index), nowMs)
    this.#flush(false)
  }

  /** PD broke its promise; nobody may go on as if time had passed. */
  #fallBack(batch: readonly Waiter[], got: Timestamp): void {
    const error = new OrbitError(
      'TSO_FALLBACK',
      `PD gave timestamp ${got}, which is not larger than ${this.#last} given before; its clock or data went back, and no transaction is safe until that is mended`,
      { last: String(this.#last), got: String(got) },
    )
    this.#options.logger.fatal({ last: String(this.#last), got: String(got) }, 'timestamps of PD went back')
    this.#dropStream()
    for (const waiter of [...batch, ...this.#takeAll()]) this.#fail(waiter, error)
  }

  #onEnd(error: Error | undefined): void {
    this.#stream = undefined
    this.#recover(error ?? new OrbitError('PD_UNAVAILABLE', 'PD ended the timestamp stream'))
  }

  /** Puts what is in flight back into the queue, asks who leads, and opens another stream after a pause. */
  #recover(cause: Error): void {
    if (this.#closed) return
    this.#queue = this.#takeAll()
    this.#failures += 1
    this.#lastFailure = cause
    if (isFinal(cause)) for (const waiter of this.#takeAll()) this.#fail(waiter, translated('Tso', cause))
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

  #dropStream(): void {
    const stream = this.#stream
    this.#stream = undefined
    stream?.cancel()
  }

  /** All who still wait, those in flight first. */
  #takeAll(): Waiter[] {
    const all = [...this.#waiters()]
    this.#inFlight = []
    this.#queue = []
    return all
  }

  *#waiters(): Generator<Waiter, void, void> {
    for (const { waiters } of this.#inFlight) for (const waiter of waiters) if (!waiter.done) yield waiter
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
    const [oldest] = this.#inFlight
    return oldest === undefined ? Infinity : oldest.sentMs + this.#options.timeoutMs
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
    if (this.#hangsAtMs() <= nowMs) {
      this.#dropStream()
      this.#recover(new OrbitError('PD_UNAVAILABLE', 'PD did not answer on the timestamp stream'))
    }
    if (nextMs < Infinity) this.#watchDeadline(Math.min(nextMs, this.#hangsAtMs()))
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

function problemOf(response: TsoResponse, asked = 0): OrbitError | undefined {
  const refused = response.header?.error
  if (refused !== undefined && refused.type !== 0) {
    return new OrbitError('PD_UNAVAILABLE', `PD refused timestamps: ${refused.message}`, {
      type: refused.type,
    })
  }
  if (asked > 0 && response.timestamp !== undefined && response.count === asked) return undefined
  return new OrbitError(
    'PROTOCOL_VIOLATION',
    `PD answered ${response.count} timestamps where ${asked} were asked for`,
    { count: response.count, asked },
  )
}

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
