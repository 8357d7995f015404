import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { Error as RegionError } from '../gen/errorpb.js'
import type { KeyError } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'

/** A call that reached a store. */
export interface SeenCall {
  /** From 1, over all stores. */
  readonly number: number
  /** For example `KvGet`. */
  readonly method: string
  readonly storeId: bigint
  /** 0n for a call that is not bound to a region. */
  readonly regionId: bigint
  readonly request: unknown
  /** Whether it came in a `BatchCommands` message. */
  readonly batched: boolean
  /** The address in `tikv-forwarded-host`, on the store that passes the call on. */
  readonly forwardedTo: string | undefined
}

/** Which calls a fault concerns; what is left out matches all. */
export interface FaultFilter {
  readonly method?: string | readonly string[]
  readonly storeId?: bigint
  readonly regionId?: bigint
  readonly where?: (call: SeenCall) => boolean
}

/**
 * What becomes of a call.
 * - `region-error`, `key-error`: it is answered so, and nothing is done. A key error fits only methods that have one.
 * - `grpc-error`: it ends with a gRPC status, and nothing is done.
 * - `drop`: the connection breaks before the call is carried out (`UNAVAILABLE`).
 * - `lose-answer`: it is carried out, then the connection breaks.
 * - `delay`: it is carried out after `ms`; a store that is slow for every call is a fault without a filter by method.
 * - `hold`: it is carried out when `until` has settled.
 * - `delay-answer`: it is carried out at once and answered after `ms`.
 * - `delay-apply`: its writes become visible after `ms`; locks of async commit are in memory meanwhile.
 * - `hang`: it is never answered, nor carried out.
 * - `hang-answer`: it is carried out and never answered.
 * - `duplicate`: it is carried out twice, as a retry by the network would; the second answer counts.
 * - `answer`: it is answered with this message, and nothing is done.
 */
