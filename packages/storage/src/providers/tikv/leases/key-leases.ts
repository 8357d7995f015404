/**
 * Leases of keys that seldom change and that nearly every transaction reads and protects: definitions
 * (`LockOptions.leased`). While a lease lasts, a provider answers for such keys without asking the servers.
 *
 * Whoever finds no announcement in a snapshot holds a lease from that snapshot's timestamp on, for `LEASE_MS`. Whoever
 * wants to change a leased key announces it and waits `LEASE_MS` from the commit of the announcement: by then all leases
 * have run out, and nobody gets another one. Holders of leases have said so in the store before: where nobody has, nobody is
 * waited for. All that is compared is timestamps of PD. Clocks of processes decide only how
 * soon something is asked for again.
 *
 * Invariants:
 * 1. No commit at a timestamp that a lease covers changes a leased key: who does so reads at `Announcement.clearAt` or
 *    later, and commits before `Announcement.until`.
 * 2. What relies on a lease is read at a timestamp that it covers, and committed at one, or shares the keys for its
 *    commit (`TransactionLeases`).
 * 3. A lease that was not renewed before its end is never renewed: another one follows it.
 * 4. A lease ends before the notice of its holder, which was committed before the snapshot of the lease: whoever
 *    announces a change finds the notice, or the holder finds the announcement. The notice outlives its provider, whose
 *    last commits may still be under way.
 * 5. An announcement is renewed before its end, or counts as a new one, for which everything begins anew.
 */
import { delay, hasCode, OrbitError, type Timer } from '@orbit-ts/base'
import { composeTimestamp, physicalMs } from '@orbit-ts/tikv'
import { throwIfAborted } from '../../../transaction/arguments.js'
import type { TikvStore } from '../tikv-store.js'
import { Lease } from './lease.js'
import { Notices } from './notices.js'
import { SlowestCommit } from './slowest-commit.js'

/** The same for all servers of a cluster. */
const LEASE_MS = 500
/** Twice in the life of a lease, and once more in case. */
const RENEW_MS = 200
/** Who holds leases says so for so long, and again when less than the other is left. */
const HOLDER_MS = 60_000
const HOLDER_LEFT_MS = 30_000
/** A lease that nobody has used for so long is not renewed. */
const IDLE_MS = 10_000
/** How far in the future an announcement ends. */
const ANNOUNCE_MS = 10_000
/** It is renewed when less than this is left. */
const ANNOUNCE_LEFT_MS = 6_000
/** How long an announcement stays after the last change, which spares those that follow at once the wait. */
const LINGER_MS = 3_000
/** How long it may take to withdraw one. */
const WITHDRAW_MS = 1_000

/** That leased keys are about to change. */
export interface Announcement {
  /** No lease covers this timestamp or a later one. */
  readonly clearAt: bigint
  /** No lease begins before it; changes have to be committed before it. It grows. */
  readonly until: bigint
}

interface OwnAnnouncement extends Announcement {
  clearAt: bigint
  until: bigint
}

export interface LeaseCounts {
  readonly leases: number
  readonly announcements: number
  /** Reads and protections of leased keys that a lease covered. What it does not remember yet is read all the same. */
  readonly hits: number
  /** Those that none did. */
  readonly misses: number
}

export class KeyLeases {
  readonly #store: TikvStore
  readonly #announcements: Notices
  readonly #holders: Notices
  /** Until when others know that there may be leases here; 0n: they do not. */
  #knownUntil = 0n
  #lease: Lease | undefined
  #usedAtMs = -Infinity
  #renewing = false
  #renewTimer: Timer | undefined
  #own: OwnAnnouncement | undefined
  /** Transactions that change leased keys. */
  #changers = 0
  /** Before then changes may be committed of which nobody knows the outcome. */
  #mayChangeUntil = 0n
  #ownTimer: Timer | undefined
  /** Writes of the own announcement follow one another. */
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false
  /** Ends the renewal of the announcement when the store is closed. */
  readonly #stop = new AbortController()
  readonly slowestCommit: SlowestCommit
  readonly #counts = { leases: 0, announcements: 0, hits: 0, misses: 0 }

