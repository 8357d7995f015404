/**
 * What each store knows of an object's being there, and what the manager keeps of assignments and migrations:
 *
 *     _ manager.r.{object}          in each store: the object's residence
 *     _ manager.d.{object}.{key}    in the store it leaves: a key changed since the copy began
 *     _ manager.a.{object}          in the store of the assignments: where it is
 *     _ manager.m.{object}          in the store of the assignments: a migration that is not finished
 *
 * Invariants:
 * 1. At most one store has the object `here` or `leaving`: only there is it read and written.
 * 2. Every transaction that reads or writes the object holds the residence it went by with a shared lock, so that it
 *    conflicts with whoever changes it.
 * 3. `moved` stays for good: a process that still believes the object there is told so.
 */
import { concatBytes, fromUtf8, OrbitError, utf8 } from '@orbit-ts/base'
import { internalKeys } from '../keys/catalog-keys.js'
import { prefixRange } from '../keys/key-range.js'
import type { KeyRange, Reader } from '../provider.js'
import type { StoredObject } from './stored-object.js'

export type Residence =
  | { readonly state: 'here' }
  /** Its changes are noted. `paused`: nobody may use it until it has moved. */
  | { readonly state: 'leaving'; readonly migration: string; readonly to: string; readonly paused: boolean }
  | Arriving
  /** `cleaned`: nothing of it is left. */
  | { readonly state: 'moved'; readonly migration: string; readonly to: string; readonly cleaned: boolean }

export interface Arriving {
  readonly state: 'arriving'
  readonly migration: string
  readonly from: string
  readonly step: 'clearing' | 'copying' | 'catching-up'
  /** The last key that was copied, hexadecimal. */
  readonly cursor?: string
  /** Counts the batches: one that was prepared for another turn comes too late. */
  readonly turn: number
}

export interface Assignment {
  readonly object: StoredObject
  readonly store: string
}

export interface MigrationRecord {
  readonly id: string
  readonly object: StoredObject
  readonly from: string
  readonly to: string
}

const FORMAT = 1
const under = (name: string): Uint8Array => internalKeys.fact(`manager.${name}`)

export const managerKeys = {
  residence: (object: string): Uint8Array => under(`r.${object}`),
  change: (object: string, key: Uint8Array): Uint8Array => concatBytes(under(`d.${object}.`), key),
  /** The key that a change is about. */
  changedKey: (object: string, change: Uint8Array): Uint8Array =>
    change.subarray(under(`d.${object}.`).byteLength),
  changes: (object: string): KeyRange => prefixRange(under(`d.${object}.`)),
  assignment: (object: string): Uint8Array => under(`a.${object}`),
  assignments: prefixRange(under('a.')),
  migration: (object: string): Uint8Array => under(`m.${object}`),
  migrations: prefixRange(under('m.')),
} as const

export function encodeRecord(record: Residence | Assignment | MigrationRecord): Uint8Array {
  return concatBytes(Uint8Array.of(FORMAT), utf8(JSON.stringify(record)))
}

/** Read by a scan, which does not lock in a pessimistic transaction either: users must not wait for one another. */
export async function readResidence(reader: Reader, object: string): Promise<Residence | undefined> {
  const key = managerKeys.residence(object)
  const range = { start: key, end: concatBytes(key, Uint8Array.of(0)) }
  for await (const [entry] of reader.scan(range, { limit: 1 })) {
    if (entry !== undefined) return decode<Residence>(entry.value, isResidence)
  }
  return undefined
}

export function decodeAssignment(bytes: Uint8Array): Assignment {
  return decode<Assignment>(bytes, (record) => 'object' in record && 'store' in record)
}

export function decodeMigration(bytes: Uint8Array): MigrationRecord {
  return decode<MigrationRecord>(bytes, (record) => 'id' in record && 'object' in record && 'from' in record)
}

const STATES: readonly unknown[] = ['here', 'leaving', 'arriving', 'moved']

function isResidence(record: object): boolean {
  return 'state' in record && STATES.includes(record.state)
}

function decode<T>(bytes: Uint8Array, fits: (record: object) => boolean): T {
  if (bytes[0] !== FORMAT) {
    throw new OrbitError(
      'RECORD_VERSION_UNSUPPORTED',
      `a record of the storage manager has format ${bytes[0] ?? 'none'}, this release knows ${FORMAT}; open the store with the release that wrote it`,
    )
  }
  let record: unknown
  try {
    record = JSON.parse(fromUtf8(bytes.subarray(1)))
  } catch {
    // Reported below, as anything else that does not fit.
  }
  if (typeof record !== 'object' || record === null || !fits(record)) {
    throw new OrbitError('STORAGE_CORRUPT', 'a record of the storage manager cannot be read')
  }
  return record as T
}
