/**
 * Where the frame of a call is, row by row.
 *
 * Invariant: rows are asked for in order. Since offsets are constant the bounds of a frame never move back, so each is
 * found by moving on from the last one: a partition costs as many steps as it has rows.
 */
import { OrbitError } from '@orbit-ts/base'
import { Numeric } from '../../../scalar/numeric/numeric.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import type { Value } from '../../../scalar/value.js'
import { compareValues, type RowKey } from '../../rows/compare-rows.js'
import type { FrameOffsets } from './frame-offsets.js'
import type { PartitionRows } from './partition-rows.js'
import type { BoundShape, CallShape } from './window-shape.js'

export interface Frame {
  first: number
  /** Below `first` when the frame is empty. */
  last: number
}

/** The row that is worked on, and its peers. */
export interface Place {
  position: number
  /** From 0. */
  group: number
}

export class FrameTracker {
  readonly #shape: CallShape
  readonly #offsets: FrameOffsets
  readonly #partition: PartitionRows
  readonly #orderKey: RowKey | undefined
  readonly #scalar: ScalarContext
  readonly #frame: Frame = { first: 0, last: -1 }
  #at = -1

  constructor(
    shape: CallShape,
    offsets: FrameOffsets,
    partition: PartitionRows,
    orderKey: RowKey | undefined,
    scalar: ScalarContext,
  ) {
    this.#shape = shape
    this.#offsets = offsets
    this.#partition = partition
    this.#orderKey = orderKey
    this.#scalar = scalar
  }

  /** To be called before the first row of a partition. */
  reset(): void {
    this.#at = -1
    this.#frame.first = 0
    this.#frame.last = -1
  }

  at(place: Place): Readonly<Frame> {
    if (place.position !== this.#at) {
      this.#frame.first = this.#start(place)
      this.#frame.last = this.#end(place)
      this.#at = place.position
    }
    return this.#frame
  }

  #start(place: Place): number {
    const { bound } = this.#shape.start
    const partition = this.#partition
    const { unit } = this.#shape.call.frame
    switch (bound.kind) {
      case 'unbounded':
        return bound.side === 'preceding' ? 0 : partition.size
      case 'current':
        return unit === 'rows' ? place.position : partition.groupStart(place.group)
      case 'offset': {
        if (unit === 'range') return this.#rangeStart(place)
        const distance = signed(this.#offsets.start, bound.side)
        if (unit === 'rows') return clamp(place.position + distance, 0, partition.size)
        return partition.groupStart(clamp(place.group + distance, 0, partition.groupStarts.length))
      }
    }
  }

  #end(place: Place): number {
    const { bound } = this.#shape.end
    const partition = this.#partition
    const { unit } = this.#shape.call.frame
    switch (bound.kind) {
      case 'unbounded':
        return bound.side === 'following' ? partition.size - 1 : -1
      case 'current':
        return unit === 'rows' ? place.position : partition.groupStart(place.group + 1) - 1
      case 'offset': {
        if (unit === 'range') return this.#rangeEnd(place)
        const distance = signed(this.#offsets.end, bound.side)
        if (unit === 'rows') return clamp(place.position + distance, -1, partition.size - 1)
        return partition.groupStart(clamp(place.group + distance + 1, 0, partition.groupStarts.length)) - 1
      }
    }
  }

  /** The first row whose value is not before the bound. Nulls are in the frames of nulls alone. */
  #rangeStart(place: Place): number {
    const { size, orderValues } = this.#partition
    const value = orderValues[place.position] ?? null
    if (value === null) return this.#partition.groupStart(place.group)
    const bound = this.#bound(this.#shape.start, value, this.#offsets.start)
    let { first } = this.#frame
    while (first < size && this.#isBefore(orderValues[first] ?? null, bound, this.#shape.start)) first++
    return first
  }

  /** The last row whose value is not after the bound. */
  #rangeEnd(place: Place): number {
    const { size, orderValues } = this.#partition
    const value = orderValues[place.position] ?? null
    if (value === null) return this.#partition.groupStart(place.group + 1) - 1
    const bound = this.#bound(this.#shape.end, value, this.#offsets.end)
    let { last } = this.#frame
    while (last + 1 < size && !this.#isAfter(orderValues[last + 1] ?? null, bound, this.#shape.end)) last++
    return last
  }

  /** Undefined: beyond all values, on the side of the bound. */
  #bound(shape: BoundShape, value: Value, offset: Value): NonNullable<Value> | undefined {
    try {
      const bound = shape.add?.(this.#scalar, value, offset) ?? undefined
      return isNaNValue(bound) && !isNaNValue(value) ? this.#anyNumber(shape, bound) : bound
    } catch (error) {
      if (error instanceof OrbitError && OUT_OF_RANGE.has(String(error.details['sqlState']))) return undefined
      throw error
    }
  }

  /** An infinity less an infinity: all numbers are in the frame, but not NaN. */
  #anyNumber(shape: BoundShape, nan: number | Numeric): number | Numeric {
    const isStart = shape === this.#shape.start
    const isPositive = isStart === (this.#orderKey?.isDescending === true)
    if (typeof nan === 'number') return isPositive ? Infinity : -Infinity
    return isPositive ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY
  }

  #isBefore(value: Value, bound: NonNullable<Value> | undefined, { bound: { side } }: BoundShape): boolean {
    if (value === null) return this.#orderKey?.nullsFirst === true
    if (bound === undefined) return side === 'following'
    return this.#compare(value, bound) < 0
  }

  #isAfter(value: Value, bound: NonNullable<Value> | undefined, { bound: { side } }: BoundShape): boolean {
    if (value === null) return this.#orderKey?.nullsFirst !== true
    if (bound === undefined) return side === 'preceding'
    return this.#compare(value, bound) > 0
  }

  #compare(a: NonNullable<Value>, b: NonNullable<Value>): number {
    const key = this.#orderKey
    if (key === undefined) return 0
    this.#order ??= compareValues(key.type)
    return key.isDescending ? -this.#order(a, b) : this.#order(a, b)
  }

  #order: ((a: NonNullable<Value>, b: NonNullable<Value>) => number) | undefined
}

/** numeric_value_out_of_range, datetime_field_overflow, interval_field_overflow */
const OUT_OF_RANGE: ReadonlySet<string> = new Set(['22003', '22008', '22015'])

function isNaNValue(value: Value | undefined): value is number | Numeric {
  return typeof value === 'number' ? Number.isNaN(value) : value instanceof Numeric && value.isNaN
}

function signed(offset: Value, side: 'preceding' | 'following'): number {
  return side === 'preceding' ? -Number(offset) : Number(offset)
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
