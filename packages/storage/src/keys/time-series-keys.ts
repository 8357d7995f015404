/**
 * Time series. Points of one series lie together, in order of time and then of sequence:
 *
 *     s{collectionId} r {seriesId}                                        series: its tags
 *     s{collectionId} k {canonical tags}                                  series by its exact tags
 *     s{collectionId} t {tag}.{value}.{seriesId}                          series by one tag
 *     s{collectionId} p {seriesId}{timestamp}{sequence}                   point
 *     s{collectionId} u {seriesId}{granularity}{bucket}                   rollup
 *     s{collectionId} g {seriesId}{number}                                guard: has no value, is locked only
 *
 * A full stop marks text that ends in 00 01. Timestamps and buckets are signed 64-bit integers, big-endian with the
 * sign flipped, in the unit of the collection; the sequence is four bytes, big-endian.
 */
import { OrbitError } from '@orbit-ts/base'
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { beginKey } from './key-parts.js'
import { prefixRange, rangeWithin } from './key-range.js'
import { KEY_SPACE } from './key-space.js'
import {
  readInt64,
  readTerminatedText,
  readUvarint,
  writeInt64,
  writeTerminatedText,
  writeUvarint,
} from './memcomparable.js'

const SERIES = 0x72 // r
const EXACT_TAGS = 0x6b // k
const TAG = 0x74 // t
const POINT = 0x70 // p
const ROLLUP = 0x75 // u
const GUARD = 0x67 // g
const SEQUENCE_MAX = 0xffff_ffff

interface TimeSeriesKeyBase {
  readonly model: 'timeseries'
  readonly collectionId: number
}

export type TimeSeriesKey =
  | (TimeSeriesKeyBase & { readonly kind: 'series'; readonly seriesId: number })
  | (TimeSeriesKeyBase & { readonly kind: 'exact-tags'; readonly tags: string })
  | (TimeSeriesKeyBase & {
      readonly kind: 'tag'
      readonly tag: string
      readonly value: string
      readonly seriesId: number
    })
  | (TimeSeriesKeyBase & {
      readonly kind: 'point'
      readonly seriesId: number
      readonly timestamp: number | bigint
      readonly sequence: number
    })
  | (TimeSeriesKeyBase & {
      readonly kind: 'rollup'
      readonly seriesId: number
      /** The width of a bucket in the collection's unit, or any number the collection gives the rollup. */
      readonly granularity: number
      readonly bucket: number | bigint
    })
  | (TimeSeriesKeyBase & { readonly kind: 'guard'; readonly seriesId: number; readonly number: number })

function begin(collectionId: number, kind: number, seriesId?: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.timeSeries, collectionId, 'collectionId')
  writer.byte(kind)
  if (seriesId !== undefined) writeUvarint(writer, seriesId, 'seriesId')
  return writer
}

function beginRollup(collectionId: number, seriesId: number, granularity: number): ByteWriter {
  const writer = begin(collectionId, ROLLUP, seriesId)
  writeUvarint(writer, granularity, 'granularity')
  return writer
}

