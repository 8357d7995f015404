/**
 * The second phase: commits the primary, which decides, and then the other keys.
 *
 * Invariants:
 * 1. No other key is committed before the primary is (async commit excepted, which is decided by then).
 * 2. While an answer about the primary is lost the outcome is undetermined; the next answer about it ends that.
 * 3. Every commit timestamp is approved (`approve`) before the primary is committed with it.
 */
import { equalBytes, OrbitError } from '@orbit-ts/base'
import { CommitRole, type CommitRequest, type CommitResponse, type KeyError } from '../../gen/kvrpcpb.js'
import { forEachBatch, type Again, type BatchWork, type RegionBatch } from '../../region/by-region.js'
import type { SendOutcome } from '../../region/region-request.js'
import { sendFailureIsUndetermined } from '../../region/undetermined.js'
import type { Backoffer } from '../../retry/backoffer.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { Timestamp } from '../../timestamp.js'
import { commitTsExpiredOf, errorOfKeyError } from '../key-errors.js'
import type { CommitState } from './commit-state.js'
import { commitTimestamp } from './commit-timestamp.js'
import { COMMIT_BATCH_BYTES } from './lock-ttl.js'
import { primaryBatch } from './primary-first.js'
import type { TransactionCalls } from './transaction-calls.js'

/** One hour in the physical part: a reader cannot have pushed the commit further. */
const PUSH_MAX = 943_718_400_000n

export interface CommitOptions {
  readonly calls: TransactionCalls
  readonly state: CommitState
  readonly primary: Uint8Array
  /** Called with each timestamp before the primary is committed at it. Throws to abort the transaction. */
  readonly approve: (commitTs: Timestamp) => Promise<void>
}

const itself = (key: Uint8Array): Uint8Array => key
const lengthOf = (key: Uint8Array): number => key.length

export class CommitPhase {
  readonly #options: CommitOptions
  #commitTs: Timestamp

  /** `commitTs` is approved already. */
  constructor(options: CommitOptions, commitTs: Timestamp) {
    this.#options = options
    this.#commitTs = commitTs
  }

  /** As it was accepted, once the primary is committed. */
  get commitTs(): Timestamp {
    return this.#commitTs
  }

  /**
   * Commits the batch of the primary, the first of `keys`. Gives the keys of the other batches.
   * @throws why the transaction was not committed; the state tells when that is not sure.
   */
  async commitPrimary(keys: readonly Uint8Array[], backoffer: Backoffer): Promise<readonly Uint8Array[]> {
    return primaryBatch(this.#work(keys, backoffer, (batch, own) => this.#commitPrimaryBatch(batch, own)))
  }

  /** Commits keys whose fate is decided, in any order. */
  async commitSecondaries(keys: readonly Uint8Array[], backoffer: Backoffer): Promise<void> {
    await forEachBatch(
      this.#work(keys, backoffer, async (batch, own) => {
        const outcome = await this.#send(batch, own, CommitRole.Secondary)
        if (outcome.regionError !== undefined) return { items: batch.items, regionError: outcome.regionError }
        const { error } = outcome.response
        if (error !== undefined) throw errorOfKeyError(error, this.#formatKey)
        return undefined
      }),
    )
  }

  async #commitPrimaryBatch(
    batch: RegionBatch<Uint8Array>,
    backoffer: Backoffer,
  ): Promise<Again<Uint8Array> | undefined> {
    const { state } = this.#options
    for (;;) {
      const outcome = await this.#sendPrimary(batch, backoffer)
      if (outcome.regionError !== undefined) {
        if (outcome.regionError.undeterminedResult !== undefined) {
          throw new OrbitError('RPC_FAILED', 'a server cannot tell whether it applied the commit')
        }
        return { items: batch.items, regionError: outcome.regionError }
      }
      state.undetermined = false
      const { error } = outcome.response
      if (error === undefined) return undefined
      await this.#moveCommitTs(error, backoffer.signal)
    }
  }

  async #sendPrimary(
    batch: RegionBatch<Uint8Array>,
    backoffer: Backoffer,
  ): Promise<SendOutcome<CommitResponse>> {
    const { state } = this.#options
    try {
      const outcome = await this.#send(batch, backoffer, CommitRole.Primary)
      if (outcome.transportFailed) state.undetermined = true
      return outcome
    } catch (error) {
      if (sendFailureIsUndetermined(error)) state.undetermined = true
      throw error
    }
  }

  /** A reader has moved the transaction behind its own timestamp: take a newer one. */
  async #moveCommitTs(error: KeyError, signal: AbortSignal | undefined): Promise<void> {
    const { calls, primary, approve } = this.#options
    const expired = commitTsExpiredOf(error)
    if (
      expired === undefined ||
      !equalBytes(expired.key, primary) ||
      expired.minCommitTs - expired.attemptedCommitTs > PUSH_MAX
    ) {
      throw errorOfKeyError(error, this.#formatKey)
    }
    const commitTs = await commitTimestamp(calls, signal)
    await approve(commitTs)
    this.#commitTs = commitTs
  }

  get #formatKey(): (key: Uint8Array) => string {
    return this.#options.calls.core.telemetry.formatKey
  }

  #work(
    keys: readonly Uint8Array[],
    backoffer: Backoffer,
    work: BatchWork<Uint8Array>['work'],
  ): BatchWork<Uint8Array> {
    const { core } = this.#options.calls
    return {
      regions: core.regions,
      backoffer,
      items: keys,
      keyOf: itself,
      sizeOf: lengthOf,
      batchBytesMax: COMMIT_BATCH_BYTES,
      concurrency: core.config.committerConcurrency,
      work,
    }
  }

  #send(
    batch: RegionBatch<Uint8Array>,
    backoffer: Backoffer,
    commitRole: CommitRole,
  ): Promise<SendOutcome<CommitResponse>> {
    const { calls, state, primary } = this.#options
    const request: CommitRequest = {
      context: calls.context,
      startVersion: calls.startTs,
      keys: [...batch.items],
      commitVersion: this.#commitTs,
      commitRole,
      primaryKey: primary,
      useAsyncCommit: state.asyncCommit,
      isTxnFile: false,
    }
    return calls.send(backoffer, batch.region, tikvMethods.kvCommit, request, batch.attempt > 0)
  }
}
