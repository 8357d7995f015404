import { EMPTY_BYTES, OrbitError } from '@orbit-ts/base'
import type { ClientCore } from '../../core/client-core.js'
import { CommandPri, Context, DiskFullOpt, type LockInfo } from '../../gen/kvrpcpb.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionVersion,
  SendOptions,
  SendOutcome,
} from '../../region/region-request.js'
import { BackoffKinds } from '../../retry/backoff-kind.js'
import type { Backoffer } from '../../retry/backoffer.js'
import type { KvMethod } from '../../rpc/method.js'
import { newExecDetails, type ExecDetails } from '../../telemetry/exec-details.js'
import { composeTimestamp, type Timestamp } from '../../timestamp.js'
import type { LockResolver } from '../lock/lock-resolver.js'
import type { ResolveLocksResult } from '../lock/resolve-types.js'
import type { TransactionOptions } from '../transaction-options.js'

/** What the requests that write for one transaction have in common, and the work it leaves behind. */
export class TransactionCalls {
  readonly core: ClientCore
  readonly startTs: Timestamp
  readonly options: TransactionOptions
  readonly details: ExecDetails = newExecDetails()
  readonly context: Context
  /** What the commit timestamp must be larger than, besides the start. */
  commitAfterTs: Timestamp = 0n
  /** What the commit timestamp must be smaller than. */
  commitBeforeTs: Timestamp | undefined
  /** Of a call that is not repeated. */
  readonly sendOptions: SendOptions
  readonly #resolver: LockResolver
  readonly #startedAtMs: number

  /** `ageMs`: how old `startTs` is by now. */
  constructor(
    core: ClientCore,
    resolver: LockResolver,
    startTs: Timestamp,
    options: TransactionOptions,
    ageMs = 0,
  ) {
    this.core = core
    this.startTs = startTs
    this.options = options
    this.#resolver = resolver
    this.#startedAtMs = core.env.clock.monotonicMs() - ageMs
    this.context = contextOf(core, options)
    this.sendOptions = {
      timeoutMs: core.config.commitTimeout,
      interceptors: options.interceptors,
      details: this.details,
    }
  }

  /** Milliseconds since the transaction began. */
  get elapsedMs(): number {
    return Math.floor(this.core.env.clock.monotonicMs() - this.#startedAtMs)
  }

  /** About what PD's clock shows now. */
  get estimatedTs(): Timestamp {
    return this.startTs + composeTimestamp(this.elapsedMs, 0)
  }

  /** `again`: an attempt before may have been applied. */
  send<Request extends RegionRequest, Response extends RegionResponse>(
    backoffer: Backoffer,
    region: RegionVersion,
    method: KvMethod<Request, Response>,
    request: Request,
    again = false,
  ): Promise<SendOutcome<Response>> {
    const options = again ? { ...this.sendOptions, retry: true } : this.sendOptions
    return this.core.sender.send(backoffer, region, method, request, options)
  }

  resolveLocks(
    backoffer: Backoffer,
    locks: readonly LockInfo[],
    callerStartTs: Timestamp,
  ): Promise<ResolveLocksResult> {
    const { details } = this
    return this.#resolver.resolve(backoffer, {
      locks,
      callerStartTs,
      pessimisticRegionResolve: true,
      details,
    })
  }

  /** Resolves the locks that stop a write, and waits as long as they may stay. */
  async settleLocks(backoffer: Backoffer, locks: readonly LockInfo[]): Promise<void> {
    const { waitMs } = await this.resolveLocks(backoffer, locks, this.startTs)
    if (waitMs > 0) await backoffer.backoff(BackoffKinds.txnLock, `${locks.length} keys are locked`, waitMs)
  }

  /** The timestamp at which a committed transaction was committed, as its primary knows it. */
  async committedAt(primary: Uint8Array, signal: AbortSignal | undefined): Promise<Timestamp> {
    const status = await this.#resolver.transactionStatus(this.startTs, primary, signal)
    if (status.kind === 'committed') return status.commitTs
    throw protocolViolation(`a server committed the transaction and says now that it is ${status.kind}`)
  }

  /** Runs `work` with retries within the budget, and adds what it slept to the details. */
  async within<T>(
    budgetMs: number,
    signal: AbortSignal | undefined,
    work: (backoffer: Backoffer) => Promise<T>,
  ): Promise<T> {
    const backoffer = this.core.backoffer(budgetMs, signal)
    try {
      return await work(backoffer)
    } finally {
      this.#recordSleeps(backoffer)
    }
  }

  /**
   * Does `work` behind the caller's back; when there is no room for that, now. Its failure is logged, not thrown: who
   * meets the locks that stay resolves them.
   */
  async leaveBehind(task: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const run = async (signal: AbortSignal): Promise<void> => {
      this.#hook('onBackgroundStart', task)
      try {
        await work(signal)
      } finally {
        this.#hook('onBackgroundEnd', task)
      }
    }
    const { closing, logger } = this.core
    if (this.core.inBackground(task, run) || closing.aborted) return
    try {
      await run(closing)
    } catch (error) {
      logger.warn({ task, startTs: String(this.startTs), err: error }, 'work behind a transaction failed')
    }
  }

  #hook(name: 'onBackgroundStart' | 'onBackgroundEnd', task: string): void {
    try {
      this.options.hooks?.[name]?.(task)
    } catch (error) {
      this.core.logger.warn({ hook: name, err: error }, 'a hook of a transaction failed')
    }
  }

  #recordSleeps(backoffer: Backoffer): void {
    for (const [kind, { attempts, sleptMs }] of backoffer.sleeps) {
      const known = this.details.sleeps.get(kind) ?? { attempts: 0, sleptMs: 0 }
      this.details.sleeps.set(kind, {
        attempts: known.attempts + attempts,
        sleptMs: known.sleptMs + sleptMs,
      })
    }
  }
}

