import { defined, fromUtf8, toBinaryString, type Env, utf8 } from '@orbit-ts/base'
import * as kv from '../../gen/kvrpcpb.js'
import { composeTimestamp, physicalMs, type Timestamp } from '../../timestamp.js'
import { everything } from './mvcc-driver.test.fixture.js'
import type { MvccStore } from './mvcc-store.js'

const TTL = 60n

export interface Plan {
  readonly kind: 'two-phase' | 'async' | 'one-phase' | 'pessimistic'
  /** Keys to read, then to write. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** The client vanishes: before its commit, or after the commit of its primary. */
  readonly crash: 'never' | 'prewritten' | 'primary-committed'
}

export interface Observed {
  readonly startTs: Timestamp
  readonly reads: ReadonlyMap<string, string | undefined>
  /** Set for a transaction that knows itself committed. */
  readonly commitTs: Timestamp | undefined
  readonly writes: readonly string[]
  readonly kind: Plan['kind']
}

/** Gives up a transaction; its outcome is that of the store. */
class GaveUp extends Error {}

/** A small transactional client straight on the store: as much of the protocol as it takes to make histories. */
export class HistoryClient {
  readonly #store: MvccStore
  readonly #tso: () => Timestamp
  readonly #pause: () => Promise<void>
  readonly #env: Env

  constructor(store: MvccStore, env: Env, tso: () => Timestamp, pause: () => Promise<void>) {
    this.#store = store
    this.#env = env
    this.#tso = tso
    this.#pause = pause
  }

  async run(plan: Plan, value: string): Promise<Observed> {
    const startTs = this.#tso()
    const reads = new Map<string, string | undefined>()
    for (const key of plan.reads) {
      reads.set(key, await this.read(key, startTs))
      await this.#pause()
    }
    let commitTs: Timestamp | undefined
    try {
      if (plan.writes.length > 0) commitTs = await this.#write(plan, startTs, value)
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error
    }
    return { startTs, reads, commitTs, writes: plan.writes, kind: plan.kind }
  }

  async read(key: string, ts: Timestamp): Promise<string | undefined> {
    const resolvedLocks: Timestamp[] = []
    const committedLocks: Timestamp[] = []
    for (;;) {
      const context = { resolvedLocks, committedLocks }
      const response = this.#store.get(kv.GetRequest.create({ key: utf8(key), version: ts, context }))
      const locked = response.error?.locked
      if (locked === undefined) return response.notFound ? undefined : fromUtf8(response.value)
      const fate = await this.#resolve(locked, ts)
      if (fate === 'pushed') resolvedLocks.push(locked.lockVersion)
      else if (fate !== 'alive' && fate <= ts && fate > 0n) committedLocks.push(locked.lockVersion)
      else if (fate !== 'alive') resolvedLocks.push(locked.lockVersion)
      await this.#pause()
    }
  }