  constructor(store: TikvStore) {
    this.#store = store
    this.#announcements = new Notices(store, 'announcement')
    this.#holders = new Notices(store, 'holder')
    this.slowestCommit = new SlowestCommit(store.env)
  }

  get counts(): LeaseCounts {
    return this.#counts
  }

  /** The lease that covers the timestamp. Undefined: there is none, and soon may be one. */
  at(timestamp: bigint): Lease | undefined {
    this.#usedAtMs = this.#store.env.clock.monotonicMs()
    if (this.#lease?.covers(timestamp) === true) {
      this.#counts.hits++
      return this.#lease
    }
    this.#counts.misses++
    if (this.#renewTimer === undefined) this.#renew()
    return undefined
  }

  /**
   * Announces changes and waits until no lease is left. Each call is to be followed by one of `changed`.
   * @throws ABORTED, STORAGE_UNAVAILABLE
   */
  async announce(signal: AbortSignal): Promise<Announcement> {
    this.#changers++
    try {
      const announcement = await this.#inTurn(() => this.#announced(signal), signal)
      await this.#waitFor(announcement.clearAt, signal)
      return announcement
    } catch (error) {
      this.changed()
      throw asOutage(error)
    }
  }

  /** A transaction that has announced changes has ended. @param until before then it may still come to be committed */
  changed(until = 0n): void {
    this.#changers--
    if (until > this.#mayChangeUntil) this.#mayChangeUntil = until
    if (this.#changers === 0) this.#lookAfter(LINGER_MS)
  }

  /** Withdraws what is announced, if the store can be reached. */
  async close(): Promise<void> {
    this.#closed = true
    this.#renewTimer?.cancel()
    this.#ownTimer?.cancel()
    this.#stop.abort()
    await this.#inTurn(() => this.#withdraw())
  }

  #renew(): void {
    if (this.#renewing || this.#closed) return
    this.#renewing = true
    void this.#look()
      // Whoever needs the store meets the failure himself.
      .catch(() => undefined)
      .finally(() => {
        this.#renewing = false
        this.#renewTimer =
          this.#isIdle || this.#closed ? undefined : this.#after(RENEW_MS, () => this.#renewAgain())
      })
  }

  #renewAgain(): void {
    this.#renewTimer = undefined
    this.#renew()
  }

  get #isIdle(): boolean {
    return this.#store.env.clock.monotonicMs() - this.#usedAtMs >= IDLE_MS
  }

  async #look(): Promise<void> {
    const { signal } = this.#stop
    const snapshot = await this.#store.client.txn.snapshot(undefined, { signal })
    const { readTs } = snapshot
    if (await this.#announcements.isAny(snapshot, signal)) {
      this.#replaceLease(undefined)
      return
    }
    if (later(readTs, HOLDER_LEFT_MS) >= this.#knownUntil) {
      const knownUntil = later(readTs, HOLDER_MS)
      await this.#holders.post(knownUntil, signal)
      this.#knownUntil = knownUntil
      // What was announced before that could not be known is found now.
      await this.#look()
      return
    }
    const until = later(readTs, LEASE_MS)
    if (this.#lease?.covers(readTs) === true) this.#lease.until = until
    else {
      this.#replaceLease(new Lease(readTs, until))
      this.#counts.leases++
    }
  }

  #replaceLease(lease: Lease | undefined): void {
    this.#lease?.forgetValues()
    this.#lease = lease
  }

