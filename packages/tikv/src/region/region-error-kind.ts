import type { Error as RegionError } from '../gen/errorpb.js'

export type RegionErrorKind =
  Exclude<keyof RegionError, 'message'> | 'deadlineExceeded' | 'invalidMaxTs' | 'unknown'

/** In the order in which they are looked at, should a server ever send two. */
const KINDS = [
  'undeterminedResult',
  'notLeader',
  'diskFull',
  'recoveryInProgress',
  'isWitness',
  'flashbackInProgress',
  'flashbackNotPrepared',
  'regionNotFound',
  'keyNotInRegion',
  'epochNotMatch',
  'bucketVersionNotMatch',
  'serverIsBusy',
  'staleCommand',
  'storeNotMatch',
  'raftEntryTooLarge',
  'maxTimestampNotSynced',
  'regionNotInitialized',
  'readIndexNotReady',
  'proposalInMergingMode',
  'dataIsNotReady',
] as const satisfies readonly Exclude<keyof RegionError, 'message'>[]

/** Which error it is; some are told by their message alone. */
export function regionErrorKind(error: RegionError): RegionErrorKind {
  for (const kind of KINDS) if (error[kind] !== undefined) return kind
  if (error.message.includes('Deadline is exceeded')) return 'deadlineExceeded'
  if (error.mismatchPeerId !== undefined) return 'mismatchPeerId'
  return error.message.includes('invalid max_ts update') ? 'invalidMaxTs' : 'unknown'
}
