import { decodeRecord, encodeRecord } from '../../../record/record-codec.js'

/** What is stored under a lane: how many changes were made by it, and what the latest of them have touched. */
export interface LaneRecord {
  /** 1 for the first. */
  readonly number: number
  /** Each as `packTouched` gives it; the latest last: of change `number`. */
  readonly recent: readonly Uint8Array[]
}

export function encodeLane({ number, recent }: LaneRecord): Uint8Array {
  return encodeRecord({ number, recent }, { schemaVersion: 0 })
}

/** @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT */
export function decodeLane(bytes: Uint8Array, key: Uint8Array): LaneRecord {
  const { value }: { readonly value: unknown } = decodeRecord(bytes, key)
  // `encodeLane` wrote it.
  return value as LaneRecord
}
