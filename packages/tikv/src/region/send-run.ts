import { EMPTY_BYTES, hasCode, OrbitError, type Env, type Logger } from '@orbit-ts/base'
import { SpanStatusCode, type Span } from '@opentelemetry/api'
import type { ApiCodec } from '../codec/api-codec.js'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { Error as RegionError } from '../gen/errorpb.js'
import { Error as RegionErrorMessage } from '../gen/errorpb.js'
import { Context } from '../gen/kvrpcpb.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import type { InterceptedCall, StoreCallOptions, StoreRpc } from '../rpc/store-rpc.js'
import { addRpc, addServerDetails } from '../telemetry/exec-details.js'
import { traceIdOf } from '../telemetry/in-span.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { AttemptLog } from './attempt-log.js'
import type { RegionCache } from './region-cache.js'
import { handleRegionError } from './region-error-handler.js'
import { regionErrorKind } from './region-error-kind.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionVersion,
  SendOptions,
  SendRegionError,
  SendSuccess,
} from './region-request.js'
import { ReplicaSelector, type ReplicaChoice } from './replica-selector.js'
import type { SendCounters } from './send-counters.js'
import type { Store } from './store.js'
import { handleTransportError, mayHaveBeenSent, requireNotAborted } from './transport-error-handler.js'
import { markUndetermined } from './undetermined.js'

export interface SendEnvironment {
  readonly env: Env
  readonly logger: Logger
  readonly telemetry: Telemetry
  readonly codec: ApiCodec
  readonly cache: RegionCache
  readonly rpc: StoreRpc
  readonly clusterId: bigint
  readonly config: Pick<TiKVConfig, 'forwarding'>
  readonly counters: SendCounters
  readonly log: AttemptLog
}

/** Timeouts below this are the caller's own choice, and a read that misses one goes to another replica. */
const SHORT_READ_MS = 30_000
const ERRORS_KEPT = 8
/** Requests with fewer attempts are not worth a line in the log when they fail, nor remembering when they do not. */
const ATTEMPTS_TO_LOG = 3

const EMPTY_CONTEXT: Context = Context.create()
/** What the caller gets when there is no replica to ask: it locates its keys anew. */
const NOBODY_TO_ASK: RegionError = RegionErrorMessage.create({ epochNotMatch: {} })

const REPLICA_READS: ReadonlySet<string> = new Set([
  'KvGet',
  'KvBatchGet',
  'KvScan',
  'Coprocessor',
  'CoprocessorStream',
  'RawGet',
  'RawBatchGet',
  'RawScan',
  'RawBatchScan',
])

/**
 * One request on its way to one region: whom it goes to next, and what its failures mean.
 *
 * Invariants:
 * 1. Every attempt after the first carries `is_retry_request`.
 * 2. `transportFailed` is true from the first attempt on whose answer did not come although it may have been sent.
 */
export class SendRun<Request extends RegionRequest, Response extends RegionResponse> {
  transportFailed = false
  readonly #on: SendEnvironment
  readonly #backoffer: Backoffer
  readonly #method: KvMethod<Request, Response>
  readonly #request: Request
  readonly #options: SendOptions
  readonly #selector: ReplicaSelector | undefined
  readonly #base: Context
  readonly #isRead: boolean
  #choice: ReplicaChoice | undefined
  #attempts = 0
  #tlsFailures = 0
  #errors: string[] | undefined
  #startMs = 0
  #span: Span | undefined

