import { delay, type Env } from '@orbit-ts/base'
import type { Error as RegionError } from '../../gen/errorpb.js'
import { type Context, type KeyError } from '../../gen/kvrpcpb.js'
import { GrpcStatus } from '../../rpc/grpc-status.js'
import type { KvMethod } from '../../rpc/method.js'
import { RpcRefusal, type CallContext } from '../../rpc/service.js'
import type { FaultAction, Faults, SeenCall } from '../faults.js'
import { carryOut } from './carry-out.js'
import { fillExecDetails } from './exec-details.js'
import type { Operation } from './operation.js'
import { rawOperations } from './raw-operations.js'
import { RegionRefusal } from './region-refusal.js'
import { storeOperations, type ServedStore, type StoreOperation } from './store-operations.js'
import type { StoreScope } from './store-scope.js'
import { defaultSettings, type StoreSettings } from './store-settings.js'
import { txnOperations } from './txn-operations.js'

const FORWARDED_HOST = 'tikv-forwarded-host'

const regionBound = new Map<string, Operation>(
  [...txnOperations, ...rawOperations].map((operation) => [operation.method.name, operation]),
)
const others = new Map<string, StoreOperation>(
  storeOperations.map((operation) => [operation.method.name, operation]),
)

/** Every method that {@link StoreNode.call} knows. */
export const servedMethods: readonly KvMethod<unknown, unknown>[] = [
  ...regionBound.values(),
  ...others.values(),
].map(({ method }) => method)

export interface StoreNodeOptions {
  readonly scope: StoreScope
  readonly storeId: bigint
  readonly faults: Faults
  /** The running store at an address, to pass calls on to. */
  readonly findNode: (address: string) => StoreNode | undefined
}

/** How a call arrived. */
export interface Arrival extends Pick<CallContext, 'metadata' | 'signal'> {
  readonly batched: boolean
}

/**
 * One TiKV server of the test cluster: what it does with each call.
 *
 * Invariants:
 * 1. A stopped store answers nothing: its calls end with `UNAVAILABLE`, those under way included.
 * 2. A region error has had no effect.
 */
export class StoreNode implements ServedStore {
  readonly scope: StoreScope
  readonly storeId: bigint
  readonly settings: StoreSettings = defaultSettings()
  readonly #faults: Faults
  readonly #findNode: StoreNodeOptions['findNode']
  #feedbackNumber = 0n

  constructor(options: StoreNodeOptions) {
    this.scope = options.scope
    this.storeId = options.storeId
    this.#faults = options.faults
    this.#findNode = options.findNode
  }

  get env(): Env {
    return this.scope.env
  }

  get faults(): Faults {
    return this.#faults
  }

  get running(): boolean {
    return this.scope.cluster.findStore(this.storeId)?.running === true
  }

  nextFeedbackNumber(): bigint {
    this.#feedbackNumber++
    return this.#feedbackNumber
  }

