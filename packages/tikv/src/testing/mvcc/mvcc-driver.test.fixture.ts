import assert from 'node:assert/strict'
import { fromUtf8, TestEnv, utf8 } from '@orbit-ts/base'
import * as kv from '../../gen/kvrpcpb.js'
import { composeTimestamp } from '../../timestamp.js'
import type { Bounds } from './mvcc-state.js'
import { MvccStore, type CallOptions } from './mvcc-store.js'

export const { SKIP_PESSIMISTIC_CHECK, DO_PESSIMISTIC_CHECK, DO_CONSTRAINT_CHECK } =
  kv.PrewriteRequest_PessimisticAction
export const { Put, Del, Lock, Insert, PessimisticLock, CheckNotExists } = kv.Op

/** A timestamp of the given millisecond, for tests of expiry. */
export const at = (ms: number, logical = 0): bigint => composeTimestamp(ms, logical)

export interface PrewriteOptions extends Partial<Omit<kv.PrewriteRequest, 'mutations' | 'context'>> {
  readonly op?: kv.Op
  readonly assertion?: kv.Assertion
  readonly action?: kv.PrewriteRequest_PessimisticAction
  readonly isRetry?: boolean
  readonly call?: CallOptions
}

/** An MVCC store with short commands: keys and values are text, timestamps numbers. */
export class MvccDriver {
  readonly env = new TestEnv({ startMs: 1_700_000_000_000 })
  readonly store = new MvccStore({ env: this.env })

  /** Prewrites `key=value` pairs; the first key is the primary. */
  prewrite(
    pairs: Readonly<Record<string, string>> | readonly kv.Mutation[],
    startTs: bigint | number,
    options: PrewriteOptions = {},
  ): Promise<kv.PrewriteResponse> {
    const { op = Put, assertion = kv.Assertion.None, action, isRetry = false, call, ...rest } = options
    const mutations = Array.isArray(pairs)
      ? (pairs as readonly kv.Mutation[])
      : Object.entries(pairs as Record<string, string>).map(([key, value]) =>
          kv.Mutation.create({ op, key: utf8(key), value: utf8(value), assertion }),
        )
    const request = kv.PrewriteRequest.create({
      primaryLock: mutations[0]?.key ?? utf8(''),
      lockTtl: 3000n,
      txnSize: BigInt(mutations.length),
      ...(rest.forUpdateTs === undefined
        ? {}
        : { pessimisticActions: mutations.map(() => action ?? SKIP_PESSIMISTIC_CHECK) }),
      ...rest,
      context: { isRetryRequest: isRetry },
      mutations: [...mutations],
      startVersion: BigInt(startTs),
    })
    return this.store.prewrite(request, call)
  }

  async mustPrewrite(
    pairs: Parameters<MvccDriver['prewrite']>[0],
    startTs: bigint | number,
    options?: PrewriteOptions,
  ): Promise<kv.PrewriteResponse> {
    const response = await this.prewrite(pairs, startTs, options)
    assert.deepEqual(response.errors, [])
    return response
  }

  /** The one error of a prewrite that must fail. */
  async failedPrewrite(
    pairs: Parameters<MvccDriver['prewrite']>[0],
    startTs: bigint | number,
    options?: PrewriteOptions,
  ): Promise<kv.KeyError> {
    const { errors } = await this.prewrite(pairs, startTs, options)
    assert.equal(errors.length, 1)
    return errors[0] ?? kv.KeyError.create()
  }

  commit(
    keys: string | readonly string[],
    startTs: bigint | number,
    commitTs: bigint | number,
  ): Promise<kv.CommitResponse> {
    return this.store.commit(
      kv.CommitRequest.create({
        keys: bytes(keys),
        startVersion: BigInt(startTs),
        commitVersion: BigInt(commitTs),
      }),
    )
  }

  async mustCommit(
    keys: string | readonly string[],
    startTs: bigint | number,
    commitTs: bigint | number,
  ): Promise<void> {
    const response = await this.commit(keys, startTs, commitTs)
    assert.equal(response.error, undefined)
    assert.equal(response.commitVersion, BigInt(commitTs))
  }

  /** Prewrites and commits. */
  async put(key: string, value: string, startTs: bigint | number, commitTs: bigint | number): Promise<void> {
    await this.mustPrewrite({ [key]: value }, startTs)
    await this.mustCommit(key, startTs, commitTs)
  }

  async delete(key: string, startTs: bigint | number, commitTs: bigint | number): Promise<void> {
    await this.mustPrewrite({ [key]: '' }, startTs, { op: Del })
    await this.mustCommit(key, startTs, commitTs)
  }

  async rollback(
    keys: string | readonly string[],
    startTs: bigint | number,
  ): Promise<kv.KeyError | undefined> {
    const request = kv.BatchRollbackRequest.create({ keys: bytes(keys), startVersion: BigInt(startTs) })
    return (await this.store.batchRollback(request)).error
  }

  async mustRollback(keys: string | readonly string[], startTs: bigint | number): Promise<void> {
    assert.equal(await this.rollback(keys, startTs), undefined)
  }

  cleanup(key: string, startTs: bigint | number, currentTs: bigint | number): Promise<kv.CleanupResponse> {
    return this.store.cleanup(
      kv.CleanupRequest.create({
        key: utf8(key),
        startVersion: BigInt(startTs),
        currentTs: BigInt(currentTs),
      }),
    )
  }

