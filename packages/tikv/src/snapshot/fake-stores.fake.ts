import {
  compareBytes,
  configFromCode,
  EMPTY_BYTES,
  Metrics,
  silentLogger,
  TestEnv,
  toBinaryString,
} from '@orbit-ts/base'
import { BackgroundTasks } from '../core/background-tasks.js'
import type { ClientCore } from '../core/client-core.js'
import { tikvConfig, type TiKVConfigInput } from '../config/tikv-config.js'
import { Error as RegionError } from '../gen/errorpb.js'
import { KvPair, LockInfo, type Context, type GetResponse } from '../gen/kvrpcpb.js'
import type { PdClient } from '../pd/pd-client.js'
import type { RegionLocator } from '../region/region-locator.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionSender,
  RegionVersion,
  SendOptions,
} from '../region/region-request.js'
import { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import { tikvMethods } from '../rpc/methods.js'
import { createTelemetry } from '../telemetry/telemetry.js'
import { keyFormatter } from '../telemetry/format-key.js'
import { composeTimestamp } from '../timestamp.js'
import type { ApiCodec } from '../codec/api-codec.js'
import type { StoreRpc } from '../rpc/store-rpc.js'

/** One request that reached a region, as the server saw it. */
export interface SentRequest {
  readonly method: string
  readonly request: unknown
  readonly region: RegionVersion
  readonly options: SendOptions
}

type Answer = (request: unknown, region: RegionVersion) => unknown

/** What is left out has its default. */
type FakeAnswer<Response> = Partial<Response> | RegionError

/**
 * A key space cut into regions whose answers a test scripts, with a client core over it. Requests and answers travel
 * through their wire form. The client's idea of the regions may be old: {@link FakeStores.split}.
 */
export class FakeStores {
  readonly env = new TestEnv()
  readonly sent: SentRequest[] = []
  readonly background: BackgroundTasks
  readonly core: ClientCore
  readonly #answers = new Map<string, Answer>()
  readonly #closing = new AbortController()
  #actual: readonly RegionVersion[]
  /** As the client knows them. */
  #known: readonly RegionVersion[]
  #nextRegionId = 1n

  constructor(splitKeys: readonly Uint8Array[] = [], config: Partial<TiKVConfigInput> = {}) {
    this.#actual = this.#cut([EMPTY_BYTES, ...splitKeys], 1n)
    this.#known = this.#actual
    const metrics = new Metrics()
    const telemetry = createTelemetry(metrics, keyFormatter(false))
    const settings = configFromCode(tikvConfig, { pdEndpoints: ['pd'], ...config })
    this.background = new BackgroundTasks({
      max: settings.backgroundTasksMax,
      logger: silentLogger,
      gauge: telemetry.backgroundTasks,
    })
    const pd: Pick<PdClient, 'lowResolutionTimestamp'> = {
      lowResolutionTimestamp: () => Promise.resolve(composeTimestamp(this.env.clock.nowMs(), 0)),
    }
    this.core = {
      env: this.env,
      logger: silentLogger,
      config: settings,
      telemetry,
      codec: {} as ApiCodec,
      pd: pd as PdClient,
      rpc: {} as StoreRpc,
      regions: this.#locator() as RegionLocator,
      sender: this.#sender() as RegionSender,
      closing: this.#closing.signal,
      backoffer: (budgetMs, signal) => new Backoffer({ env: this.env, budgetMs, signal }),
      inBackground: (name, work) => this.background.start(name, work),
    }
  }

  /** How the stores answer a method; what is left out of the answer has its default. A `RegionError` is one. */
  on<Request, Response>(
    method: KvMethod<Request, Response>,
    answer: (request: Request, region: RegionVersion) => FakeAnswer<Response> | Promise<FakeAnswer<Response>>,
  ): void {
    this.#answers.set(method.name, (request, region) => answer(request as Request, region))
  }

  /** Requests of one method, oldest first. */
  requests<Request, Response>(method: KvMethod<Request, Response>): Request[] {
    return this.sent.filter((one) => one.method === method.name).map(({ request }) => request as Request)
  }

  /** Moves time on, a millisecond at a time, until the work is done. */
  async finish<T>(work: Promise<T>): Promise<T> {
    const state = { done: false }
    const mark = (): void => void (state.done = true)
    work.then(mark, mark)
    for (let stepMs = 0; !state.done; stepMs = 1) await this.env.advance(stepMs)
    return work
  }

  /** Cuts the region of the key, without the client's knowledge. */
  split(key: Uint8Array): void {
    const starts = this.#actual.map(({ startKey }) => startKey)
    if (starts.some((start) => compareBytes(start, key) === 0)) return
    const sorted = [...starts, key].sort(compareBytes)
    const version = (this.#actual[0]?.epoch.version ?? 0n) + 1n
    this.#actual = this.#cut(sorted, version)
  }

  #cut(starts: readonly Uint8Array[], version: bigint): RegionVersion[] {
    return starts.map((startKey, at) => ({
      id: this.#nextRegionId++,
      epoch: { confVer: 1n, version },
      startKey,
      endKey: starts[at + 1] ?? EMPTY_BYTES,
    }))
  }

  #find(key: Uint8Array): RegionVersion {
    const found = this.#known.findLast(({ startKey }) => compareBytes(startKey, key) <= 0)
    if (found === undefined) throw new Error('no region')
    return found
  }

  #locator(): Partial<RegionLocator> {
    return {
      cached: (key) => this.#find(key),
      locate: (_, key) => Promise.resolve(this.#find(key)),
      locateEnd: (_, key) => {
        const found =
          key.length === 0
            ? this.#known.at(-1)
            : this.#known.findLast(({ startKey }) => compareBytes(startKey, key) < 0)
        return found === undefined ? Promise.reject(new Error('no region')) : Promise.resolve(found)
      },
      groupKeys: (_, keys) => {
        const groups = new Map<RegionVersion, { keys: Uint8Array[]; indexes: number[] }>()
        for (const [index, key] of keys.entries()) {
          const region = this.#find(key)
          const group = groups.get(region) ?? { keys: [], indexes: [] }
          groups.set(region, group)
          group.keys.push(key)
          group.indexes.push(index)
        }
        return Promise.resolve([...groups].map(([region, group]) => ({ region, ...group })))
      },
      backoffForRegionError: () => {
        this.#known = this.#actual
        return Promise.resolve()
      },
    }
  }

  #sender(): Partial<RegionSender> {
    return {
      send: async <Request extends RegionRequest, Response extends RegionResponse>(
        _: Backoffer,
        region: RegionVersion,
        method: KvMethod<Request, Response>,
        message: Request,
        options: SendOptions,
      ) => {
        const request = method.decodeRequest(method.encodeRequest(message))
        this.sent.push({ method: method.name, request, region, options })
        const failed = (regionError: RegionError) =>
          ({ response: undefined, regionError, transportFailed: false }) as const
        if (!this.#actual.includes(region)) {
          return failed(RegionError.fromPartial({ epochNotMatch: { currentRegions: [] } }))
        }
        const answer = this.#answers.get(method.name)
        if (answer === undefined) throw new Error(`no answer for ${method.name}`)
        const given = await answer(request, region)
        if (isRegionError(given)) return failed(given)
        const response = { ...method.decodeResponse(new Uint8Array()), ...(given as Partial<Response>) }
        const received = method.decodeResponse(method.encodeResponse(response))
        return { response: received, regionError: undefined, storeId: 1n, transportFailed: false } as const
      },
    }
  }
}