  async #write(plan: Plan, startTs: Timestamp, value: string): Promise<Timestamp | undefined> {
    const keys = plan.writes.map(utf8)
    const primary = defined(keys[0], 'a primary')
    const forUpdateTs = plan.kind === 'pessimistic' ? await this.#lockAll(keys, primary, startTs) : 0n
    // Keys are prewritten in two requests, as those of two regions are.
    const oneRequest = plan.kind === 'one-phase'
    const groups = oneRequest || keys.length < 2 ? [keys] : [keys.slice(0, 1), keys.slice(1)]
    let commitTs = 0n
    let inOneRound = plan.kind === 'async' || plan.kind === 'one-phase'
    const floor = inOneRound ? this.#tso() + 1n : 0n
    for (const group of groups) {
      const response = await this.#prewrite(plan, group, keys, startTs, forUpdateTs, value, floor)
      await this.#pause()
      if (plan.kind === 'one-phase') {
        if (response.onePcCommitTs > 0n) return response.onePcCommitTs
        inOneRound = false
      }
      if (plan.kind === 'async') {
        if (response.minCommitTs === 0n) inOneRound = false
        if (response.minCommitTs > commitTs) commitTs = response.minCommitTs
      }
    }
    if (plan.crash === 'prewritten') return inOneRound ? commitTs : undefined
    if (!inOneRound) commitTs = this.#tso()
    return this.#commitAll(plan, keys, startTs, commitTs, inOneRound)
  }

  async #commitAll(
    plan: Plan,
    keys: readonly Uint8Array[],
    startTs: Timestamp,
    commitTs: Timestamp,
    decided: boolean,
  ): Promise<Timestamp> {
    const [primary, ...rest] = keys
    await this.#pause()
    const commit = (keys: readonly Uint8Array[], ts: Timestamp): Promise<kv.CommitResponse> =>
      this.#store.commit(
        kv.CommitRequest.create({ keys: [...keys], startVersion: startTs, commitVersion: ts }),
      )
    let { error } = await commit([defined(primary, 'a primary')], commitTs)
    let final = commitTs
    for (; error?.commitTsExpired !== undefined;) {
      if (decided) break
      final = this.#tso()
      error = (await commit([defined(primary, 'a primary')], final)).error
    }
    // An async commit is committed once it is prewritten; somebody else may have finished it.
    if (error !== undefined && !decided) throw new GaveUp()
    if (plan.crash === 'primary-committed') return final
    await this.#pause()
    if (rest.length > 0) await commit(rest, final)
    return final
  }

  async #prewrite(
    plan: Plan,
    group: readonly Uint8Array[],
    all: readonly Uint8Array[],
    startTs: Timestamp,
    forUpdateTs: Timestamp,
    value: string,
    floor: Timestamp,
  ): Promise<kv.PrewriteResponse> {
    const pessimistic = plan.kind === 'pessimistic'
    const { DO_PESSIMISTIC_CHECK } = kv.PrewriteRequest_PessimisticAction
    const request = kv.PrewriteRequest.create({
      mutations: group.map((key) => ({ op: kv.Op.Put, key, value: utf8(value) })),
      primaryLock: defined(all[0], 'a primary'),
      startVersion: startTs,
      lockTtl: TTL,
      forUpdateTs,
      ...(pessimistic && { pessimisticActions: group.map(() => DO_PESSIMISTIC_CHECK) }),
      minCommitTs: floor > startTs ? floor : startTs + 1n,
      useAsyncCommit: plan.kind === 'async',
      secondaries: plan.kind === 'async' ? all.slice(1) : [],
      tryOnePc: plan.kind === 'one-phase',
      maxCommitTs: plan.kind === 'async' || plan.kind === 'one-phase' ? startTs + (400n << 18n) : 0n,
    })
    const applyDelayMs = this.#env.random.float() < 0.3 ? 1 : 0
    for (;;) {
      const response = await this.#store.prewrite(request, { applyDelayMs })
      if (response.errors.length === 0) return response
      for (const { locked } of response.errors) {
        // A newer lock means that this transaction has lost.
        if (locked === undefined || locked.lockVersion > startTs) return this.#giveUp(all, startTs)
        await this.#resolve(locked, 0n)
      }
      await this.#pause()
    }
  }

  async #giveUp(keys: readonly Uint8Array[], startTs: Timestamp): Promise<never> {
    await this.#store.batchRollback(
      kv.BatchRollbackRequest.create({ keys: [...keys], startVersion: startTs }),
    )
    throw new GaveUp()
  }

  async #lockAll(keys: readonly Uint8Array[], primary: Uint8Array, startTs: Timestamp): Promise<Timestamp> {
    let forUpdateTs = startTs
    for (const key of keys) {
      for (;;) {
        const { errors } = await this.#store.pessimisticLock(
          kv.PessimisticLockRequest.create({
            mutations: [{ op: kv.Op.PessimisticLock, key }],
            primaryLock: primary,
            startVersion: startTs,
            forUpdateTs,
            lockTtl: TTL,
            minCommitTs: forUpdateTs + 1n,
            waitTimeout: this.#env.random.float() < 0.5 ? -1n : 5n,
          }),
        )
        const [error] = errors
        if (error === undefined) break
        if (error.locked !== undefined) await this.#resolve(error.locked, 0n)
        else if (error.conflict === undefined) {
          const pessimistic = { startVersion: startTs, forUpdateTs, keys: [...keys] }
          await this.#store.pessimisticRollback(kv.PessimisticRollbackRequest.create(pessimistic), everything)
          throw new GaveUp()
        }
        // What was read at the start is written over, so the snapshot must still hold.
        forUpdateTs = this.#tso()
        await this.#pause()
      }
      await this.#pause()
    }
    return forUpdateTs
  }

  /** The commit timestamp of the lock's transaction, 0n when it was rolled back. */
  async #resolve(lock: kv.LockInfo, callerStartTs: Timestamp): Promise<Timestamp | 'alive' | 'pushed'> {
    const isPessimistic = lock.lockType === kv.Op.PessimisticLock
    for (let forceSyncCommit = false; ; forceSyncCommit = true) {
      const currentTs = this.#tso()
      const expired = physicalMs(lock.lockVersion) + Number(lock.lockTtl) < physicalMs(currentTs)
      const status = await this.#store.checkTxnStatus(
        kv.CheckTxnStatusRequest.create({
          primaryKey: lock.primaryLock,
          lockTs: lock.lockVersion,
          callerStartTs,
          currentTs,
          rollbackIfNotExist: expired,
          resolvingPessimisticLock: isPessimistic,
          verifyIsPrimary: true,
          forceSyncCommit,
        }),
      )
      if (status.error !== undefined) return 'alive'
      const living = status.lockInfo
      if (status.lockTtl > 0n && living !== undefined) {
        const livingExpired = physicalMs(living.lockVersion) + Number(status.lockTtl) < physicalMs(currentTs)
        if (living.useAsyncCommit && livingExpired && !forceSyncCommit) {
          const fate = await this.#recoverAsyncCommit(lock, living)
          if (fate === undefined) continue
          return fate
        }
        return status.action === kv.Action.MinCommitTSPushed ? 'pushed' : 'alive'
      }
      if (isPessimistic) {
        const request = {
          startVersion: lock.lockVersion,
          forUpdateTs: lock.lockForUpdateTs,
          keys: [lock.key],
        }
        await this.#store.pessimisticRollback(kv.PessimisticRollbackRequest.create(request), everything)
        return 0n
      }
      await this.#finish([lock.key], lock.lockVersion, status.commitVersion)
      return status.commitVersion
    }
  }

  /** Undefined: it is no async commit any longer. */
  async #recoverAsyncCommit(lock: kv.LockInfo, primary: kv.LockInfo): Promise<Timestamp | undefined> {
    const { secondaries } = primary
    let commitTs = primary.minCommitTs
    if (secondaries.length > 0) {
      const checked = await this.#store.checkSecondaryLocks(
        kv.CheckSecondaryLocksRequest.create({ keys: secondaries, startVersion: lock.lockVersion }),
      )
      if (checked.locks.length < secondaries.length) commitTs = checked.commitTs
      else {
        if (checked.locks.some(({ useAsyncCommit }) => !useAsyncCommit)) return undefined
        for (const { minCommitTs } of checked.locks) if (minCommitTs > commitTs) commitTs = minCommitTs
      }
    }
    await this.#pause()
    await this.#finish([primary.primaryLock, ...secondaries], lock.lockVersion, commitTs)
    return commitTs
  }

  async #finish(keys: readonly Uint8Array[], startTs: Timestamp, commitTs: Timestamp): Promise<void> {
    const request = kv.ResolveLockRequest.create({
      keys: [...keys],
      startVersion: startTs,
      commitVersion: commitTs,
    })
    const { error } = await this.#store.resolveLock(request, everything)
    const names = keys.map(toBinaryString).join()
    if (error !== undefined)
      throw new Error(
        `resolving ${names} of ${startTs} at ${commitTs}: ${JSON.stringify(error, printBigint)}`,
      )
  }
}

function printBigint(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

/** Timestamps a millisecond apart, so that time goes on with every call. */
export function timestampSource(): () => Timestamp {
  let ms = 1_000
  return () => composeTimestamp(ms++, 0)
}
