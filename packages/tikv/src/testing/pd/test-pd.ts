import type { Env } from '@orbit-ts/base'
import type { GCBarrierInfo, Member } from '../../gen/pdpb.js'
import { GrpcStatus } from '../../rpc/grpc-status.js'
import { RpcRefusal, type Service } from '../../rpc/service.js'
import type { ClusterState } from '../cluster-state.js'
import { pdService } from './pd-service.js'
import { TestBarriers } from './test-barriers.js'
import { GcRefusal, TestGcState } from './test-gc-states.js'
import { TestKeyspaces } from './test-keyspaces.js'
import { TestTimestamps } from './test-timestamps.js'

export interface TestPdOptions {
  readonly env: Env
  readonly cluster: ClusterState
  /** `host:port` of each member; the first one leads. */
  readonly addresses: readonly string[]
  /** What client URLs begin with. Default `http`. */
  readonly scheme?: 'http' | 'https'
  /** Besides `DEFAULT`. */
  readonly keyspaces?: readonly string[]
}

/** What a script makes of a call to PD: lets it pass, refuses it, or waits (for ever, when its signal decides). */
export type PdHook = (call: {
  readonly method: string
  readonly member: string
  readonly request: unknown
  readonly signal: AbortSignal
}) => void | Promise<void>

/**
 * PD for tests: members that serve PD's protocol over one cluster state.
 *
 * Invariants:
 * 1. Only the leader answers, but for `GetMembers`, forwarded calls, and region look-ups that a follower may handle.
 * 2. Timestamps go on growing when another member leads.
 */
export class TestPd {
  readonly env: Env
  readonly cluster: ClusterState
  readonly timestamps: TestTimestamps
  readonly keyspaces: TestKeyspaces
  readonly members: readonly Member[]
  /** Calls by method name, refused ones included. */
  readonly calls = new Map<string, number>()
  externalTimestamp = 0n
  /** What the stores told of the buckets of regions, by the region's id; keys are as PD has them. */
  readonly buckets = new Map<bigint, { readonly version: bigint; readonly keys: readonly Uint8Array[] }>()
  /** The regions that were scattered, for `GetOperator`. */
  readonly scattered = new Set<bigint>()
  readonly #addresses: readonly string[]
  readonly #gc = new Map<number, TestGcState>()
  readonly #globalBarriers: TestBarriers
  readonly #hooks = new Set<PdHook>()
  readonly #leaderListeners = new Set<() => void>()
  #leader: number | undefined = 0
  #frozen: { readonly thaw: Promise<void>; readonly end: () => void } | undefined

  constructor(options: TestPdOptions) {
    this.env = options.env
    this.cluster = options.cluster
    this.timestamps = new TestTimestamps(options.env)
    this.#globalBarriers = new TestBarriers(options.env)
    this.keyspaces = new TestKeyspaces(options.env, options.keyspaces)
    this.#addresses = options.addresses
    const scheme = options.scheme ?? 'http'
    this.members = options.addresses.map((address, index) => ({
      name: `pd-${index + 1}`,
      memberId: BigInt(index + 1),
      peerUrls: [],
      clientUrls: [`${scheme}://${address}`],
      leaderPriority: 0,
      deployPath: '',
      binaryVersion: 'v8.5.0',
      gitHash: '',
      dcLocation: '',
    }))
  }

  get addresses(): readonly string[] {
    return this.#addresses
  }

  /** What the member serves; register it under its address. */
  service(index: number): Service {
    return pdService(this, index)
  }

  get leader(): Member | undefined {
    return this.#leader === undefined ? undefined : this.members[this.#leader]
  }

  leads(index: number): boolean {
    return this.#leader === index
  }

  /** Undefined: an election runs. Timestamp streams of the old leader end. */
  setLeader(index: number | undefined): void {
    this.#leader = index
    for (const listener of [...this.#leaderListeners]) listener()
  }

  /** Calls `listener` when leadership moves. */
  onLeaderChange(listener: () => void): () => void {
    this.#leaderListeners.add(listener)
    return () => void this.#leaderListeners.delete(listener)
  }

  /** From now on no call is answered, and no message of a stream, until `thaw`. */
  freeze(): void {
    let end = (): void => undefined
    const thaw = new Promise<void>((resolve) => (end = resolve))
    this.#frozen ??= { thaw, end }
  }

  thaw(): void {
    const frozen = this.#frozen
    this.#frozen = undefined
    frozen?.end()
  }

  /** Sees every call first; throws an `RpcRefusal` to refuse it. Returns a function that takes the hook away. */
  addHook(hook: PdHook): () => void {
    this.#hooks.add(hook)
    return () => void this.#hooks.delete(hook)
  }

  /** @param keyspaceId undefined: the state of clusters without keyspaces */
  gc(keyspaceId: number | undefined): TestGcState {
    const id = keyspaceId ?? 0xffff_ffff
    let state = this.#gc.get(id)
    if (state === undefined) {
      state = new TestGcState(this.env, this.#globalBarriers)
      this.#gc.set(id, state)
    }
    return state
  }

  /** Barriers of all keyspaces. */
  get globalBarriers(): readonly GCBarrierInfo[] {
    return this.#globalBarriers.list()
  }

  setGlobalBarrier(id: string, timestamp: bigint, ttlSeconds: bigint): GCBarrierInfo {
    if (id === '' || id === 'gc_worker') throw new GcRefusal(`barrier id ${JSON.stringify(id)} is reserved`)
    for (const { txnSafePoint } of this.#gc.values()) {
      if (timestamp < txnSafePoint)
        throw new GcRefusal(
          `trying to set a global GC barrier on ts ${timestamp} which is already behind the txn safe point ${txnSafePoint}`,
        )
    }
    return this.#globalBarriers.set(id, timestamp, ttlSeconds)
  }

  deleteGlobalBarrier(id: string): GCBarrierInfo | undefined {
    return this.#globalBarriers.delete(id)
  }

  /** Counts the call, waits while frozen, asks the hooks. */
  async admit(method: string, index: number, request: unknown, signal: AbortSignal): Promise<void> {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    while (this.#frozen !== undefined) await thawOrAbort(this.#frozen.thaw, signal)
    const member = this.members[index]?.name ?? ''
    for (const hook of [...this.#hooks]) await hook({ method, member, request, signal })
  }

  requireCluster(clusterId: bigint | undefined): void {
    if (clusterId === this.cluster.clusterId) return
    throw new RpcRefusal(
      GrpcStatus.FAILED_PRECONDITION,
      `mismatch cluster id, need ${this.cluster.clusterId} but got ${clusterId ?? 0n}`,
    )
  }
}

function thawOrAbort(thaw: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new RpcRefusal(GrpcStatus.CANCELLED, 'the caller gave up'))
    if (signal.aborted) return void onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    void thaw.then(() => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
  })
}