  /** The own announcement, with time left. */
  async #announced(signal: AbortSignal): Promise<OwnAnnouncement> {
    const now = await this.#store.client.txn.currentTimestamp({ signal })
    const known = this.#own
    if (known !== undefined && later(now, ANNOUNCE_LEFT_MS) < known.until) return known
    const until = later(now, ANNOUNCE_MS)
    const committedAt = await this.#announcements.post(until, signal)
    if (known !== undefined && committedAt < known.until) {
      known.until = until
      return known
    }
    this.#counts.announcements++
    const own: OwnAnnouncement = { clearAt: later(committedAt, LEASE_MS), until }
    this.#own = own
    this.#lookAfter(ANNOUNCE_LEFT_MS / 2)
    const clearAt = await this.#clearWithoutHolders(signal)
    if (clearAt !== undefined) own.clearAt = clearAt
    return own
  }

  /** A timestamp from which on there is no lease, where nobody holds any now that it is announced; otherwise undefined. */
  async #clearWithoutHolders(signal: AbortSignal): Promise<bigint | undefined> {
    const snapshot = await this.#store.client.txn.snapshot(undefined, { signal })
    return (await this.#holders.isAny(snapshot, signal)) ? undefined : snapshot.readTs
  }

  async #waitFor(timestamp: bigint, signal: AbortSignal): Promise<void> {
    const { client, env } = this.#store
    for (;;) {
      const now = await client.txn.currentTimestamp({ signal })
      if (now >= timestamp) return
      await delay(env, physicalMs(timestamp) - physicalMs(now) + 1, signal)
    }
  }

  #lookAfter(delayMs: number): void {
    this.#ownTimer?.cancel()
    this.#ownTimer = this.#closed ? undefined : this.#after(delayMs, () => void this.#keepOrWithdraw())
  }

  /** Keeps the announcement for as long as there is somebody who changes something. */
  async #keepOrWithdraw(): Promise<void> {
    try {
      await this.#inTurn(async () => {
        if (this.#own === undefined) return
        if (this.#changers === 0) await this.#withdraw()
        else await this.#announced(this.#stop.signal)
      })
    } catch {
      // Unless a later attempt succeeds in time, the changes will not be committed.
    }
    if (this.#changers > 0 && this.#own !== undefined) this.#lookAfter(ANNOUNCE_LEFT_MS / 2)
  }

  async #withdraw(): Promise<void> {
    if (this.#own === undefined) return
    this.#own = undefined
    const tooLong = new AbortController()
    const timer = this.#after(WITHDRAW_MS, () => tooLong.abort())
    try {
      const { signal } = tooLong
      const snapshot = await this.#store.client.txn.snapshot(undefined, { signal })
      if (snapshot.readTs >= this.#mayChangeUntil) await this.#announcements.withdraw(signal)
      for (const notices of [this.#announcements, this.#holders]) await notices.forgetOld(snapshot, signal)
    } catch {
      // What is not withdrawn ends by itself.
    }
    timer.cancel()
  }

  /** @param signal ends the wait for the turn; `work` ends by itself */
  #inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#turn
    const running = unlessAborted(before, signal).then(work)
    this.#turn = Promise.allSettled([before, running])
    return running
  }

  #after(delayMs: number, work: () => void): Timer {
    return this.#store.env.timers.set(work, delayMs)
  }
}

async function unlessAborted(promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal)
  if (signal === undefined) return void (await promise)
  let onAbort = (): void => undefined
  const aborted = new Promise<void>((resolve) => (onAbort = resolve))
  signal.addEventListener('abort', onAbort, { once: true })
  await Promise.race([promise, aborted])
  signal.removeEventListener('abort', onAbort)
  throwIfAborted(signal)
}

function later(timestamp: bigint, ms: number): bigint {
  return timestamp + composeTimestamp(ms, 0)
}

/** Nobody but this provider writes its announcement: nothing of the caller's is undetermined. */
function asOutage(error: unknown): unknown {
  if (!hasCode(error, 'COMMIT_UNDETERMINED')) return error
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    'a change of definitions could not be announced to the other servers; nothing was changed',
    { reason: 'not-announced' },
    { cause: error },
  )
}
