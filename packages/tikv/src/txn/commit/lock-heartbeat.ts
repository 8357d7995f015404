/**
 * Keeps the primary lock of a running transaction from expiring.
 *
 * Invariants:
 * 1. One beat at a time, every 10 s from `start` to `stop`, the first one earlier where the lock would not live as long;
 *    each moves the lock's end to 20 s from now.
 * 2. It ends by itself when the lock is gone, when the transaction passes its lifetime, after more than ten failures in
 *    a row, and when the client closes. Then `ended` tells why.
 * 3. It holds nothing of the transaction but what its requests need: a transaction that its owner forgot can still be
 *    found by the garbage collector.
 *
 * Equivalent in client-go: `ttlManager`.
 */
import { OrbitError, type Timer } from '@orbit-ts/base'
import { callByKey } from '../../region/by-region.js'
import { BackoffBudgets } from '../../retry/backoff-kind.js'
import { tikvMethods } from '../../rpc/methods.js'
import { physicalMs, type Timestamp } from '../../timestamp.js'
import { freshTimestamp } from './commit-timestamp.js'
import { MANAGED_LOCK_TTL_MS } from './lock-ttl.js'
import type { TransactionCalls } from './transaction-calls.js'

export const HEARTBEAT_INTERVAL_MS = MANAGED_LOCK_TTL_MS / 2
const FAILURES_MAX = 10

export interface HeartbeatOptions {
  readonly lifetimeMs: number
  /** Before each beat: gives what the commit timestamp is to be pushed to, 0n for no push. */
  readonly minCommitTs?: ((now: Timestamp) => Timestamp) | undefined
  /** After each beat that succeeded. */
  readonly onBeat?: (() => Promise<void>) | undefined
  readonly onEnded?: ((reason: HeartbeatEnd) => void) | undefined
}

export type HeartbeatEnd = 'lock-gone' | 'lifetime' | 'failures'

export class LockHeartbeat {
  readonly #calls: TransactionCalls
  readonly #options: HeartbeatOptions
  readonly #onClose = (): void => this.stop()
  #primary: Uint8Array | undefined
  #abort: AbortController | undefined
  #timer: Timer | undefined
  #dueAtMs = 0
  #failures = 0
  #ended: HeartbeatEnd | undefined

  constructor(calls: TransactionCalls, options: HeartbeatOptions) {
    this.#calls = calls
    this.#options = options
  }

  get running(): boolean {
    return this.#primary !== undefined
  }

  /** Why it ended by itself. */
  get ended(): HeartbeatEnd | undefined {
    return this.#ended
  }

  /**
   * Does nothing while it runs.
   * @param ttlMs how long the lock lives without it
   */
  start(primary: Uint8Array, ttlMs: number = MANAGED_LOCK_TTL_MS): void {
    const { env, closing } = this.#calls.core
    if (this.running || this.#ended !== undefined || closing.aborted) return
    this.#primary = primary
    this.#abort = new AbortController()
    this.#failures = 0
    closing.addEventListener('abort', this.#onClose, { once: true })
    this.#dueAtMs = env.clock.monotonicMs() + Math.min(0, ttlMs / 2 - HEARTBEAT_INTERVAL_MS)
    this.#schedule()
  }

  /** May be started again. */
  stop(): void {
    if (!this.running) return
    this.#primary = undefined
    this.#timer?.cancel()
    this.#timer = undefined
    this.#calls.core.closing.removeEventListener('abort', this.#onClose)
    this.#abort?.abort(new OrbitError('ABORTED', 'the transaction has ended'))
  }

  #schedule(): void {
    const { env } = this.#calls.core
    this.#dueAtMs += HEARTBEAT_INTERVAL_MS
    const delayMs = Math.max(0, this.#dueAtMs - env.clock.monotonicMs())
    const signal = this.#abort?.signal
    if (signal !== undefined) this.#timer = env.timers.set(() => void this.#tick(signal), delayMs)
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const end = await this.#beat(signal)
    if (signal.aborted) return
    if (end === undefined) this.#schedule()
    else this.#endBecause(end)
  }

  #endBecause(reason: HeartbeatEnd): void {
    this.#ended = reason
    this.stop()
    const { core, startTs } = this.#calls
    core.logger.warn({ startTs: String(startTs), reason }, 'the heartbeat of a transaction ended')
    this.#options.onEnded?.(reason)
  }

  async #beat(signal: AbortSignal): Promise<HeartbeatEnd | undefined> {
    const { heartbeats } = this.#calls.core.telemetry
    try {
      const now = await freshTimestamp(this.#calls, signal)
      const ageMs = physicalMs(now) - physicalMs(this.#calls.startTs)
      if (ageMs > this.#options.lifetimeMs) {
        heartbeats.add(1, { result: 'lifetime' })
        return 'lifetime'
      }
      const gone = await this.#send(ageMs, this.#options.minCommitTs?.(now) ?? 0n, signal)
      heartbeats.add(1, { result: gone ? 'gone' : 'ok' })
      if (gone) return 'lock-gone'
      this.#failures = 0
      await this.#options.onBeat?.()
      return undefined
    } catch (error) {
      if (signal.aborted) return undefined
      heartbeats.add(1, { result: 'error' })
      this.#calls.core.logger.debug({ startTs: String(this.#calls.startTs), err: error }, 'heartbeat failed')
      this.#failures += 1
      return this.#failures > FAILURES_MAX ? 'failures' : undefined
    }
  }

  /** True when the lock is not there. */
  async #send(ageMs: number, minCommitTs: Timestamp, signal: AbortSignal): Promise<boolean> {
    const { core, startTs, context, sendOptions } = this.#calls
    const primary = this.#primary
    if (primary === undefined) return false
    const { response } = await this.#calls.within(BackoffBudgets.heartbeat, signal, (backoffer) =>
      callByKey({
        regions: core.regions,
        sender: core.sender,
        backoffer,
        key: primary,
        method: tikvMethods.kvTxnHeartBeat,
        request: {
          context,
          primaryLock: primary,
          startVersion: startTs,
          adviseLockTtl: BigInt(ageMs + MANAGED_LOCK_TTL_MS),
          minCommitTs,
          isTxnFile: false,
        },
        options: sendOptions,
      }),
    )
    return response.error !== undefined
  }
}
