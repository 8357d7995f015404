import { OrbitError, utf8 } from '@orbit-ts/base'
import type { GCBarrierInfo, GlobalGCBarrierInfo, KeyspaceScope } from '../gen/pdpb.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { pdMethods } from '../rpc/pd-methods.js'
import { statusOf } from '../rpc/rpc-error.js'
import type { Timestamp } from '../timestamp.js'
import type { GcBarrier, GcState, PdCallOptions, PdGc, ServiceSafePoint } from './pd-client.js'
import type { PdCaller } from './pd-caller.js'

/** PD's own name for the safe point that its garbage collector holds. */
const GC_WORKER = 'gc_worker'
const FOREVER_SECONDS = 0x7fff_ffff_ffff_ffffn

/** Garbage-collection state in PD; older PDs have service safe points only. */
export class RpcPdGc implements PdGc {
  readonly #caller: PdCaller
  readonly #scope: KeyspaceScope | undefined

  constructor(caller: PdCaller, keyspaceId: number | undefined) {
    this.#caller = caller
    this.#scope = keyspaceId === undefined ? undefined : { keyspaceId, keyspaceIdentity: undefined }
  }

  async getState(options: PdCallOptions & { readonly globalBarriers?: boolean } = {}): Promise<GcState> {
    return this.#orOlder<GcState>(
      async () => {
        const { gcState, globalGcBarriers } = await this.#caller.call(
          pdMethods.getGCState,
          {
            keyspaceScope: this.#scope,
            excludeGcBarriers: false,
            includeGlobalGcBarriers: options.globalBarriers === true,
          },
          options,
        )
        return {
          txnSafePoint: gcState?.txnSafePoint ?? 0n,
          gcSafePoint: gcState?.gcSafePoint ?? 0n,
          barriers: (gcState?.gcBarriers ?? []).map(barrierOf),
          ...(globalGcBarriers && { globalBarriers: globalGcBarriers.barriers.map(barrierOf) }),
        }
      },
      async () => {
        const { safePoint } = await this.#caller.call(pdMethods.getGCSafePoint, {}, options)
        return { txnSafePoint: safePoint, gcSafePoint: safePoint, barriers: [] }
      },
    )
  }

  async advanceTxnSafePoint(
    target: Timestamp,
    options?: PdCallOptions,
  ): Promise<{ old: Timestamp; new: Timestamp; blocker: string }> {
    return this.#orOlder(
      async () => {
        const answer = await this.#caller.call(
          pdMethods.advanceTxnSafePoint,
          { keyspaceScope: this.#scope, target },
          options,
        )
        return {
          old: answer.oldTxnSafePoint,
          new: answer.newTxnSafePoint,
          blocker: answer.blockerDescription,
        }
      },
      async () => {
        const old = (await this.getState(options)).gcSafePoint
        const allowed = await this.#serviceSafePoint(GC_WORKER, FOREVER_SECONDS, target, options)
        const reached = allowed.minimum < target ? allowed.minimum : target
        return { old, new: reached, blocker: reached < target ? allowed.holder : '' }
      },
    )
  }

  async advanceGcSafePoint(
    target: Timestamp,
    options?: PdCallOptions,
  ): Promise<{ old: Timestamp; new: Timestamp }> {
    return this.#orOlder(
      async () => {
        const answer = await this.#caller.call(
          pdMethods.advanceGCSafePoint,
          { keyspaceScope: this.#scope, target },
          options,
        )
        return { old: answer.oldGcSafePoint, new: answer.newGcSafePoint }
      },
      async () => {
        const old = (await this.getState(options)).gcSafePoint
        return { old, new: await this.updateSafePoint(target, options) }
      },
    )
  }

  async setBarrier(
    id: string,
    timestamp: Timestamp,
    ttlMs: number,
    options?: PdCallOptions,
  ): Promise<GcBarrier> {
    const ttlSeconds = secondsOf('ttlMs', ttlMs / 1000)
    return this.#orOlder(
      async () => {
        const { newBarrierInfo } = await this.#caller.call(
          pdMethods.setGCBarrier,
          { keyspaceScope: this.#scope, barrierId: id, barrierTs: timestamp, ttlSeconds },
          options,
        )
        return newBarrierInfo === undefined ? { id, timestamp, ttlMs } : barrierOf(newBarrierInfo)
      },
      async () => {
        const { minimum } = await this.#serviceSafePoint(id, ttlSeconds, timestamp, options)
        if (minimum > timestamp) throw behindSafePoint(timestamp, minimum)
        return { id, timestamp, ttlMs }
      },
    )
  }

  async deleteBarrier(id: string, options?: PdCallOptions): Promise<GcBarrier | undefined> {
    return this.#orOlder(
      async () => {
        const { deletedBarrierInfo } = await this.#caller.call(
          pdMethods.deleteGCBarrier,
          { keyspaceScope: this.#scope, barrierId: id },
          options,
        )
        return deletedBarrierInfo === undefined ? undefined : barrierOf(deletedBarrierInfo)
      },
      async () => {
        // A time to live of 0 removes a service safe point; what it was is not told.
        await this.#serviceSafePoint(id, 0n, 0n, options)
        return undefined
      },
    )
  }

  async setGlobalBarrier(
    id: string,
    timestamp: Timestamp,
    ttlMs: number,
    options?: PdCallOptions,
  ): Promise<GcBarrier> {
    const ttlSeconds = secondsOf('ttlMs', ttlMs / 1000)
    const { newBarrierInfo } = await this.#caller.call(
      pdMethods.setGlobalGCBarrier,
      { barrierId: id, barrierTs: timestamp, ttlSeconds },
      options,
    )
    return newBarrierInfo === undefined ? { id, timestamp, ttlMs } : barrierOf(newBarrierInfo)
  }

  async deleteGlobalBarrier(id: string, options?: PdCallOptions): Promise<GcBarrier | undefined> {
    const { deletedBarrierInfo } = await this.#caller.call(
      pdMethods.deleteGlobalGCBarrier,
      { barrierId: id },
      options,
    )
    return deletedBarrierInfo === undefined ? undefined : barrierOf(deletedBarrierInfo)
  }

  async updateSafePoint(target: Timestamp, options?: PdCallOptions): Promise<Timestamp> {
    return (await this.#caller.call(pdMethods.updateGCSafePoint, { safePoint: target }, options)).newSafePoint
  }

  async updateServiceSafePoint(
    serviceId: string,
    ttlSeconds: number,
    target: Timestamp,
    options?: PdCallOptions,
  ): Promise<ServiceSafePoint> {
    return this.#serviceSafePoint(serviceId, secondsOf('ttlSeconds', ttlSeconds), target, options)
  }

  async #serviceSafePoint(
    serviceId: string,
    ttl: bigint,
    safePoint: Timestamp,
    options: PdCallOptions | undefined,
  ): Promise<ServiceSafePoint> {
    const answer = await this.#caller.call(
      pdMethods.updateServiceGCSafePoint,
      { serviceId: utf8(serviceId), ttl, safePoint },
      options,
    )
    return { minimum: answer.minSafePoint, holder: new TextDecoder().decode(answer.serviceId) }
  }

  async #orOlder<T>(call: () => Promise<T>, older: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (statusOf(error) !== GrpcStatus.UNIMPLEMENTED) throw error
      return older()
    }
  }
}

function barrierOf(info: GlobalGCBarrierInfo | GCBarrierInfo): GcBarrier {
  const ttlMs = info.ttlSeconds >= FOREVER_SECONDS ? Infinity : Number(info.ttlSeconds) * 1000
  return { id: info.barrierId, timestamp: info.barrierTs, ttlMs }
}

function secondsOf(field: string, seconds: number): bigint {
  if (seconds === Infinity) return FOREVER_SECONDS
  if (seconds >= 0) return BigInt(Math.ceil(seconds))
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field} is no time to live; give 0 or more, or Infinity for one without end`,
    { field },
  )
}

function behindSafePoint(timestamp: Timestamp, minimum: Timestamp): OrbitError {
  return new OrbitError(
    'SNAPSHOT_TOO_OLD',
    `a barrier at ${timestamp} is behind the safe point ${minimum}; its versions may be gone`,
    { timestamp: String(timestamp), safePoint: String(minimum) },
  )
}
