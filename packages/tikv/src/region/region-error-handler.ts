import { OrbitError } from '@orbit-ts/base'
import type { Error as RegionError, NotLeader } from '../gen/errorpb.js'
import { BackoffKinds, type BackoffKind } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { RegionCache } from './region-cache.js'
import type { RegionErrorKind } from './region-error-kind.js'
import type { ReplicaChoice, ReplicaSelector } from './replica-selector.js'

/** One attempt that was answered by a region error. */
export interface FailedAttempt {
  readonly backoffer: Backoffer
  readonly cache: RegionCache
  readonly rpc: StoreRpc
  readonly selector: ReplicaSelector
  readonly choice: ReplicaChoice
  readonly error: RegionError
  /** A read with a timeout of its own, after which another replica is asked at once. */
  readonly isShortRead: boolean
}

type Handler = (attempt: FailedAttempt) => Promise<boolean> | boolean

/**
 * Updates the caches, waits as the error asks, and tells whether the request goes to another (or the same) replica of the
 * same region; if not, its caller has to locate the keys anew.
 *
 * Errors: those that no repetition helps against; the backoffer's.
 */
export async function handleRegionError(kind: RegionErrorKind, attempt: FailedAttempt): Promise<boolean> {
  return HANDLERS[kind](attempt)
}

const HANDLERS: Readonly<Record<RegionErrorKind, Handler>> = {
  undeterminedResult: () => false,
  notLeader: onNotLeader,
  diskFull: onDiskFull,
  recoveryInProgress: giveUpAndWait(BackoffKinds.regionRecoveryInProgress, 'is being recovered'),
  isWitness: giveUpAndWait(BackoffKinds.isWitness, 'was asked at a witness'),
  flashbackInProgress: onFlashback,
  flashbackNotPrepared: ({ selector }) => {
    throw new OrbitError(
      'FLASHBACK_IN_PROGRESS',
      `region ${selector.region.id} is not prepared for flashback`,
      {
        regionId: String(selector.region.id),
      },
    )
  },
  regionNotFound: ({ selector }) => selector.onRegionNotFound(),
  keyNotInRegion: giveUp,
  epochNotMatch: ({ error, cache, backoffer, selector, choice }) =>
    cache.onEpochNotMatch(
      backoffer,
      selector.region,
      choice.target.replica.store,
      error.epochNotMatch?.currentRegions ?? [],
    ),
  bucketVersionNotMatch: () => false,
  serverIsBusy: onBusy,
  // A new leader is about to be there; the next replica is asked at once.
  staleCommand: () => true,
  storeNotMatch: onStoreNotMatch,
  raftEntryTooLarge: onEntryTooLarge,
  maxTimestampNotSynced: waitAndRetry(BackoffKinds.maxTsNotSynced, 'has not synced its max_ts'),
  regionNotInitialized: waitAndRetry(BackoffKinds.regionNotInitialized, 'is not initialized'),
  readIndexNotReady: waitAndRetry(BackoffKinds.regionScheduling, 'is splitting or merging'),
  proposalInMergingMode: waitAndRetry(BackoffKinds.regionScheduling, 'is merging'),
  dataIsNotReady: ({ selector }) => {
    selector.onDataNotReady()
    return true
  },
  deadlineExceeded: ({ selector, isShortRead }) => {
    if (isShortRead) selector.onReadTimeout()
    return true
  },
  mismatchPeerId: giveUp,
  invalidMaxTs: ({ error }) => {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `the timestamp is ahead of what PD has given out; read at one taken from PD (${error.message})`,
    )
  },
  unknown: () => true,
}

function giveUp({ cache, selector }: FailedAttempt): boolean {
  cache.invalidateRegion(selector.region, 'other')
  return false
}

function giveUpAndWait(kind: BackoffKind, what: string): Handler {
  return async (attempt) => {
    giveUp(attempt)
    await attempt.backoffer.backoff(kind, describe(attempt, what))
    return false
  }
}

function waitAndRetry(kind: BackoffKind, what: string): Handler {
  return async (attempt) => {
    await attempt.backoffer.backoff(kind, describe(attempt, what))
    return true
  }
}

async function onNotLeader(attempt: FailedAttempt): Promise<boolean> {
  const leader = namedLeader(attempt.error.notLeader)
  attempt.selector.onNotLeader(leader)
  if (leader === undefined)
    await attempt.backoffer.backoff(BackoffKinds.regionScheduling, describe(attempt, 'has no leader'))
  return true
}

function namedLeader(notLeader: NotLeader | undefined): NotLeader['leader'] {
  return notLeader?.leader?.id === 0n ? undefined : notLeader?.leader
}

async function onDiskFull(attempt: FailedAttempt): Promise<boolean> {
  const message = describe(attempt, `is on a full disk: ${attempt.error.diskFull?.reason ?? ''}`)
  try {
    await attempt.backoffer.backoff(BackoffKinds.diskFull, message)
  } catch (error) {
    if (attempt.backoffer.signal?.aborted === true) throw error
    throw new OrbitError(
      'STORAGE_FULL',
      `${message}; free space on the TiKV servers or add one`,
      {},
      { cause: error },
    )
  }
  return true
}

function onFlashback({ selector, error }: FailedAttempt): boolean {
  if (selector.onFlashback()) return true
  throw new OrbitError(
    'FLASHBACK_IN_PROGRESS',
    `region ${selector.region.id} is being flashed back; try again when that has ended`,
    {
      regionId: String(selector.region.id),
      flashbackStartTs: String(error.flashbackInProgress?.flashbackStartTs ?? 0n),
    },
  )
}

async function onBusy({ selector, backoffer, error, isShortRead }: FailedAttempt): Promise<boolean> {
  const { reason = '', estimatedWaitMs = 0 } = error.serverIsBusy ?? {}
  if (isShortRead && reason.includes('deadline is exceeded')) selector.onReadTimeout()
  else await selector.onBusy(backoffer, estimatedWaitMs, reason)
  return true
}

/** Another server answers at the address: perhaps the same name leads elsewhere now, so it must be dialled anew. */
function onStoreNotMatch(attempt: FailedAttempt): boolean {
  const { store } = attempt.choice.target.replica
  const { address } = store
  giveUp(attempt)
  attempt.rpc.closeAddress(address)
  attempt.cache.storeCache.markNeedCheck(store)
  return false
}

function onEntryTooLarge({ selector, error }: FailedAttempt): boolean {
  const entrySize = error.raftEntryTooLarge?.entrySize ?? 0n
  throw new OrbitError(
    'RAFT_ENTRY_TOO_LARGE',
    `a write of ${entrySize} bytes to region ${selector.region.id} is more than the servers replicate at once ` +
      `(raft-entry-max-size); write fewer or smaller values at a time`,
    { regionId: String(selector.region.id), entrySize: String(entrySize) },
  )
}

function describe({ selector, choice }: FailedAttempt, what: string): string {
  return `region ${selector.region.id} at store ${choice.target.replica.store.label} ${what}`
}