export const timeSeriesKeys = {
  series(collectionId: number, seriesId: number): Uint8Array {
    return begin(collectionId, SERIES, seriesId).toBytes()
  },

  /** @param tags the series' tags in one agreed form, equal for equal tags. */
  exactTags(collectionId: number, tags: string): Uint8Array {
    const writer = begin(collectionId, EXACT_TAGS)
    writer.text(tags)
    return writer.toBytes()
  },

  tag(collectionId: number, tag: string, value: string, seriesId: number): Uint8Array {
    const writer = begin(collectionId, TAG)
    writeTerminatedText(writer, tag)
    writeTerminatedText(writer, value)
    writeUvarint(writer, seriesId, 'seriesId')
    return writer.toBytes()
  },

  /** @param sequence tells points of one timestamp apart, 0 to 2^32 - 1. */
  point(collectionId: number, seriesId: number, timestamp: number | bigint, sequence = 0): Uint8Array {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > SEQUENCE_MAX) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `sequence is ${sequence}; it must be an integer from 0 to ${SEQUENCE_MAX}`,
      )
    }
    const writer = begin(collectionId, POINT, seriesId)
    writeInt64(writer, timestamp, 'timestamp')
    writer.uint32BE(sequence)
    return writer.toBytes()
  },

  rollup(collectionId: number, seriesId: number, granularity: number, bucket: number | bigint): Uint8Array {
    const writer = beginRollup(collectionId, seriesId, granularity)
    writeInt64(writer, bucket, 'bucket')
    return writer.toBytes()
  },

  guard(collectionId: number, seriesId: number, number: number): Uint8Array {
    const writer = begin(collectionId, GUARD, seriesId)
    writeUvarint(writer, number, 'number')
    return writer.toBytes()
  },

  /** Everything of a collection. */
  collection(collectionId: number): KeyRange {
    return prefixRange(beginKey(KEY_SPACE.timeSeries, collectionId, 'collectionId').toBytes())
  },

  allSeries(collectionId: number): KeyRange {
    return prefixRange(begin(collectionId, SERIES).toBytes())
  },

  /** The series that have a tag, or a tag with this value. */
  seriesByTag(collectionId: number, tag: string, value?: string): KeyRange {
    const writer = begin(collectionId, TAG)
    writeTerminatedText(writer, tag)
    if (value !== undefined) writeTerminatedText(writer, value)
    return prefixRange(writer.toBytes())
  },

  /** The points of a series from `from` on, up to and without `to`. A bound left out is open. */
  points(collectionId: number, seriesId: number, from?: number | bigint, to?: number | bigint): KeyRange {
    const edge = (timestamp: number | bigint | undefined): Uint8Array | undefined => {
      if (timestamp === undefined) return undefined
      const writer = begin(collectionId, POINT, seriesId)
      writeInt64(writer, timestamp, 'timestamp')
      return writer.toBytes()
    }
    return rangeWithin(begin(collectionId, POINT, seriesId).toBytes(), edge(from), edge(to))
  },

  /** The rollups of a series at one granularity, buckets from `from` on, up to and without `to`. */
  rollups(
    collectionId: number,
    seriesId: number,
    granularity: number,
    from?: number | bigint,
    to?: number | bigint,
  ): KeyRange {
    const start =
      from === undefined ? undefined : timeSeriesKeys.rollup(collectionId, seriesId, granularity, from)
    const end = to === undefined ? undefined : timeSeriesKeys.rollup(collectionId, seriesId, granularity, to)
    return rangeWithin(beginRollup(collectionId, seriesId, granularity).toBytes(), start, end)
  },
}

/** @throws STORAGE_CORRUPT */
export function parseTimeSeriesKey(reader: ByteReader): TimeSeriesKey {
  reader.byte()
  const collectionId = readUvarint(reader)
  const kind = reader.byte()
  if (kind === EXACT_TAGS)
    return { model: 'timeseries', collectionId, kind: 'exact-tags', tags: reader.restText() }
  const key = parseSeriesKey(reader, collectionId, kind)
  reader.finish()
  return key
}

function parseSeriesKey(reader: ByteReader, collectionId: number, kind: number): TimeSeriesKey {
  switch (kind) {
    case SERIES:
      return { model: 'timeseries', collectionId, kind: 'series', seriesId: readUvarint(reader) }
    case TAG: {
      const tag = readTerminatedText(reader)
      const value = readTerminatedText(reader)
      return { model: 'timeseries', collectionId, kind: 'tag', tag, value, seriesId: readUvarint(reader) }
    }
    case POINT: {
      const seriesId = readUvarint(reader)
      const timestamp = readInt64(reader)
      return {
        model: 'timeseries',
        collectionId,
        kind: 'point',
        seriesId,
        timestamp,
        sequence: reader.uint32BE(),
      }
    }
    case ROLLUP: {
      const seriesId = readUvarint(reader)
      const granularity = readUvarint(reader)
      return {
        model: 'timeseries',
        collectionId,
        kind: 'rollup',
        seriesId,
        granularity,
        bucket: readInt64(reader),
      }
    }
    case GUARD: {
      const seriesId = readUvarint(reader)
      return { model: 'timeseries', collectionId, kind: 'guard', seriesId, number: readUvarint(reader) }
    }
    default:
      return reader.fail(`${kind} is no kind of time series key`)
  }
}
