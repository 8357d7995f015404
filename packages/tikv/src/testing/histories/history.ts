import type { Timestamp } from '../../timestamp.js'
import type { TransactionIsolation, TransactionMode } from '../../txn/transaction-options.js'

/** Keys and values are text. Every value names its writer (`writtenBy`), so that no two writes are alike. */
export type Operation = ReadOperation | RangeOperation | WriteOperation

export interface ReadOperation {
  readonly kind: 'read'
  readonly key: string
  readonly value: string | undefined
  /** Read with a lock: the newest version instead of that of the snapshot. */
  readonly locked: boolean
}

/** A whole range, in key order. */
export interface RangeOperation {
  readonly kind: 'range'
  readonly start: string
  readonly end: string
  readonly rows: readonly (readonly [key: string, value: string])[]
}

export interface WriteOperation {
  readonly kind: 'write'
  readonly key: string
  /** Undefined: deleted. */
  readonly value: string | undefined
}

/** `undetermined`: its client was told so, or died before it heard anything. */
export type Outcome = 'committed' | 'aborted' | 'undetermined'

/** What one client saw of one transaction. */
export interface HistoryTransaction {
  /** From 1; 0 wrote the first values. */
  readonly id: number
  readonly client: string
  /** What kind of transaction of its workload it was. */
  readonly label: string
  readonly mode: TransactionMode
  readonly isolation: TransactionIsolation
  /** What else it asked for: `async-commit`, `one-pc`, `pipelined`. */
  readonly traits: readonly string[]
  /** Undefined when it did not get that far. */
  readonly startTs: Timestamp | undefined
  /** Undefined unless it committed writes. */
  readonly commitTs: Timestamp | undefined
  /** Moments, in an order that all clients share: when `begin` was called, and when the client heard of the end. */
  readonly begunAt: number
  readonly endedAt: number
  readonly outcome: Outcome
  /** The code of the error that ended it. */
  readonly error: string | undefined
  readonly operations: readonly Operation[]
}

/** A committed version as the servers have it. */
export interface Version {
  readonly startTs: Timestamp
  readonly commitTs: Timestamp
  /** Undefined: deleted. */
  readonly value: string | undefined
}

/** The committed versions of each key, oldest first. */
export type Versions = ReadonlyMap<string, readonly Version[]>

/** Something that must not happen, for people. */
export interface Anomaly {
  /** For example `G-single`. */
  readonly kind: string
  readonly detail: string
}

const SEPARATOR = '#'

/** @returns The value as it is stored. */
export function writtenBy(id: number, payload: string): string {
  return `${payload}${SEPARATOR}${id}`
}

export function payloadOf(value: string): string {
  return value.slice(0, value.lastIndexOf(SEPARATOR))
}

/** For messages: `T7 (c2 transfer)`. */
export function nameOf({ id, client, label }: HistoryTransaction): string {
  return `T${id} (${client} ${label})`
}

/** The last write of each key. */
export function finalWrites({ operations }: HistoryTransaction): ReadonlyMap<string, string | undefined> {
  const writes = new Map<string, string | undefined>()
  for (const operation of operations)
    if (operation.kind === 'write') writes.set(operation.key, operation.value)
  return writes
}