  lock(
    key: string | readonly string[],
    startTs: bigint | number,
    forUpdateTs: bigint | number,
    options: Partial<Omit<kv.PessimisticLockRequest, 'mutations' | 'context'>> & {
      readonly primary?: string
      readonly notExist?: boolean
      readonly call?: CallOptions
    } = {},
  ): Promise<kv.PessimisticLockResponse> {
    const { primary, notExist = false, call, ...rest } = options
    const keys = bytes(key)
    const assertion = notExist ? kv.Assertion.NotExist : kv.Assertion.None
    const request = kv.PessimisticLockRequest.create({
      primaryLock: primary === undefined ? (keys[0] ?? utf8('')) : utf8(primary),
      lockTtl: 3000n,
      waitTimeout: -1n,
      ...rest,
      mutations: keys.map((bytes) => ({ op: PessimisticLock, key: bytes, assertion })),
      startVersion: BigInt(startTs),
      forUpdateTs: BigInt(forUpdateTs),
    })
    return this.store.pessimisticLock(request, call)
  }

  async mustLock(...args: Parameters<MvccDriver['lock']>): Promise<kv.PessimisticLockResponse> {
    const response = await this.lock(...args)
    assert.deepEqual(response.errors, [])
    return response
  }

  async failedLock(...args: Parameters<MvccDriver['lock']>): Promise<kv.KeyError> {
    const { errors } = await this.lock(...args)
    assert.equal(errors.length, 1)
    return errors[0] ?? kv.KeyError.create()
  }

  async pessimisticRollback(
    keys: string | readonly string[],
    startTs: bigint | number,
    forUpdateTs: bigint | number,
  ): Promise<void> {
    const request = kv.PessimisticRollbackRequest.create({
      keys: bytes(keys),
      startVersion: BigInt(startTs),
      forUpdateTs: BigInt(forUpdateTs),
    })
    assert.deepEqual((await this.store.pessimisticRollback(request, everything)).errors, [])
  }

  checkTxnStatus(
    primary: string,
    lockTs: bigint | number,
    options: Partial<Omit<kv.CheckTxnStatusRequest, 'primaryKey' | 'lockTs' | 'context'>> = {},
  ): Promise<kv.CheckTxnStatusResponse> {
    return this.store.checkTxnStatus(
      kv.CheckTxnStatusRequest.create({
        verifyIsPrimary: true,
        ...options,
        primaryKey: utf8(primary),
        lockTs: BigInt(lockTs),
      }),
    )
  }

  get(
    key: string,
    ts: bigint | number,
    context: Partial<kv.Context> = {},
    needCommitTs = false,
  ): kv.GetResponse {
    return this.store.get(
      kv.GetRequest.create({ key: utf8(key), version: BigInt(ts), context: { ...context }, needCommitTs }),
    )
  }

  /** The value a reader sees, undefined for none; fails on an error. */
  value(key: string, ts: bigint | number, context?: Partial<kv.Context>): string | undefined {
    const { error, value, notFound } = this.get(key, ts, context)
    assert.equal(error, undefined)
    return notFound ? undefined : fromUtf8(value)
  }

  scan(
    start: string,
    end: string,
    ts: bigint | number,
    options: Partial<Omit<kv.ScanRequest, 'startKey' | 'endKey' | 'version' | 'context'>> & {
      readonly context?: Partial<kv.Context>
    } = {},
  ): kv.ScanResponse {
    const { context, ...rest } = options
    const [from, to] = rest.reverse === true ? [end, start] : [start, end]
    return this.store.scan(
      kv.ScanRequest.create({
        limit: 1000,
        ...rest,
        startKey: utf8(from),
        endKey: utf8(to),
        version: BigInt(ts),
        context: { ...context },
      }),
      everything,
    )
  }

  /** Rows of a scan as `key=value`; a locked key as `!`. */
  rows(...args: Parameters<MvccDriver['scan']>): string[] {
    const { error, pairs } = this.scan(...args)
    assert.equal(error, undefined)
    return pairs.map((pair) =>
      pair.error === undefined
        ? `${fromUtf8(pair.key)}=${fromUtf8(pair.value)}`
        : `!${fromUtf8(pair.error.locked?.key ?? utf8(''))}`,
    )
  }

  lockOn(key: string): kv.MvccLock | undefined {
    return this.store.mvccByKey(utf8(key)).lock
  }

  writesOf(key: string): string[] {
    const names = new Map<number, string>([
      [Put, 'put'],
      [Del, 'delete'],
      [Lock, 'lock'],
      [kv.Op.Rollback, 'rollback'],
    ])
    return this.store
      .mvccByKey(utf8(key))
      .writes.map(
        ({ type, startTs, commitTs, hasOverlappedRollback, shortValue }) =>
          `${names.get(type) ?? ''}@${startTs}-${commitTs}${hasOverlappedRollback ? '+rollback' : ''}${type === kv.Op.Rollback && shortValue.length > 0 ? '!' : ''}`,
      )
  }
}

export const everything: Bounds = { start: new Uint8Array(0), end: new Uint8Array(0) }

export function bytes(keys: string | readonly string[]): Uint8Array[] {
  return (typeof keys === 'string' ? [keys] : keys).map(utf8)
}