export type FaultAction =
  | { readonly kind: 'region-error'; readonly error: RegionError }
  | { readonly kind: 'key-error'; readonly error: KeyError }
  | { readonly kind: 'grpc-error'; readonly status: number; readonly message: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'lose-answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'hold'; readonly until: Promise<unknown> }
  | { readonly kind: 'delay-answer'; readonly ms: number }
  | { readonly kind: 'delay-apply'; readonly ms: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'hang-answer' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'answer'; readonly response: (call: SeenCall) => unknown }

export interface FaultOptions {
  /** How many matching calls pass before the first one is hit. Default 0. */
  readonly skip?: number
  /** How many calls are hit. Default: all. */
  readonly times?: number
}

/** A fault under way. */
export interface Fault {
  readonly filter: FaultFilter
  readonly action: FaultAction
  /** Calls that matched, hit or not. */
  readonly matched: number
  /** Calls that were hit. */
  readonly hits: number
  remove(): void
}

/** Breaks a `BatchCommands` stream of a store. */
export interface StreamCut {
  /** Answers that still go out; the next one breaks the stream instead. */
  afterAnswers: number
  readonly storeId: bigint | undefined
  hits: number
}

class ScriptedFault implements Fault {
  readonly filter: FaultFilter
  readonly action: FaultAction
  readonly #skip: number
  readonly #times: number
  readonly #owner: Set<ScriptedFault>
  matched = 0
  hits = 0

  constructor(filter: FaultFilter, action: FaultAction, options: FaultOptions, owner: Set<ScriptedFault>) {
    this.filter = filter
    this.action = action
    this.#skip = options.skip ?? 0
    this.#times = options.times ?? Number.POSITIVE_INFINITY
    this.#owner = owner
  }

  /** Whether this call is hit. */
  take(call: SeenCall): boolean {
    if (!matches(this.filter, call) || this.hits >= this.#times) return false
    this.matched++
    if (this.matched <= this.#skip) return false
    this.hits++
    return true
  }

  remove(): void {
    this.#owner.delete(this)
  }
}

/**
 * Scripted faults of a test cluster's stores, and the log of the calls that they saw.
 *
 * Invariants:
 * 1. A call is logged before any fault touches it, refused ones included.
 * 2. The faults that hit a call act together, in the order in which they were added.
 */
export class Faults {
  readonly #faults = new Set<ScriptedFault>()
  readonly #cuts = new Set<StreamCut>()
  #calls: SeenCall[] = []
  #count = 0
  /** How many calls the log keeps. A cluster that serves for long needs few: they hold what they carried. */
  logLimit = 100_000

  /**
   * Adds a fault. It stays until `remove()` or `clear()`, or until it has hit `times` calls.
   * @throws INVALID_ARGUMENT for a method that TiKV does not have: such a fault would never hit.
   */
  add(filter: FaultFilter, action: FaultAction, options: FaultOptions = {}): Fault {
    requireMethods(filter)
    const fault = new ScriptedFault(filter, action, options, this.#faults)
    this.#faults.add(fault)
    return fault
  }

  regionError(filter: FaultFilter, error: RegionError, options?: FaultOptions): Fault {
    return this.add(filter, { kind: 'region-error', error }, options)
  }

  keyError(filter: FaultFilter, error: KeyError, options?: FaultOptions): Fault {
    return this.add(filter, { kind: 'key-error', error }, options)
  }

  /** Every call to the store takes `ms` longer. */
  slowStore(storeId: bigint, ms: number): Fault {
    return this.add({ storeId }, { kind: 'delay', ms })
  }

  /** The next `BatchCommands` stream of the store (undefined: of any) breaks after so many answers. */
  cutStream(afterAnswers: number, storeId?: bigint): Readonly<StreamCut> {
    const cut: StreamCut = { afterAnswers, storeId, hits: 0 }
    this.#cuts.add(cut)
    return cut
  }

  /** Takes all faults away; the log stays. */
  clear(): void {
    this.#faults.clear()
    this.#cuts.clear()
  }

  /** The calls seen since the start or `clearLog()`, in order; the oldest go when there are `logLimit`. */
  get calls(): readonly SeenCall[] {
    return this.#calls
  }

  /** How many calls the stores saw, those included that the log no longer has. */
  get callCount(): number {
    return this.#count
  }

  /** The calls that match, in order. */
  callsOf(filter: FaultFilter | string): readonly SeenCall[] {
    const wanted = typeof filter === 'string' ? { method: filter } : filter
    requireMethods(wanted)
    return this.#calls.filter((call) => matches(wanted, call))
  }

  clearLog(): void {
    this.#calls = []
  }

  /** For the stores: logs a call and gives what becomes of it. */
  meet(call: Omit<SeenCall, 'number'>): {
    readonly call: SeenCall
    readonly actions: readonly FaultAction[]
  } {
    const seen: SeenCall = { ...call, number: ++this.#count }
    this.#calls.push(seen)
    if (this.#calls.length > this.logLimit) this.#calls.splice(0, Math.ceil(this.#calls.length / 10))
    const actions = [...this.#faults].filter((fault) => fault.take(seen)).map(({ action }) => action)
    return { call: seen, actions }
  }

  /** For the stores: whether the stream breaks in place of its next answer. */
  takeCut(storeId: bigint): boolean {
    for (const cut of this.#cuts) {
      if (cut.storeId !== undefined && cut.storeId !== storeId) continue
      if (cut.afterAnswers > 0) {
        cut.afterAnswers--
        return false
      }
      cut.hits++
      this.#cuts.delete(cut)
      return true
    }
    return false
  }
}

const METHOD_NAMES: ReadonlySet<string> = new Set(Object.values(tikvMethods).map(({ name }) => name))

function requireMethods({ method = [] }: FaultFilter): void {
  for (const name of typeof method === 'string' ? [method] : method) {
    if (METHOD_NAMES.has(name)) continue
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `method: "${name}" is no method of TiKV${didYouMean(name, METHOD_NAMES)}`,
      { field: 'method', value: name },
    )
  }
}

function matches(filter: FaultFilter, call: SeenCall): boolean {
  const { method, storeId, regionId, where } = filter
  if (typeof method === 'string' && method !== call.method) return false
  if (typeof method === 'object' && !method.includes(call.method)) return false
  if (storeId !== undefined && storeId !== call.storeId) return false
  if (regionId !== undefined && regionId !== call.regionId) return false
  return where?.(call) ?? true
}