  constructor(
    on: SendEnvironment,
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    options: SendOptions,
  ) {
    this.#on = on
    this.#backoffer = backoffer
    this.#method = method
    this.#options = options
    this.#base = request.context ?? EMPTY_CONTEXT
    this.#request = on.codec.encodeRequest(method, request)
    this.#isRead = REPLICA_READS.has(method.name)
    const known = on.cache.current(region)
    if (known === undefined) return
    this.#selector = new ReplicaSelector(known, {
      env: on.env,
      cache: on.cache,
      forwarding: on.config.forwarding,
      isRead: this.#isRead,
      replicaRead: options.replicaRead,
      staleRead: options.staleRead,
      labels: options.labels,
      storeIds: options.storeIds,
      leaderOnly: options.leaderOnly,
      busyThresholdMs: options.busyThresholdMs,
    })
  }

  /**
   * Chooses the next replica. False when there is none: then {@link nobody} is the outcome.
   * @throws ABORTED when the caller has given up: an attempt that is not made leaves no doubt about what was applied
   */
  prepare(): boolean | Promise<boolean> {
    requireNotAborted(this.#backoffer.signal)
    const choice = this.#selector?.next()
    this.#choice = choice
    if (choice === undefined) return this.#waitBeforeGivingUp()
    const { store } = choice.target.replica
    if (store.state === 'unresolved' || store.state === 'tombstone' || this.#attempts > 0)
      return this.#prepareSlowly(choice)
    requireServed(store)
    this.#fillContext(choice)
    return true
  }

  /** Makes the attempt that was prepared. */
  call(): Promise<Response> {
    const { address, options } = this.#begin()
    const { interceptors } = this.#options
    if (interceptors === undefined || interceptors.length === 0)
      return this.#on.rpc.call(address, this.#method, this.#request, options)
    return this.#intercepted(address, options)
  }

  openStream(): AsyncIterable<Response> {
    const { address, options } = this.#begin()
    return this.#on.rpc.stream(address, this.#method, this.#request, options)
  }

  /** Books an attempt that was answered, with or without a region error. */
  decode(response: Response): Response {
    return this.decodeStreamed(response, true)
  }

  /** As `decode`; of a stream, only the first response books the attempt. */
  decodeStreamed(response: Response, isFirst: boolean): Response {
    if (isFirst) this.endAttempt(undefined)
    const decoded = this.#on.codec.decodeResponse(this.#method, response)
    if (this.#options.details !== undefined) addServerDetails(this.#options.details, decoded.execDetailsV2)
    return decoded
  }

  success(response: Response): SendSuccess<Response> {
    this.#selector?.onSuccess()
    if (this.#attempts >= ATTEMPTS_TO_LOG) this.#note('answered')
    return {
      response,
      regionError: undefined,
      storeId: this.#chosen().target.replica.store.id,
      transportFailed: this.transportFailed,
    }
  }

  /** The outcome when the region error has to be handled by the caller. */
  regionError(error: RegionError): SendRegionError {
    if (error.undeterminedResult !== undefined) this.transportFailed = true
    this.#logFailure(`${regionErrorKind(error)} ${error.message}`)
    return { response: undefined, regionError: error, transportFailed: this.transportFailed }
  }

  nobody(): SendRegionError {
    return this.regionError(NOBODY_TO_ASK)
  }

  /** Handles a failed call; returns when another attempt is due. */
  async onTransportError(error: unknown): Promise<void> {
    this.endAttempt(error)
    this.#bookFailure(error)
    const choice = this.#chosen()
    await handleTransportError({
      backoffer: this.#backoffer,
      rpc: this.#on.rpc,
      selector: this.#sure(),
      error,
      address: (choice.proxy ?? choice.target).replica.store.address,
      isShortRead: this.#isShortRead(),
      calledMs: this.#startMs,
      tlsFailures: this.#tlsFailures,
    })
  }

  /** The answers of a stream ended in a failure: the caller goes on from what it has, after it located its keys anew. */
  async onStreamCut(error: unknown): Promise<SendRegionError> {
    this.#bookFailure(error)
    if (!(error instanceof OrbitError) || error.code === 'CLIENT_CLOSED') throw error
    if (this.#backoffer.signal?.aborted === true) throw error
    await this.#selector?.onSendFailure(this.#backoffer.signal)
    return this.nobody()
  }

  /** True when another attempt is due, false when the caller has to handle the error. */
  async onRegionError(error: RegionError): Promise<boolean> {
    const kind = regionErrorKind(error)
    this.#on.telemetry.regionErrors.add(1, { kind })
    const { details } = this.#options
    details?.regionErrors.set(kind, (details.regionErrors.get(kind) ?? 0) + 1)
    this.#remember(`${kind} ${error.message}`)
    return handleRegionError(kind, {
      backoffer: this.#backoffer,
      cache: this.#on.cache,
      rpc: this.#on.rpc,
      selector: this.#sure(),
      choice: this.#chosen(),
      error,
      isShortRead: this.#isShortRead(),
    })
  }

  /** Books an error that ends the request. */
  onThrown(error: unknown): void {
    if (this.transportFailed) markUndetermined(error)
    this.#logFailure(messageOf(error))
  }

  endAttempt(error: unknown): void {
    const elapsedMs = this.#on.env.clock.monotonicMs() - this.#startMs
    this.#selector?.addTime(elapsedMs)
    if (this.#options.details !== undefined) addRpc(this.#options.details, this.#method.name, elapsedMs)
    if (error !== undefined) this.#span?.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
    this.#span?.end()
    this.#span = undefined
  }

  #bookFailure(error: unknown): void {
    if (mayHaveBeenSent(error)) this.transportFailed = true
    if (hasCode(error, 'RPC_TLS')) this.#tlsFailures += 1
    this.#remember(messageOf(error))
  }

  async #waitBeforeGivingUp(): Promise<boolean> {
    const pending = this.#selector?.anyPendingBackoff()
    if (pending !== undefined) await this.#backoffer.backoff(pending.kind, pending.cause)
    return false
  }

  async #prepareSlowly(choice: ReplicaChoice): Promise<boolean> {
    const { store } = choice.target.replica
    for (const one of choice.proxy === undefined ? [choice.target] : [choice.target, choice.proxy])
      await this.#on.cache.storeCache.resolve(this.#backoffer, one.replica.store)
    if (store.state === 'tombstone') {
      this.#on.cache.invalidateRegion(this.#sure().region, 'store-not-found')
      return false
    }
    requireServed(store)
    this.#fillContext(choice)
    const pending = this.#sure().pendingBackoff(store)
    if (pending !== undefined) await this.#backoffer.backoff(pending.kind, pending.cause)
    return true
  }

  #fillContext(choice: ReplicaChoice): void {
    const { region } = this.#sure()
    const base = this.#base
    const { context } = this.#on.codec
    this.#request.context = {
      ...base,
      regionId: region.id,
      regionEpoch: region.epoch,
      peer: choice.target.replica.peer,
      replicaRead: choice.replicaRead,
      staleRead: choice.staleRead,
      busyThresholdMs: choice.busyThresholdMs,
      isRetryRequest: base.isRetryRequest || this.#options.retry === true || this.#attempts > 0,
      maxExecutionDurationMs:
        base.maxExecutionDurationMs === 0n
          ? BigInt(Math.ceil(this.#options.timeoutMs))
          : base.maxExecutionDurationMs,
      apiVersion: context.apiVersion ?? base.apiVersion,
      keyspaceId: context.keyspaceId ?? base.keyspaceId,
      clusterId: this.#on.clusterId,
    }
  }

  #begin(): { readonly address: string; readonly options: StoreCallOptions } {
    const { target, proxy } = this.#chosen()
    const { store } = target.replica
    this.#attempts += 1
    this.#on.counters.count(this.#chosen(), target.index === this.#sure().region.leaderIndex)
    this.#startMs = this.#on.env.clock.monotonicMs()
    this.#startSpan(store.address)
    const { signal } = this.#backoffer
    const { timeoutMs } = this.#options
    if (proxy === undefined) return { address: store.address, options: { timeoutMs, signal } }
    return { address: proxy.replica.store.address, options: { timeoutMs, signal, forwardTo: store.address } }
  }

  #startSpan(address: string): void {
    const span = this.#on.telemetry.tracer.startSpan('tikv.rpc')
    const { context } = this.#request
    // The caller's own goes before that of the span.
    if (context !== undefined && this.#base.traceId.length === 0)
      context.traceId = traceIdOf(span) ?? EMPTY_BYTES
    if (!span.isRecording()) return
    this.#span = span
    span.setAttributes({
      'rpc.system': 'grpc',
      'rpc.method': this.#method.name,
      'server.address': address,
      'tikv.region': String(this.#sure().region.id),
      'tikv.attempt': this.#attempts,
    })
  }

  #intercepted(address: string, options: StoreCallOptions): Promise<Response> {
    const call: InterceptedCall = {
      address,
      method: this.#method.name,
      request: this.#request,
      forwardTo: options.forwardTo,
      timeoutMs: options.timeoutMs,
    }
    let next = (): Promise<unknown> => this.#on.rpc.call(address, this.#method, this.#request, options)
    for (const interceptor of [...(this.#options.interceptors ?? [])].reverse()) {
      const inner = next
      next = () => interceptor(call, inner)
    }
    // An interceptor gives back what `next` gave it, or an answer of the same method.
    return next() as Promise<Response>
  }

  #isShortRead(): boolean {
    if (!this.#isRead) return false
    const limit = this.#request.context?.maxExecutionDurationMs ?? 0n
    return limit < BigInt(SHORT_READ_MS)
  }

  #remember(error: string): void {
    this.#errors ??= []
    this.#errors.push(`store ${this.#chosen().target.replica.store.id}: ${error}`)
    if (this.#errors.length > ERRORS_KEPT) this.#errors.shift()
  }

  #note(outcome: string): void {
    this.#on.log.add({
      atMs: this.#on.env.clock.nowMs(),
      method: this.#method.name,
      region: String(this.#selector?.region.id),
      attempts: this.#attempts,
      sleptMs: this.#backoffer.totalMs,
      errors: this.#errors ?? [],
      outcome,
    })
  }

  #logFailure(message: string): void {
    // That a caller gives up is no trouble.
    if (this.#attempts > 0 && this.#backoffer.signal?.aborted !== true) this.#note(message)
    if (this.#attempts < ATTEMPTS_TO_LOG) return
    this.#on.logger.info(
      {
        method: this.#method.name,
        region: String(this.#selector?.region.id),
        attempts: this.#attempts,
        replicas: this.#selector?.describe(),
        sleptMs: this.#backoffer.totalMs,
        errors: this.#errors,
      },
      `a request to a region did not succeed: ${message}`,
    )
  }

  #sure(): ReplicaSelector {
    // Only called once a replica was chosen.
    return this.#selector as ReplicaSelector
  }

  #chosen(): ReplicaChoice {
    // Only called once a replica was chosen.
    return this.#choice as ReplicaChoice
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** An error of its own for every request: what they met on their way is added to it. */
function requireServed({ refusal }: Store): void {
  if (refusal !== undefined) throw new OrbitError(refusal.code, refusal.reason, refusal.details)
}
