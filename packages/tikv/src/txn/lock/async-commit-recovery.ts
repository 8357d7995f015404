import { OrbitError } from '@orbit-ts/base'
import type { CheckSecondaryLocksResponse, LockInfo } from '../../gen/kvrpcpb.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import { errorOfKeyError } from '../key-errors.js'
import { callByRegion, writeContext, type Caller } from './region-calls.js'
import { ROLLED_BACK, type FinalStatus } from './transaction-status.js'

export interface Recovery {
  readonly status: FinalStatus
  /** Keys that still hold a lock of the transaction, the primary included. */
  readonly lockedKeys: readonly Uint8Array[]
}

/**
 * Decides what became of an expired async-commit transaction from the locks of its secondaries: with all of them there
 * it is committed, at the largest of their minimum commit timestamps; where one is missing, the server says at which
 * timestamp it was committed, or that it was not. Asking rolls missing keys back, so that the answer stays true.
 *
 * Undefined when a lock was not written for async commit: the transaction fell back, and its primary decides alone.
 * @throws PROTOCOL_VIOLATION when servers disagree.
 */
export async function recoverAsyncCommit(
  caller: Caller,
  primaryLock: LockInfo,
): Promise<Recovery | undefined> {
  const startTs = primaryLock.lockVersion
  const findings = new Findings(startTs, primaryLock.minCommitTs)
  caller.core.telemetry.lockActions.add(1, { action: 'check_secondary_locks' })
  await callByRegion(
    caller,
    primaryLock.secondaries,
    tikvMethods.kvCheckSecondaryLocks,
    (keys) => ({ context: writeContext(caller.core), keys: [...keys], startVersion: startTs }),
    (response, keys) => {
      if (response.error !== undefined) {
        throw errorOfKeyError(response.error, caller.core.telemetry.formatKey)
      }
      findings.add(response, keys.length)
    },
  )
  if (findings.fellBack) return undefined
  const { commitTs } = findings
  if (commitTs === 0n && !findings.missing) {
    throw new OrbitError(
      'PROTOCOL_VIOLATION',
      `the locks of async-commit transaction ${startTs} have no minimum commit timestamp`,
      { startTs: String(startTs) },
    )
  }
  return {
    status: commitTs === 0n ? ROLLED_BACK : { kind: 'committed', commitTs },
    lockedKeys: [
      ...findings.lockedKeys,
      primaryLock.key.length === 0 ? primaryLock.primaryLock : primaryLock.key,
    ],
  }
}

class Findings {
  readonly lockedKeys: Uint8Array[] = []
  fellBack = false
  commitTs: Timestamp
  missing = false
  readonly #startTs: Timestamp

  constructor(startTs: Timestamp, minCommitTs: Timestamp) {
    this.#startTs = startTs
    this.commitTs = minCommitTs
  }

  add(response: CheckSecondaryLocksResponse, keyCount: number): void {
    if (response.locks.length < keyCount) this.#addMissing(response.commitTs)
    else for (const lock of response.locks) this.#addLock(lock)
  }

  #addMissing(commitTs: Timestamp): void {
    if (!this.missing && commitTs !== 0n && commitTs < this.commitTs) {
      throw this.#disagreement(
        `committed at ${commitTs}, before its minimum commit timestamp ${this.commitTs}`,
      )
    }
    if (this.missing && commitTs !== this.commitTs) {
      throw this.#disagreement(`${fate(this.commitTs)} in one region and ${fate(commitTs)} in another`)
    }
    this.missing = true
    this.commitTs = commitTs
  }

  #addLock(lock: LockInfo): void {
    if (lock.lockVersion !== this.#startTs) {
      throw this.#disagreement(`asked for, and the lock of ${lock.lockVersion} was given`)
    }
    if (!lock.useAsyncCommit) {
      this.fellBack = true
      return
    }
    if (!this.missing && lock.minCommitTs > this.commitTs) this.commitTs = lock.minCommitTs
    this.lockedKeys.push(lock.key)
  }

  #disagreement(what: string): OrbitError {
    return new OrbitError('PROTOCOL_VIOLATION', `async-commit transaction ${this.#startTs} was ${what}`, {
      startTs: String(this.#startTs),
    })
  }
}

function fate(commitTs: Timestamp): string {
  return commitTs === 0n ? 'rolled back' : `committed at ${commitTs}`
}