const PRIORITIES = { low: CommandPri.Low, normal: CommandPri.Normal, high: CommandPri.High } as const

const DISK_FULL = {
  'not-allowed': DiskFullOpt.NotAllowedOnFull,
  'allowed-on-almost-full': DiskFullOpt.AllowedOnAlmostFull,
  'allowed-on-already-full': DiskFullOpt.AllowedOnAlreadyFull,
} as const

/** The options that the context tells the servers. */
const CONTEXT_OPTIONS = [
  'priority',
  'diskFull',
  'txnSource',
  'resourceGroupTag',
  'requestSource',
  'resourceGroup',
  'traceId',
  'syncLog',
] as const satisfies readonly (keyof TransactionOptions)[]

/** Those of transactions without options for it: requests copy theirs before they fill it in. */
const plainContexts = new WeakMap<ClientCore, { readonly context: Context; readonly writeTimeout: number }>()

function contextOf(core: ClientCore, options: TransactionOptions): Context {
  if (CONTEXT_OPTIONS.some((name) => options[name] !== undefined)) return writeContext(core, options)
  const { writeTimeout } = core.config
  const known = plainContexts.get(core)
  if (known?.writeTimeout === writeTimeout) return known.context
  const context = writeContext(core, options)
  plainContexts.set(core, { context, writeTimeout })
  return context
}

function writeContext(core: ClientCore, options: TransactionOptions): Context {
  return Context.fromPartial({
    maxExecutionDurationMs: BigInt(core.config.writeTimeout),
    priority: PRIORITIES[options.priority ?? 'normal'],
    diskFullOpt: DISK_FULL[options.diskFull ?? 'not-allowed'],
    txnSource: options.txnSource ?? 0n,
    resourceGroupTag: options.resourceGroupTag ?? EMPTY_BYTES,
    requestSource: options.requestSource ?? '',
    traceId: options.traceId ?? EMPTY_BYTES,
    syncLog: options.syncLog ?? false,
    ...(options.resourceGroup === undefined
      ? {}
      : { resourceControlContext: { resourceGroupName: options.resourceGroup } }),
  })
}

/** A server broke the rules of the protocol. */
export function protocolViolation(reason: string): OrbitError {
  return new OrbitError('PROTOCOL_VIOLATION', reason)
}
