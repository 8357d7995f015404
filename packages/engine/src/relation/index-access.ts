/** An index of a table, from values of queries to keys in the store and back. */
import { asBuffer, defined } from '@orbit-ts/base'
import {
  NULL_DATUM,
  handleOf,
  relationalKeys,
  type Datum,
  type Entry,
  type IndexBound,
  type KeyRange,
} from '@orbit-ts/storage'
import type { IndexLayout } from '../models/relational/layout/index-layout.js'
import type { TableLayout } from '../models/relational/layout/table-layout.js'
import type { ColumnType } from '../models/relational/types/column-type.js'
import type { StoredForm } from '../models/relational/types/stored-form.js'
import type { Value } from '../scalar/value.js'
import { boundDatum, pointDatum, type BoundSide } from './bound-datum.js'
import type { IndexRange } from './relation.js'
import { keyType, type TableTypes } from './table-types.js'

/** A part of a key. */
export interface KeyPart {
  readonly type: ColumnType
  readonly form: StoredForm
}

export interface IndexAccess {
  readonly parts: readonly KeyPart[]
  /** The keys of the store that a range covers; undefined: none can be in it. */
  rangeOf(range: IndexRange): KeyRange | undefined
  /** The row's key of an entry, for indexes apart from the rows. */
  rowKeyOf(entry: Entry): Uint8Array
  /** The key of the one entry, or row, with these values; undefined: there can be none. */
  pointOf(values: readonly Value[]): Uint8Array | undefined
}

/** Before every value that is not null. */
const FIRST: IndexBound = { datum: { kind: 'min' }, inclusive: true }

abstract class KeyAccess implements IndexAccess {
  readonly parts: readonly KeyPart[]

  constructor(parts: readonly KeyPart[]) {
    this.parts = parts
  }

  abstract rangeOf(range: IndexRange): KeyRange | undefined
  abstract rowKeyOf(entry: Entry): Uint8Array
  abstract pointOf(values: readonly Value[]): Uint8Array | undefined

  /** Undefined when no stored value equals one of them. */
  protected datumsOf(values: readonly Value[]): Datum[] | undefined {
    const datums: Datum[] = []
    for (const [i, value] of values.entries()) {
      const part = defined(this.parts[i], 'a part of the key')
      const datum = value === null ? NULL_DATUM : pointDatum(part, value)
      if (datum === undefined) return undefined
      datums.push(datum)
    }
    return datums
  }

  protected boundsOf({ prefix, lower, upper, notNull }: IndexRange): KeyBounds | undefined {
    const equal = this.datumsOf(prefix)
    if (equal === undefined) return undefined
    const low = this.#bound(prefix.length, lower, 'lower')
    const high = this.#bound(prefix.length, upper, 'upper')
    if (low === 'none' || high === 'none') return undefined
    const first = low ?? (notNull === true && high === undefined ? FIRST : undefined)
    return {
      equal,
      ...(first === undefined ? {} : { lower: first }),
      ...(high === undefined ? {} : { upper: high }),
    }
  }

  #bound(at: number, bound: IndexRange['lower'], side: BoundSide): IndexBound | 'none' | undefined {
    if (bound === undefined) return undefined
    return boundDatum(defined(this.parts[at], 'the bounded part of the key'), bound, side)
  }
}

interface KeyBounds {
  readonly equal: readonly Datum[]
  readonly lower?: IndexBound
  readonly upper?: IndexBound
}

/** The primary key, which rows are stored by. */
export class RowKeyAccess extends KeyAccess {
  readonly #table: TableLayout

  constructor(table: TableLayout, { forms }: Pick<TableTypes, 'forms'>) {
    const columns = defined(table.primaryKey, 'the primary key')
    super(columns.map(({ type, position }) => ({ type, form: defined(forms[position], 'the form') })))
    this.#table = table
  }

  rangeOf(range: IndexRange): KeyRange | undefined {
    const bounds = this.boundsOf(range)
    if (bounds === undefined || bounds.equal.some(({ kind }) => kind === 'null')) return undefined
    return this.#table.hasIntegerHandle
      ? integerRange(this.#table.id, bounds)
      : relationalKeys.rowsWithin(this.#table.id, bounds)
  }

  rowKeyOf({ key }: Entry): Uint8Array {
    return key
  }

  pointOf(values: readonly Value[]): Uint8Array | undefined {
    const datums = this.datumsOf(values)
    if (datums === undefined || datums.some(({ kind }) => kind === 'null')) return undefined
    return relationalKeys.row(this.#table.id, handleOf(datums))
  }
}

/** An index whose entries point to rows. */
export class EntryAccess extends KeyAccess {
  readonly index: IndexLayout
  readonly #table: TableLayout
  readonly #rowPrefix: Buffer

  constructor(table: TableLayout, index: IndexLayout, types: TableTypes) {
    super(
      index.keys.map(({ type, column }) => ({
        type,
        form:
          column === undefined
            ? keyType(type, types.lookup).form
            : defined(types.forms[column.position], 'the form'),
      })),
    )
    this.index = index
    this.#table = table
    this.#rowPrefix = asBuffer(relationalKeys.row(table.id, 0)).subarray(0, -INTEGER_SIZE)
  }

  rangeOf(range: IndexRange): KeyRange | undefined {
    const bounds = this.boundsOf(range)
    return bounds && this.index.range(bounds)
  }

  rowKeyOf(entry: Entry): Uint8Array {
    if (!this.#table.hasIntegerHandle) return this.#table.rowKey(this.index.handleOf(entry))
    // An integer takes the same eight bytes at the end of the entry's key and of the row's; a value has it plain.
    const { key, value } = entry
    const rowKey = Buffer.allocUnsafe(this.#rowPrefix.length + INTEGER_SIZE)
    this.#rowPrefix.copy(rowKey)
    if (value.length === INTEGER_SIZE) {
      rowKey.set(value, this.#rowPrefix.length)
      rowKey[this.#rowPrefix.length] = (value[0] as number) ^ 0x80
    } else rowKey.set(key.subarray(key.length - INTEGER_SIZE), this.#rowPrefix.length)
    return rowKey
  }

  pointOf(values: readonly Value[]): Uint8Array | undefined {
    const datums = this.datumsOf(values)
    return datums && this.index.uniqueKey(datums)
  }
}

const INTEGER_SIZE = 8
const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

function integerRange(tableId: number, { equal, lower, upper }: KeyBounds): KeyRange | undefined {
  const [point] = equal
  const first = point ?? lower?.datum
  const last = point ?? upper?.datum
  const from = first?.kind === 'int' ? BigInt(first.value) + (isExclusive(point, lower) ? 1n : 0n) : INT64_MIN
  const end =
    last?.kind === 'int' ? BigInt(last.value) + (isExclusive(point, upper) ? 0n : 1n) : INT64_MAX + 1n
  if (from > INT64_MAX || end <= from) return undefined
  return relationalKeys.rowsBetween(tableId, from, end > INT64_MAX ? undefined : end)
}

function isExclusive(point: Datum | undefined, bound: IndexBound | undefined): boolean {
  return point === undefined && bound?.inclusive === false
}
