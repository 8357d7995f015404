import {
  requireBytes,
  requireChoice,
  requireNumber,
  requireOptionsObject,
  requireUint64,
} from '../input/require-input.js'
import type { SnapshotOptions } from './snapshot-options.js'

const ISOLATIONS = ['snapshot', 'read-committed', 'read-committed-check-ts'] as const
const PRIORITIES = ['low', 'normal', 'high'] as const
const REPLICA_READS = ['leader', 'follower', 'mixed', 'learner', 'prefer-leader'] as const
/** The most milliseconds that a request can carry. */
const MS_MAX = 2 ** 32 - 1

/** @throws INVALID_ARGUMENT for an option that would fail later, or be passed over in silence. */
export function requireSnapshotOptions(options: SnapshotOptions): void {
  requireOptionsObject(options)
  requireChoice('isolation', options.isolation, ISOLATIONS)
  requireReadOptions(options)
  requireUint64('passLocksAfter', options.passLocksAfter)
  for (const startTs of options.ignoreLocksOf ?? []) requireUint64('ignoreLocksOf', startTs)
}

/** The part that transactions have too. @throws INVALID_ARGUMENT */
export function requireReadOptions(options: Omit<SnapshotOptions, 'isolation'>): void {
  requireChoice('replicaRead', options.replicaRead, REPLICA_READS)
  requireChoice('priority', options.priority, PRIORITIES)
  requireNumber('readTimeoutMs', options.readTimeoutMs, 1, MS_MAX)
  requireNumber('busyThresholdMs', options.busyThresholdMs, 0, MS_MAX)
  requireNumber('cacheBytesMax', options.cacheBytesMax, 0)
  requireUint64('taskId', options.taskId)
  if (options.resourceGroupTag !== undefined) requireBytes('resourceGroupTag', options.resourceGroupTag)
  if (options.traceId !== undefined) requireBytes('traceId', options.traceId)
  for (const storeId of options.storeIds ?? []) requireUint64('storeIds', storeId)
}
