import type { Env, Logger } from '@orbit-ts/base'
import type { ApiCodec } from '../codec/api-codec.js'
import type { TiKVConfig } from '../config/tikv-config.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import { AttemptLog, type TroubledRequest } from './attempt-log.js'
import type { RegionCache } from './region-cache.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionSender,
  RegionVersion,
  SendOptions,
  SendOutcome,
} from './region-request.js'
import { SendCounters } from './send-counters.js'
import { SendRun, type SendEnvironment } from './send-run.js'

export interface RequestSenderOptions {
  readonly env: Env
  readonly logger: Logger
  readonly config: Pick<TiKVConfig, 'forwarding'>
  readonly telemetry: Telemetry
  readonly codec: ApiCodec
  readonly cache: RegionCache
  readonly rpc: StoreRpc
  readonly clusterId: bigint
}

/**
 * Sends requests to regions and repeats them as their failures ask: other replicas, a wait, or back to the caller.
 * Equivalent in client-go: `internal/locate.RegionRequestSender`.
 *
 * Invariants:
 * 1. Keys below this are those of the cluster (the codec's), above it those of the user.
 * 2. A request ends: every repetition waits within the backoffer's budget or uses up an attempt of a replica.
 */
export class RequestSender implements RegionSender {
  readonly #environment: SendEnvironment
  readonly #stopCollecting: () => void

  constructor(options: RequestSenderOptions) {
    const counters = new SendCounters()
    const log = new AttemptLog()
    this.#environment = {
      env: options.env,
      logger: options.logger,
      telemetry: options.telemetry,
      codec: options.codec,
      cache: options.cache,
      rpc: options.rpc,
      clusterId: options.clusterId,
      config: options.config,
      counters,
      log,
    }
    this.#stopCollecting = options.telemetry.replicaChoices.collect(() => counters.samples())
  }

  async send<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    options: SendOptions,
  ): Promise<SendOutcome<Response>> {
    const run = new SendRun(this.#environment, backoffer, region, method, request, options)
    try {
      for (;;) {
        const prepared = run.prepare()
        if (!(prepared === true || (await prepared))) return run.nobody()
        let response: Response
        try {
          response = await run.call()
        } catch (error) {
          await run.onTransportError(error)
          continue
        }
        const decoded = run.decode(response)
        if (decoded.regionError === undefined) return run.success(decoded)
        if (!(await run.onRegionError(decoded.regionError))) return run.regionError(decoded.regionError)
      }
    } catch (thrown) {
      const error = backoffer.explained(thrown)
      run.onThrown(error)
      throw error
    }
  }

  async *stream<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    options: SendOptions,
  ): AsyncGenerator<SendOutcome<Response>, void, void> {
    const run = new SendRun(this.#environment, backoffer, region, method, request, options)
    try {
      while (await run.prepare()) {
        const again = yield* this.#streamOnce(run)
        if (!again) return
      }
      yield run.nobody()
    } catch (thrown) {
      const error = backoffer.explained(thrown)
      run.onThrown(error)
      throw error
    }
  }

  /** The latest requests that failed or needed several attempts, oldest first. */
  troubledRequests(): readonly TroubledRequest[] {
    return this.#environment.log.list()
  }

  /** Ends what is registered with the metrics. */
  close(): void {
    this.#stopCollecting()
  }

  /** True when nothing was given and another attempt is due. */
  async *#streamOnce<Request extends RegionRequest, Response extends RegionResponse>(
    run: SendRun<Request, Response>,
  ): AsyncGenerator<SendOutcome<Response>, boolean, void> {
    let given = 0
    const responses = run.openStream()[Symbol.asyncIterator]()
    try {
      for (;;) {
        let step: IteratorResult<Response>
        try {
          step = await responses.next()
        } catch (error) {
          if (given === 0) {
            await run.onTransportError(error)
            return true
          }
          yield await run.onStreamCut(error)
          return false
        }
        if (step.done === true) {
          if (given === 0) run.endAttempt(undefined)
          return false
        }
        const decoded = run.decodeStreamed(step.value, given === 0)
        if (decoded.regionError !== undefined) {
          const again = await run.onRegionError(decoded.regionError)
          if (again && given === 0) return true
          yield run.regionError(decoded.regionError)
          return false
        }
        given += 1
        yield run.success(decoded)
      }
    } finally {
      await responses.return?.()
    }
  }
}
