import { OrbitError } from '@orbit-ts/base'
import type { LockInfo, TxnInfo } from '../../gen/kvrpcpb.js'
import type { RegionVersion } from '../../region/region-request.js'
import { tikvMethods } from '../../rpc/methods.js'
import { MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import { errorOfKeyError } from '../key-errors.js'
import { recoverAsyncCommit } from './async-commit-recovery.js'
import { rollBackPessimistic } from './lock-cleaner.js'
import { callRegion, writeContext, type Caller } from './region-calls.js'
import { isPessimistic, type StatusChecker } from './status-checker.js'
import { isFinal, type FinalStatus, type TransactionStatus } from './transaction-status.js'

/** One call of `LockResolver.resolveBatch`: the transactions are ended whatever their age. */
export class BatchResolution {
  readonly #caller: Caller
  readonly #checker: StatusChecker

  constructor(caller: Caller, checker: StatusChecker) {
    this.#caller = caller
    this.#checker = checker
  }

  async run(locks: readonly LockInfo[], region: RegionVersion): Promise<boolean> {
    const ended = new Map<Timestamp, TxnInfo>()
    for (const lock of locks) {
      if (ended.has(lock.lockVersion)) continue
      const fate = await this.#end(lock)
      if (fate === undefined) continue
      ended.set(lock.lockVersion, {
        txn: lock.lockVersion,
        status: fate.kind === 'committed' ? fate.commitTs : 0n,
        isTxnFile: lock.isTxnFile,
      })
    }
    return ended.size === 0 || this.#clean([...ended.values()], region)
  }

  /** Undefined for a pessimistic lock, which is gone then: its primary may not be that of its transaction. */
  async #end(lock: LockInfo): Promise<FinalStatus | undefined> {
    const status = await this.#ask(lock, false)
    if (isPessimistic(lock)) {
      await rollBackPessimistic(this.#caller, lock, undefined)
      return undefined
    }
    if (isFinal(status)) return status
    if (status.kind === 'live' && status.primaryLock?.useAsyncCommit === true) {
      const recovery = await recoverAsyncCommit(this.#caller, status.primaryLock)
      const fate = recovery?.status ?? (await this.#ask(lock, true))
      if (isFinal(fate)) {
        this.#checker.learn(lock.lockVersion, fate)
        return fate
      }
    }
    throw new OrbitError(
      'PROTOCOL_VIOLATION',
      `a server did not end transaction ${lock.lockVersion} as it was asked to`,
      {
        startTs: String(lock.lockVersion),
      },
    )
  }

  async #ask(lock: LockInfo, forceSyncCommit: boolean): Promise<TransactionStatus> {
    const answer = await this.#checker.query(this.#caller, {
      startTs: lock.lockVersion,
      primary: lock.primaryLock,
      callerStartTs: 0n,
      currentTs: MAX_TIMESTAMP,
      rollbackIfNotExist: true,
      forceSyncCommit,
      resolvingPessimisticLock: isPessimistic(lock),
      isTxnFile: lock.isTxnFile,
    })
    return answer.kind === 'known' ? answer.status : { kind: 'lock-gone' }
  }

  async #clean(txnInfos: TxnInfo[], region: RegionVersion): Promise<boolean> {
    const response = await callRegion(this.#caller, region, tikvMethods.kvResolveLock, {
      context: writeContext(this.#caller.core),
      startVersion: 0n,
      commitVersion: 0n,
      txnInfos,
      keys: [],
      isAsync: false,
      isTxnFile: false,
    })
    if (response === undefined) return false
    if (response.error !== undefined) {
      throw errorOfKeyError(response.error, this.#caller.core.telemetry.formatKey)
    }
    return true
  }
}
