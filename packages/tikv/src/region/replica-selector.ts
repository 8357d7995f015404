import type { Env } from '@orbit-ts/base'
import { PeerRole, type Peer } from '../gen/metapb.js'
import { BackoffKinds, type BackoffKind } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { CachedRegion, RegionReplica } from './cached-region.js'
import type { RegionCache } from './region-cache.js'
import type { ReplicaOptions, ReplicaRead } from './region-request.js'
import type { Store } from './store.js'

/** One replica of the region during one request. */
export interface ReplicaAttempts {
  readonly replica: RegionReplica
  readonly index: number
  /** The store's epoch when the request began: when it has changed since, the store is out of reach. */
  readonly storeEpoch: number
  attempts: number
  attemptedMs: number
  timedOut: boolean
  dataNotReady: boolean
  notLeader: boolean
  busy: boolean
  /** Named the leader again after it had used up its attempts, for which it gets one more. */
  hadLastChance: boolean
  /** Refused as busy so often that it may have lost the leadership without knowing. */
  suspect: boolean
}

/** Whom to ask next, and how. */
export interface ReplicaChoice {
  readonly target: ReplicaAttempts
  /** Takes the request and passes it on to the target, which cannot be reached directly. */
  readonly proxy: ReplicaAttempts | undefined
  readonly replicaRead: boolean
  readonly staleRead: boolean
  readonly busyThresholdMs: number
}

export interface SelectorOptions extends ReplicaOptions {
  readonly env: Env
  readonly cache: RegionCache
  readonly forwarding: boolean
  /** A get, scan or coprocessor request: one that another replica than the leader can answer. */
  readonly isRead: boolean
}

const LEADER_ATTEMPTS_MAX = 10
const LEADER_ATTEMPTED_MS_MAX = 50_000
/** Refusals as busy by the same leader after which a follower is asked who leads. */
const BUSY_BEFORE_PROBE = 2

const NOT_SLOW = 16
const LABEL_MATCHES = 8
const PREFERRED_LEADER = 4
const NORMAL_PEER = 2
const NOT_ATTEMPTED = 1

/**
 * Chooses the replica for each attempt of one request.
 *
 * - Leader reads and writes: the leader, up to 10 attempts or 50 s. When it cannot be asked any more (out of reach, not
 *   leader any longer, timed out), each other replica once: a follower answers who leads, or is the leader itself.
 * - Other reads: the best by score, each once (a replica whose data was not ready: twice); the score prefers stores that
 *   are not slow, then those with the labels, then a leader where asked for, then fitting peers, then untried ones.
 * - Stale reads: as `mixed` at first; the second attempt is a leader read, later ones are replica reads.
 *
 * Invariants:
 * 1. A replica whose store was found out of reach since the request began is not chosen, nor one that used up its attempts;
 *    so a request ends after a bounded number of attempts without a sleep in between.
 * 2. When no replica is left the region is given up (`invalidate`), unless a read timed out by its own short timeout.
 *
 * Equivalent in client-go: `replicaSelector` and its strategies.
 */
export class ReplicaSelector {
  readonly region: CachedRegion
  readonly #options: SelectorOptions
  #mode: ReplicaRead
  readonly #replicas: (ReplicaAttempts | undefined)[] = []
  #current: ReplicaChoice | undefined
  #rounds = 0
  #busyThresholdMs: number
  #mayUseInvalidRegion = false
  #busyLeaderId: bigint | undefined
  #busyCount = 0
  #probed = false
  #pending: Map<Store, string> | undefined
  #sawNoLeader = false

