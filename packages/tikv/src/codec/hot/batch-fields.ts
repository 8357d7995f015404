import type { BatchCase } from '../../rpc/batch-message.js'

/** The field number of each command in the `cmd` of a batched request and of a batched response. */
export const BATCH_FIELDS: Readonly<Record<BatchCase, number>> = {
  get: 1,
  scan: 2,
  prewrite: 3,
  commit: 4,
  cleanup: 6,
  batchGet: 7,
  batchRollback: 8,
  scanLock: 9,
  resolveLock: 10,
  gc: 11,
  deleteRange: 12,
  rawGet: 13,
  rawBatchGet: 14,
  rawPut: 15,
  rawBatchPut: 16,
  rawDelete: 17,
  rawBatchDelete: 18,
  rawScan: 19,
  rawDeleteRange: 20,
  rawBatchScan: 21,
  coprocessor: 22,
  pessimisticLock: 23,
  pessimisticRollback: 24,
  checkTxnStatus: 25,
  txnHeartBeat: 26,
  checkSecondaryLocks: 33,
  rawCoprocessor: 34,
  flashbackToVersion: 35,
  prepareFlashbackToVersion: 36,
  flush: 37,
  bufferBatchGet: 38,
  getHealthFeedback: 39,
  broadcastTxnStatus: 40,
  empty: 255,
}

/** The command of each field number. */
export const BATCH_CASES: readonly (BatchCase | undefined)[] = byNumber()

function byNumber(): (BatchCase | undefined)[] {
  const cases = new Array<BatchCase | undefined>(256).fill(undefined)
  // Its own keys are the cases and nothing else.
  for (const name of Object.keys(BATCH_FIELDS) as BatchCase[]) cases[BATCH_FIELDS[name]] = name
  return cases
}
