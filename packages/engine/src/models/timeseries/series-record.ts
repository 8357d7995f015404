import { OrbitError, fromUtf8, utf8 } from '@orbit-ts/base'

/** What never changes of a series. */
export interface SeriesIdentity {
  readonly id: number
  /** In the order of the definition's tags. */
  readonly tagValues: readonly string[]
}

/** A series as it is stored, with its marks: how far upkeep has come. */
export interface SeriesRecord extends SeriesIdentity {
  /** End of the last complete bucket, by rollup id. */
  readonly rolledUpTo: Readonly<Record<string, number>>
  /** Start of the first complete bucket that is kept, by rollup id. Left out: none was removed. */
  readonly rolledUpFrom?: Readonly<Record<string, number>>
  /** The retention has removed points up to here, and rollups know of them. */
  readonly prunedTo?: number
}

/** No series has it. Under it are the sequence of ids and the mark of the retention. */
export const COUNTER_ID = 0

/** One text for one combination, equal for equal ones; orders series for people. */
export function exactName(tagValues: readonly string[]): string {
  return JSON.stringify(tagValues)
}

export function encodeRecord(record: SeriesRecord): Uint8Array {
  return utf8(JSON.stringify(record))
}

/** @throws STORAGE_CORRUPT where there is none: some index names it */
export function decodeRecord(bytes: Uint8Array | undefined): SeriesRecord {
  if (bytes === undefined)
    throw new OrbitError('STORAGE_CORRUPT', 'a time series is named in an index and has no record')
  return JSON.parse(fromUtf8(bytes)) as SeriesRecord
}