  constructor(region: CachedRegion, options: SelectorOptions) {
    this.region = region
    this.#options = options
    this.#busyThresholdMs = options.busyThresholdMs ?? 0
    this.#mode = options.replicaRead ?? 'leader'
    if (options.staleRead === true && this.#mode === 'leader') this.#mode = 'mixed'
  }

  get current(): ReplicaChoice | undefined {
    return this.#current
  }

  /** Undefined when the region is not valid any more, or no replica is left to ask. */
  next(): ReplicaChoice | undefined {
    if (!this.#mayUseInvalidRegion && !this.#options.cache.isUsable(this.region)) return undefined
    this.#mayUseInvalidRegion = false
    this.#rounds += 1
    const choice = this.#mode === 'leader' ? this.#nextForLeader() : this.#nextForReplica()
    this.#current = choice
    if (choice === undefined) return undefined
    if (isOutOfReach(choice.target) || (choice.proxy !== undefined && isOutOfReach(choice.proxy))) {
      this.#giveUp()
      return undefined
    }
    choice.target.attempts += 1
    if (choice.proxy !== undefined) choice.proxy.attempts += 1
    return choice
  }

  addTime(elapsedMs: number): void {
    if (this.#current === undefined) return
    this.#current.target.attemptedMs += elapsedMs
    if (this.#current.proxy !== undefined) this.#current.proxy.attemptedMs += elapsedMs
  }

  /** Takes over what an answer proves: a proxy that works, a peer that serves as the leader. */
  onSuccess(): void {
    const choice = this.#current
    if (choice === undefined) return
    if (choice.proxy !== undefined) this.region.proxyIndex = choice.proxy.index
    if (choice.target.index !== this.region.leaderIndex && !choice.replicaRead && !choice.staleRead)
      this.region.switchLeader(choice.target.replica.peer)
  }

  /** The call did not reach the store, or its answer was lost. */
  async onSendFailure(signal: AbortSignal | undefined): Promise<void> {
    const choice = this.#current
    if (choice === undefined) return
    const failed = choice.proxy ?? choice.target
    const liveness = await this.#options.cache.storeCache.checkLiveness(failed.replica.store, signal)
    const mayForward =
      this.#options.forwarding &&
      this.#mode === 'leader' &&
      choice.proxy === undefined &&
      choice.target.index === this.region.leaderIndex &&
      this.region.replicas.length > 1
    if (liveness === 'unreachable' && mayForward) return
    if (liveness !== 'reachable')
      this.#options.cache.storeCache.invalidate(failed.replica.store, failed.storeEpoch)
  }

  /** A read took longer than its own short timeout: another replica is asked at once. */
  onReadTimeout(): void {
    if (this.#current !== undefined) this.#current.target.timedOut = true
  }

  /** The store named the leader. Gives the region up when that peer is not one of the region's. */
  onNotLeader(leader: Peer | undefined): void {
    if (this.#current !== undefined) this.#current.target.notLeader = true
    if (leader === undefined) {
      this.#sawNoLeader = true
      return
    }
    const index = this.region.replicaIndex(leader)
    if (index < 0) {
      this.#options.cache.invalidateRegion(this.region, 'store-not-found')
      return
    }
    const named = this.#at(index)
    // A group that sleeps elects no other leader until a follower is asked: the dead one must not be waited for.
    if (named.replica.store.liveness !== 'reachable') {
      this.#options.cache.storeCache.onNamedLeader(named.replica.store)
      return
    }
    if (isExhausted(named, LEADER_ATTEMPTS_MAX, LEADER_ATTEMPTED_MS_MAX)) {
      // Once only: peers that name each other the leader must not be followed for ever.
      if (named.hadLastChance) return
      named.hadLastChance = true
      named.attempts = LEADER_ATTEMPTS_MAX - 1
      named.attemptedMs = 0
    }
    named.notLeader = false
    named.suspect = false
    this.region.switchLeader(leader)
    if (isLeaderCandidate(named)) this.#mode = 'leader'
  }

  onDataNotReady(): void {
    if (this.#current !== undefined) this.#current.target.dataNotReady = true
  }

  /** The peer does not know the region. True when the leader has not been asked and may know it. */
  onRegionNotFound(): boolean {
    const mayRetry = !isExhausted(this.#leader(), 1)
    if (mayRetry) {
      this.#mode = 'leader'
      this.#mayUseInvalidRegion = true
    }
    this.#options.cache.invalidateRegion(this.region, 'region-not-found')
    return mayRetry
  }

  /** True when it was a replica read, which the leader can answer. */
  onFlashback(): boolean {
    const choice = this.#current
    if (choice?.replicaRead !== true || choice.target.index === this.region.leaderIndex) return false
    this.#busyThresholdMs = 0
    this.#mode = 'leader'
    return true
  }

  /** Waits now, or remembers the wait for when this store is asked again, and another replica is asked at once. */
  async onBusy(backoffer: Backoffer, estimatedWaitMs: number, reason: string): Promise<void> {
    const choice = this.#current
    if (choice === undefined) return
    const { store } = choice.target.replica
    if (estimatedWaitMs > 0) {
      store.setEstimatedWait(estimatedWaitMs, this.#nowMs())
      if (this.#busyThresholdMs > 0 && this.#options.isRead) choice.target.busy = true
    } else {
      store.health.markSlow()
      this.#countBusyLeader(choice.target)
    }
    const message = `store ${store.label} is busy: ${reason}`
    if (this.#mustWaitForLeader()) {
      await backoffer.backoff(BackoffKinds.serverBusy, message)
      return
    }
    this.#pending ??= new Map()
    this.#pending.set(store, message)
    choice.target.busy = true
  }

  /** The wait that was put off when this store is asked again. */
  pendingBackoff(store: Store): { readonly kind: BackoffKind; readonly cause: string } | undefined {
    const cause = this.#pending?.get(store)
    if (cause === undefined) return undefined
    this.#pending?.delete(store)
    return { kind: BackoffKinds.serverBusy, cause }
  }

  /** The wait that was put off, when there is nobody left to ask. */
  anyPendingBackoff(): { readonly kind: BackoffKind; readonly cause: string } | undefined {
    const cause = this.#pending?.values().next().value
    return cause === undefined ? undefined : { kind: BackoffKinds.serverBusy, cause }
  }

  /** Each attempt's replica, for errors and logs. */
  describe(): string {
    return this.#all()
      .filter(({ attempts }) => attempts > 0)
      .map(({ replica: { peer, store }, attempts }) => `peer ${peer.id} on store ${store.label}: ${attempts}`)
      .join(', ')
  }

  #nextForLeader(): ReplicaChoice | undefined {
    if (this.#options.forwarding) {
      const forwarded = this.#forwarded()
      if (forwarded !== undefined) return forwarded === 'none' ? undefined : forwarded
    }
    const leader = this.#leader()
    if (isLeaderCandidate(leader) && !leader.suspect)
      return this.#idleInsteadOf(leader) ?? this.#choose(leader)
    const target = this.#best(this.#options.leaderOnly === true ? { leaderOnly: true } : {})
    if (target === undefined) return undefined
    return this.#choose(target, this.#options.isRead && leader.timedOut)
  }

  #nextForReplica(): ReplicaChoice | undefined {
    const { staleRead, isRead, leaderOnly } = this.#options
    if (staleRead === true && this.#rounds === 2) {
      const leader = this.#leader()
      if (isLeaderCandidate(leader) && !isExhausted(leader, 1)) return this.#choose(leader)
    }
    const target = this.#best({
      tryLeader: this.#mode === 'mixed' || this.#mode === 'prefer-leader',
      preferLeader: this.#mode === 'prefer-leader',
      learnerOnly: this.#mode === 'learner',
      leaderOnly: leaderOnly === true,
    })
    if (target === undefined) return undefined
    const isLeader = target.index === this.region.leaderIndex
    if (staleRead !== true) return this.#choose(target, isRead && !isLeader)
    const leader = this.#leader()
    const leaderFailed = leader.attempts > 0 && !leader.timedOut && !leader.busy
    const unfit = this.#rounds !== 1 || (!target.replica.store.hasLabels(this.#options.labels) && !isLeader)
    return unfit && leaderFailed ? this.#choose(target, true) : this.#choose(target, false, true)
  }

  #choose(target: ReplicaAttempts, replicaRead = false, staleRead = false): ReplicaChoice {
    return { target, proxy: undefined, replicaRead, staleRead, busyThresholdMs: this.#busyThresholdMs }
  }

  /** For a leader expected to be too busy: an idle replica; without one the threshold is dropped. */
  #idleInsteadOf(leader: ReplicaAttempts): ReplicaChoice | undefined {
    if (this.#busyThresholdMs === 0 || !this.#options.isRead) return undefined
    if (!this.#isBusy(leader)) return undefined
    const idle = this.#best({ idleOnly: true })
    if (idle !== undefined) return this.#choose(idle, true)
    this.#busyThresholdMs = 0
    return undefined
  }

  /** Undefined: no proxy is needed. */
  #forwarded(): ReplicaChoice | 'none' | undefined {
    const leader = this.#leader()
    if (leader.replica.store.liveness === 'reachable' || leader.notLeader) {
      this.region.proxyIndex = -1
      return undefined
    }
    const candidates = this.#all().filter(
      (other) =>
        other !== leader &&
        !isExhausted(other, 1) &&
        other.replica.store.liveness === 'reachable' &&
        !isOutOfReach(other),
    )
    const proxy = candidates.find(({ index }) => index === this.region.proxyIndex) ?? candidates[0]
    if (proxy !== undefined) return { ...this.#choose(leader), proxy }
    this.#options.cache.storeCache.invalidate(leader.replica.store, leader.storeEpoch)
    this.region.reloadOnAccess = true
    return 'none'
  }

  #best(wanted: Wanted): ReplicaAttempts | undefined {
    let best: ReplicaAttempts[] = []
    let bestScore = -1
    for (const one of this.#all()) {
      const isLeader = one.index === this.region.leaderIndex
      if (isOutOfReach(one) && (isLeader || isBack(one.replica.store))) this.#wantReload()
      if (!this.#isCandidate(one, isLeader, wanted)) continue
      const score = this.#score(one, isLeader, wanted)
      if (score > bestScore) best = []
      if (score >= bestScore) best.push(one)
      bestScore = Math.max(bestScore, score)
    }
    if (best.length > 0) return best[this.#draw(best.length)]
    return wanted.idleOnly === true ? undefined : this.#lastResort()
  }

  #draw(count: number): number {
    return count === 1 ? 0 : Math.floor(this.#options.env.random.float() * count)
  }

  /** A leader put aside on mere suspicion, when there is nobody else to ask. Gives the region up otherwise. */
  #lastResort(): ReplicaAttempts | undefined {
    const leader = this.#leader()
    if (leader.suspect) {
      leader.suspect = false
      if (isLeaderCandidate(leader)) return leader
    }
    if (!this.#all().some(({ timedOut }) => timedOut)) this.#giveUp()
    return undefined
  }

  #giveUp(): void {
    this.#options.cache.invalidateRegion(this.region, this.#sawNoLeader ? 'no-leader' : 'other')
  }

  #wantReload(): void {
    if (this.region.delayedReload === 'none') this.region.delayedReload = 'pending'
  }

  #isCandidate(one: ReplicaAttempts, isLeader: boolean, wanted: Wanted): boolean {
    if (isOutOfReach(one) || one.replica.store.liveness === 'unreachable') return false
    // The leader has all data: asking it twice would not help.
    if (isExhausted(one, one.dataNotReady && !isLeader ? 2 : 1)) return false
    if (wanted.leaderOnly === true && !isLeader) return false
    if (wanted.idleOnly === true && (isLeader || this.#isBusy(one))) return false
    return wanted.preferLeader !== true || isLeader || !one.replica.store.health.isSlow
  }

  #isBusy(one: ReplicaAttempts): boolean {
    return one.busy || one.replica.store.estimatedWaitMs(this.#nowMs()) > this.#busyThresholdMs
  }

  #score(one: ReplicaAttempts, isLeader: boolean, wanted: Wanted): number {
    const { peer, store } = one.replica
    const { labels, storeIds } = this.#options
    let score = one.attempts === 0 ? NOT_ATTEMPTED : 0
    if (!store.health.isSlow) score |= NOT_SLOW
    if (
      store.hasLabels(labels) &&
      (storeIds === undefined || storeIds.length === 0 || storeIds.includes(store.id))
    )
      score |= LABEL_MATCHES
    if (!isLeader)
      return wanted.learnerOnly !== true || peer.role === PeerRole.Learner ? score | NORMAL_PEER : score
    if (wanted.preferLeader === true) return score | (store.health.isSlow ? NORMAL_PEER : PREFERRED_LEADER)
    if (wanted.tryLeader !== true) return score
    return score | (labels === undefined ? NORMAL_PEER : PREFERRED_LEADER)
  }

  /**
   * A store that refuses reads at its door answers neither them nor that it has lost the leadership. After two refusals
   * by the same leader one follower is asked who leads, once for each request.
   */
  #countBusyLeader(target: ReplicaAttempts): void {
    if (this.#mode !== 'leader' || this.#options.leaderOnly === true || this.#probed) return
    if (this.#options.staleRead === true || target.index !== this.region.leaderIndex) return
    const { id } = target.replica.peer
    if (this.#busyLeaderId !== id) {
      this.#busyLeaderId = id
      this.#busyCount = 0
    }
    this.#busyCount += 1
    if (this.#busyCount < BUSY_BEFORE_PROBE) return
    target.suspect = true
    this.#probed = true
  }

  #mustWaitForLeader(): boolean {
    if (this.#mode !== 'leader') return false
    const leader = this.#leader()
    return isLeaderCandidate(leader) && !leader.busy
  }

  #leader(): ReplicaAttempts {
    return this.#at(this.region.leaderIndex)
  }

  /** Made when first asked for: most requests need the leader's only. */
  #at(index: number): ReplicaAttempts {
    // Every index is one of the region's replicas.
    return (this.#replicas[index] ??= newAttempts(this.region.replicas[index] as RegionReplica, index))
  }

  #all(): readonly ReplicaAttempts[] {
    return this.region.replicas.map((_, index) => this.#at(index))
  }

  #nowMs(): number {
    return this.#options.env.clock.monotonicMs()
  }
}

interface Wanted {
  readonly tryLeader?: boolean
  readonly preferLeader?: boolean
  readonly learnerOnly?: boolean
  readonly leaderOnly?: boolean
  readonly idleOnly?: boolean
}

function newAttempts(replica: RegionReplica, index: number): ReplicaAttempts {
  return {
    replica,
    index,
    storeEpoch: replica.storeEpoch,
    attempts: 0,
    attemptedMs: 0,
    timedOut: false,
    dataNotReady: false,
    notLeader: false,
    busy: false,
    hadLastChance: false,
    suspect: false,
  }
}

function isOutOfReach({ replica, storeEpoch }: ReplicaAttempts): boolean {
  return replica.store.epoch !== storeEpoch
}

function isBack(store: Store): boolean {
  return store.liveness === 'reachable' && store.state === 'resolved'
}

function isExhausted(one: ReplicaAttempts, attemptsMax: number, attemptedMsMax?: number): boolean {
  return one.attempts >= attemptsMax || (attemptedMsMax !== undefined && one.attemptedMs >= attemptedMsMax)
}

function isLeaderCandidate(leader: ReplicaAttempts): boolean {
  return (
    leader.replica.store.liveness === 'reachable' &&
    !isExhausted(leader, LEADER_ATTEMPTS_MAX, LEADER_ATTEMPTED_MS_MAX) &&
    !leader.timedOut &&
    !leader.notLeader &&
    !isOutOfReach(leader)
  )
}