export const SERVER_IS_BUSY: RegionError = RegionError.fromPartial({ serverIsBusy: { reason: 'test' } })

function isRegionError(answer: unknown): answer is RegionError {
  return typeof answer === 'object' && answer !== null && 'serverIsBusy' in answer
}

/** A lock as a server shows it; `startTs` must be given. */
export function lockInfo(fields: Partial<LockInfo> & Pick<LockInfo, 'key' | 'lockVersion'>): LockInfo {
  return LockInfo.fromPartial({ primaryLock: fields.key, lockTtl: 3000n, txnSize: 1n, ...fields })
}

interface PendingWrite {
  readonly lock: LockInfo
  /** What the lock's transaction writes; undefined deletes. */
  readonly value: Uint8Array | undefined
}

/**
 * Rows and locks of the whole key space, answering reads as a store does at a timestamp after all of the rows: a lock
 * stops a read unless its transaction is among the context's resolved or committed ones.
 */
export class FakeRows {
  readonly #values = new Map<string, Uint8Array>()
  readonly #pending = new Map<string, PendingWrite>()

  put(key: Uint8Array, value: Uint8Array): void {
    this.#values.set(toBinaryString(key), value)
  }

  lock(lock: LockInfo, value: Uint8Array | undefined): void {
    this.#pending.set(toBinaryString(lock.key), { lock, value })
  }

  unlock(key: Uint8Array): void {
    this.#pending.delete(toBinaryString(key))
  }

  serve(stores: FakeStores): void {
    stores.on(tikvMethods.kvGet, ({ key, context, needCommitTs }) => ({
      ...this.#get(key, context),
      commitTs: needCommitTs ? 5n : 0n,
    }))
    stores.on(tikvMethods.kvBatchGet, ({ keys, context }) => ({
      pairs: keys.flatMap((key) => this.#pair(key, context, false) ?? []),
    }))
    stores.on(tikvMethods.kvScan, ({ startKey, endKey, limit, reverse, keyOnly, context }) => {
      // As TiKV: an empty bound is open at the end of a scan, and the smallest key at its beginning.
      const reversed = startKey.length === 0 ? [] : this.#keysIn(endKey, startKey).reverse()
      const keys = reverse ? reversed : this.#keysIn(startKey, endKey)
      return { pairs: keys.flatMap((key) => this.#pair(key, context, keyOnly) ?? []).slice(0, limit) }
    })
  }

  #get(key: Uint8Array, context: Context | undefined): Partial<GetResponse> {
    const pair = this.#pair(key, context, false)
    if (pair === undefined) return { notFound: true }
    return { error: pair.error, value: pair.value }
  }

  #pair(key: Uint8Array, context: Context | undefined, keyOnly: boolean): KvPair | undefined {
    const id = toBinaryString(key)
    const pending = this.#pending.get(id)
    let value = this.#values.get(id)
    if (pending !== undefined && context?.resolvedLocks.includes(pending.lock.lockVersion) !== true) {
      if (context?.committedLocks.includes(pending.lock.lockVersion) !== true) {
        // As in TiKV, only the lock names the key.
        return KvPair.fromPartial({ error: { locked: pending.lock } })
      }
      value = pending.value
    }
    return value === undefined ? undefined : KvPair.fromPartial({ key, value: keyOnly ? EMPTY_BYTES : value })
  }

  /** An empty bound is open. */
  #keysIn(start: Uint8Array, end: Uint8Array): Uint8Array[] {
    const low = toBinaryString(start)
    const high = toBinaryString(end)
    return [...new Set([...this.#values.keys(), ...this.#pending.keys()])]
      .filter((id) => id >= low && (end.length === 0 || id < high))
      .sort()
      .map((id) => new Uint8Array(Buffer.from(id, 'latin1')))
  }
}