  /** @throws RpcRefusal */
  async call(method: KvMethod<unknown, unknown>, request: unknown, arrival: Arrival): Promise<unknown> {
    const forwardedTo = arrival.metadata[FORWARDED_HOST]
    const { call, actions } = this.#faults.meet({
      method: method.name,
      storeId: this.storeId,
      regionId: contextOf(method, request)?.regionId ?? 0n,
      request,
      batched: arrival.batched,
      forwardedTo,
    })
    this.#requireRunning()
    const started = this.env.clock.monotonicMs()
    const response = await this.#underFaults(method, call, actions, arrival)
    this.#requireRunning()
    fillExecDetails(response, this.env.clock.monotonicMs() - started)
    return response
  }

  #requireRunning(): void {
    if (!this.running) throw new RpcRefusal(GrpcStatus.UNAVAILABLE, `store ${this.storeId} does not run`)
  }

  async #underFaults(
    method: KvMethod<unknown, unknown>,
    call: SeenCall,
    actions: readonly FaultAction[],
    arrival: Arrival,
  ): Promise<unknown> {
    for (const action of actions) {
      const answer = await this.#before(method, call, action, arrival.signal)
      if (answer !== undefined) return answer
    }
    const delays = actions.map((action) => (action.kind === 'delay-apply' ? action.ms : 0))
    const applyDelayMs = Math.max(0, ...delays)
    const forwarded = call.forwardedTo
    const run = (): Promise<unknown> =>
      forwarded === undefined
        ? this.#carryOut(method, call.request, applyDelayMs)
        : this.#forward(forwarded, method, call.request, arrival)
    let response = await run()
    if (actions.some((action) => action.kind === 'duplicate')) response = await run()
    for (const action of actions) await this.#after(action, arrival.signal)
    return response
  }

  /** Gives an answer when the fault answers itself. */
  async #before(
    method: KvMethod<unknown, unknown>,
    call: SeenCall,
    action: FaultAction,
    signal: AbortSignal,
  ): Promise<unknown> {
    switch (action.kind) {
      case 'region-error':
        return withRegionError(method, action.error)
      case 'key-error':
        return withKeyError(method, action.error)
      case 'grpc-error':
        throw new RpcRefusal(action.status, action.message)
      case 'drop':
        throw new RpcRefusal(GrpcStatus.UNAVAILABLE, 'the connection was lost')
      case 'delay':
        await this.#wait(action.ms, signal)
        return undefined
      case 'hold':
        await Promise.race([action.until.catch(() => undefined), hang(signal)])
        return undefined
      case 'hang':
        return hang(signal)
      case 'answer':
        return action.response(call)
      default:
        return undefined
    }
  }

  async #after(action: FaultAction, signal: AbortSignal): Promise<void> {
    if (action.kind === 'lose-answer') throw new RpcRefusal(GrpcStatus.UNAVAILABLE, 'the connection was lost')
    if (action.kind === 'delay-answer') await this.#wait(action.ms, signal)
    if (action.kind === 'hang-answer') await hang(signal)
  }

  async #carryOut(
    method: KvMethod<unknown, unknown>,
    request: unknown,
    applyDelayMs: number,
  ): Promise<unknown> {
    this.#requireCluster(method, request)
    try {
      const operation = regionBound.get(method.name)
      if (operation === undefined) return this.#runOther(method, request)
      const { scope, settings, storeId } = this
      return await carryOut({ scope, settings, storeId, operation, request, applyDelayMs })
    } catch (error) {
      if (error instanceof RegionRefusal) return withRegionError(method, error.regionError)
      throw error
    }
  }

  #runOther(method: KvMethod<unknown, unknown>, request: unknown): unknown {
    const operation = others.get(method.name)
    if (operation === undefined)
      throw new RpcRefusal(GrpcStatus.UNIMPLEMENTED, `${method.name} is not served`)
    return operation.run(this, request)
  }

  #requireCluster(method: KvMethod<unknown, unknown>, request: unknown): void {
    const clusterId = contextOf(method, request)?.clusterId ?? 0n
    if (clusterId === 0n || clusterId === this.scope.cluster.clusterId) return
    throw new RpcRefusal(
      GrpcStatus.INVALID_ARGUMENT,
      'the cluster id of the request does not match the TiKV cluster',
    )
  }

  #forward(
    address: string,
    method: KvMethod<unknown, unknown>,
    request: unknown,
    arrival: Arrival,
  ): Promise<unknown> {
    const node = this.#findNode(address)
    if (node === undefined) throw new RpcRefusal(GrpcStatus.UNAVAILABLE, `nothing listens on ${address}`)
    return node.call(method, request, { ...arrival, metadata: {} })
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await delay(this.env, ms, signal)
    } catch {
      throw new RpcRefusal(GrpcStatus.CANCELLED, 'the caller gave up')
    }
  }
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(new RpcRefusal(GrpcStatus.CANCELLED, 'the caller gave up'))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

function contextOf(method: KvMethod<unknown, unknown>, request: unknown): Context | undefined {
  const known = regionBound.get(method.name)?.context(request)
  if (known !== undefined) return known
  const held = request as { readonly context?: Context | undefined }
  return held.context
}

function emptyResponse(method: KvMethod<unknown, unknown>): object {
  return method.decodeResponse(new Uint8Array(0)) as object
}

function withRegionError(method: KvMethod<unknown, unknown>, regionError: RegionError): unknown {
  const response = emptyResponse(method)
  if (!('regionError' in response)) throw new RpcRefusal(GrpcStatus.INTERNAL, regionError.message)
  return { ...response, regionError }
}

function withKeyError(method: KvMethod<unknown, unknown>, keyError: KeyError): unknown {
  const response = emptyResponse(method)
  if ('errors' in response) return { ...response, errors: [keyError] }
  if ('error' in response) return { ...response, error: keyError }
  if ('pairs' in response) return { ...response, pairs: [{ key: new Uint8Array(0), error: keyError }] }
  throw new RpcRefusal(GrpcStatus.INTERNAL, `${method.name} has no key error`)
}
