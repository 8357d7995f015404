/**
 * What the transactions and snapshots of one prefixed view have in common.
 *
 * Invariants:
 * 1. Once `closed`, no call through the view succeeds any more; the store below is untouched by that.
 * 2. `#open` holds what must be ended at close. What ended by itself (timeout, signal) leaves at the next sweep, which
 *    comes when the set has doubled: so it never holds more than twice what is open.
 * 3. An error passes `translate` once, however many calls of the view it passes through.
 */
import { OrbitError, type ErrorDetails } from '@orbit-ts/base'
import type { EngineLimits } from '../../transaction/local-engine.js'
import type { KeyPrefix } from './key-prefix.js'

/** A transaction or a snapshot that was opened through the view. */
export interface OpenedThroughView {
  readonly ended: boolean
  end(): Promise<void>
}

const SWEEP_MIN = 64

export class ViewState {
  readonly prefix: KeyPrefix
  /** Of keys and values as the view's callers see them. */
  readonly limits: EngineLimits
  readonly #open = new Set<OpenedThroughView>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #final = new WeakSet<object>()
  #sweepAt = SWEEP_MIN
  #closed = false

  constructor(prefix: KeyPrefix, limits: EngineLimits) {
    this.prefix = prefix
    this.limits = limits
  }

  get closed(): boolean {
    return this.#closed
  }

  check(): void {
    if (this.#closed) throw closedError()
  }

  add(opened: OpenedThroughView): void {
    this.#open.add(opened)
    if (this.#open.size < this.#sweepAt) return
    for (const other of this.#open) if (other.ended) this.#open.delete(other)
    this.#sweepAt = Math.max(SWEEP_MIN, this.#open.size * 2)
  }

  remove(opened: OpenedThroughView): void {
    this.#open.delete(opened)
  }

  /** Something whose effect `close` must wait for is under way, until the function that comes back is called. */
  hold(): () => void {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = () => {
        this.#underWay.delete(held)
        resolve()
      }
    })
    this.#underWay.add(held)
    return release
  }

  /** A call of the store below. Errors are translated. */
  async pass<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      throw this.translate(error)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const opened of this.#open) await opened.end()
    this.#open.clear()
    await Promise.all(this.#underWay)
  }

  /** Keeps an error that is not the store's as it is. */
  keep(error: unknown): unknown {
    if (typeof error === 'object' && error !== null) this.#final.add(error)
    return error
  }

  /** The error in the view's keys; of the view's end when that is why the store refused the call. */
  translate(error: unknown): unknown {
    if (!(error instanceof OrbitError) || this.#final.has(error)) return error
    const ended = error.code === 'TRANSACTION_CLOSED' || error.code === 'STORAGE_CLOSED'
    return this.keep(this.#closed && ended ? closedError() : inViewKeys(error, this.prefix.hex))
  }
}

function closedError(): OrbitError {
  return new OrbitError('STORAGE_CLOSED', 'the prefixed view of the store is closed')
}

function inViewKeys(error: OrbitError, prefix: string): OrbitError {
  const { key, cycle } = error.details
  const details: Record<string, unknown> = { ...error.details }
  if (typeof key === 'string' && key.startsWith(prefix)) details['key'] = key.slice(prefix.length)
  if (Array.isArray(cycle)) details['cycle'] = cycle.map((edge: unknown) => edgeInViewKeys(edge, prefix))
  return new OrbitError(error.code, reasonInViewKeys(error, prefix), details, { cause: error })
}

/** A deadlock may run through transactions that know nothing of the view: their keys stay whole. */
function edgeInViewKeys(edge: unknown, prefix: string): unknown {
  if (typeof edge !== 'object' || edge === null || !('waitsForKey' in edge)) return edge
  const { waitsForKey } = edge
  if (typeof waitsForKey !== 'string' || !waitsForKey.startsWith(prefix)) return edge
  return { ...edge, waitsForKey: waitsForKey.slice(prefix.length) }
}

function reasonInViewKeys(
  { reason, details }: { reason: string; details: ErrorDetails },
  prefix: string,
): string {
  const { key } = details
  if (typeof key !== 'string' || prefix === '' || !key.startsWith(prefix)) return reason
  return reason.replaceAll(key, key.slice(prefix.length))
}
