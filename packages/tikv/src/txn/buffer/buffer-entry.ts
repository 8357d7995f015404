import type { KeyFlags } from './key-flags.js'

/**
 * What a transaction did to one key: wrote a value, deleted it, or only set flags (a key that is locked and not written
 * becomes a lock record at commit).
 */
export type BufferEntry = PutEntry | DeleteEntry | FlagsEntry

export interface PutEntry {
  readonly kind: 'put'
  readonly key: Uint8Array
  /** May be empty: an empty value is a value. */
  readonly value: Uint8Array
  readonly flags: KeyFlags
}

export interface DeleteEntry {
  readonly kind: 'delete'
  readonly key: Uint8Array
  readonly value: undefined
  readonly flags: KeyFlags
}

export interface FlagsEntry {
  readonly kind: 'flags'
  readonly key: Uint8Array
  readonly value: undefined
  readonly flags: KeyFlags
}

/** Key and value, bytes. */
export function entryBytes(entry: BufferEntry | undefined): number {
  return entry === undefined ? 0 : entry.key.length + (entry.value?.length ?? 0)
}
