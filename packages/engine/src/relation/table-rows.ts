/** The rows of a table as the store reads them by itself. */
import { asBuffer, assert, defined } from '@orbit-ts/base'
import {
  ByteWriter,
  relationalKeys,
  type Datum,
  type KeyRange,
  type PushedColumn,
  type PushedComparison,
  type PushedConstant,
  type PushedExpression,
  type PushedFunction,
  type PushedPlan,
  type PushedRefusal,
  type PushedSource,
  type PushedType,
  type PushedValue,
} from '@orbit-ts/storage'
import type { LayoutColumn } from '../models/relational/layout/table-layout.js'
import { losesInKeys } from '../models/relational/types/format-value.js'
import type { StoredForm } from '../models/relational/types/stored-form.js'
import { decimalText, numericOfText } from '../models/relational/types/stored-decimal.js'
import { writeRowValue } from '../record/row-value.js'
import { compareCodePoints } from '../scalar/collation/code-points.js'
import type { DataType } from '../scalar/data-type.js'
import { Numeric } from '../scalar/numeric/numeric.js'
import { int64, type Row, type Value } from '../scalar/value.js'
import type { AccessPath, RelationContext } from './relation.js'
import { requireAsPlanned } from './stale-relation.js'
import type { StoredFunction, StoredRequest, StoredRows } from './stored-rows.js'
import type { TableRelation } from './table-relation.js'

type Decode = (value: Exclude<PushedValue, null>) => Value

const INT: PushedType = { kind: 'int' }
const BYTES: PushedType = { kind: 'bytes' }
const ZEROS: readonly number[] = [0, -0]
const PRECISION_MAX = 65
const SCALE_MAX = 30

export class TableRows implements StoredRows {
  readonly #table: TableRelation

  constructor(table: TableRelation) {
    this.#table = table
  }

  typeOf(ordinal: number): PushedType | undefined {
    const { column, dataType, form } = this.#facts(ordinal)
    const { base, array, precision = 0, scale = 0 } = column.type
    if (array === true) return undefined
    if (form.kind === 'int') return base.startsWith('reg') ? undefined : INT
    switch (base) {
      case 'numeric':
        return form.kind === 'decimal' ? { kind: 'decimal', precision, scale } : undefined
      case 'text':
      case 'varchar':
        return isInByteOrder(dataType) ? { kind: 'text' } : undefined
      case 'bytea':
      case 'uuid':
        return BYTES
      default:
        return undefined
    }
  }

  canCompare(ordinal: number): boolean {
    return this.typeOf(ordinal) !== undefined || this.#facts(ordinal).form.kind === 'float'
  }

  compare(ordinal: number, op: PushedComparison, value: Value): PushedExpression | undefined {
    if (value === 0 && this.#facts(ordinal).form.kind === 'float') return this.#compareZero(ordinal, op)
    const right = this.#constantOf(ordinal, value)
    return right && { kind: 'compare', op, left: columnAt(ordinal), right }
  }

  isOneOf(ordinal: number, values: readonly Value[]): PushedExpression | undefined {
    const isFloat = this.#facts(ordinal).form.kind === 'float'
    const all = isFloat && values.includes(0) ? [...values, ...ZEROS] : values
    const list = all.map((value) => this.#constantOf(ordinal, value)).filter((each) => each !== undefined)
    return list.length < all.length ? undefined : { kind: 'in', item: columnAt(ordinal), list }
  }

  /** Floats compare as the bytes of rows do, but that there are two zeros. */
  #compareZero(ordinal: number, op: PushedComparison): PushedExpression | undefined {
    const isZero = this.isOneOf(ordinal, ZEROS)
    if (op === 'eq' || isZero === undefined) return isZero
    if (op === 'ne') return { kind: 'not', arg: isZero }
    // From the smaller one on, and up to the larger one.
    const zero = op === 'lt' || op === 'ge' ? -0 : 0
    const right = this.#constantOf(ordinal, zero)
    return right && { kind: 'compare', op, left: columnAt(ordinal), right }
  }

  #constantOf(ordinal: number, value: Value): PushedConstant | undefined {
    const type = this.typeOf(ordinal) ?? BYTES
    if (value === null) return { kind: 'constant', type, value }
    if (type.kind === 'decimal') return decimalConstant(value)
    const datum = this.#facts(ordinal).form.toDatum(value)
    return { kind: 'constant', type, value: valueOf(datum, type) }
  }

  isKey(index: string): boolean {
    const { layout } = this.#table
    return layout.primaryKey !== undefined && index === layout.primaryKeyName
  }

  open(context: RelationContext, request: StoredRequest): AsyncIterable<Row[]> | PushedRefusal {
    const { pushdown } = context.models.storage
    if (pushdown === undefined) return { refused: 'the store only gives entries' }
    const ranges = this.#rangesOf(request.access)
    const { plan, decoders } = this.#planOf(request)
    const { isOrdered, isReverse } = request
    const rows = pushdown.scan(plan, ranges, { isOrdered, isReverse, signal: context.signal })
    const begin = (): Promise<void> | undefined =>
      requireAsPlanned(context, this.#table, this.#table.facts.object)
    return 'refused' in rows ? rows : decoded(rows, decoders, begin)
  }

  #rangesOf(access: AccessPath): KeyRange[] {
    if (access.kind === 'all') return [relationalKeys.rows(this.#table.layout.id)]
    assert(access.kind === 'ranges', 'only ranges of rows are read by the store')
    const key = this.#table.access(access.index)
    return access.ranges.map((range) => key.rangeOf(range)).filter((range) => range !== undefined)
  }

  #planOf(request: StoredRequest): { readonly plan: PushedPlan; readonly decoders: readonly Decode[] } {
    const source = new Source((ordinal) => this.#sourceColumn(ordinal))
    const conditions = request.conditions.map((condition) =>
      withColumns(condition, (ordinal) => source.offsetOf(ordinal)),
    )
    const { aggregate, topN, limit } = request
    const columnOf = (ordinal: number): PushedExpression => ({
      kind: 'column',
      offset: source.offsetOf(ordinal),
    })
    const work = {
      conditions,
      ...(aggregate && {
        aggregate: {
          functions: aggregate.functions.map((each) => functionOf(each, columnOf)),
          groupBy: aggregate.groups.map(columnOf),
        },
      }),
      ...(topN && {
        topN: {
          orderBy: topN.keys.map(({ column, isDescending, nullsFirst }) => ({
            by: columnOf(column),
            descending: isDescending,
            nulls: nullsFirst ? ('first' as const) : ('last' as const),
          })),
          limit: topN.limit,
        },
      }),
      ...(limit !== undefined && { limit }),
    }
    const output =
      aggregate === undefined ? request.columns.map((ordinal) => source.offsetOf(ordinal)) : undefined
    // The store reads one column at least.
    if (source.columns.length === 0 || output?.length === 0) source.offsetOf(output?.[0] ?? this.#cheapest)
    const decoders =
      aggregate === undefined
        ? request.columns.map((ordinal) => this.#decoder(ordinal))
        : [
            ...aggregate.functions.map((each) => this.#functionDecoder(each)),
            ...aggregate.groups.map((ordinal) => this.#decoder(ordinal)),
          ]
    return {
      plan: {
        source: {
          kind: 'table',
          tableId: this.#table.layout.id,
          columns: source.columns,
          ...this.#primaryKey(),
        },
        ...work,
        ...(output && { output: output.length === 0 ? [0] : output }),
      },
      decoders,
    }
  }

  #primaryKey(): Pick<PushedSource, 'primaryKey' | 'primaryKeyInRows'> {
    const { layout } = this.#table
    if (layout.hasIntegerHandle || layout.primaryKey === undefined) return {}
    return {
      primaryKey: layout.primaryKey.map(({ id }) => id),
      primaryKeyInRows: layout.primaryKey.filter(({ type }) => losesInKeys(type)).map(({ id }) => id),
    }
  }

  /** A column whose value costs nothing to read. */
  get #cheapest(): number {
    return this.#table.layout.primaryKey?.[0]?.position ?? 0
  }

  #facts(ordinal: number): Facts {
    const { layout, types } = this.#table
    return {
      column: defined(layout.columns[ordinal], 'the column'),
      dataType: defined(types.types[ordinal], 'the type of the column'),
      form: defined(types.forms[ordinal], 'the form of the column'),
    }
  }

  #sourceColumn(ordinal: number): PushedColumn {
    const { layout } = this.#table
    const { column } = this.#facts(ordinal)
    const type = this.typeOf(ordinal) ?? BYTES
    const absent = valueOf(column.absent, type)
    const isHandle = layout.hasIntegerHandle && layout.primaryKey?.[0] === column
    return {
      id: column.id,
      type: isHandle ? INT : type,
      ...(absent === null ? {} : { absent }),
      ...(isHandle && { isHandle }),
    }
  }

  #decoder(ordinal: number): Decode {
    const { form } = this.#facts(ordinal)
    const { type } = this.#sourceColumn(ordinal)
    switch (type.kind) {
      case 'int':
        return (value) => form.ofInteger(value as number | bigint)
      case 'decimal':
        return (value) => decimalOf(String(value), type.scale)
      case 'text':
        return (value) => value
      case 'bytes':
        return (value) => {
          const bytes = asBuffer(value as Uint8Array)
          return form.read(bytes, 0, bytes.length)
        }
    }
  }

  #functionDecoder({ kind, column }: StoredFunction): Decode {
    if (kind === 'count') return (value) => int64(BigInt(value as number | bigint))
    if (kind !== 'sum') return this.#decoder(column)
    const type = this.typeOf(column)
    const scale = type?.kind === 'decimal' ? type.scale : 0
    return (value) => decimalOf(value as string, scale)
  }
}

function columnAt(ordinal: number): PushedExpression {
  return { kind: 'column', offset: ordinal }
}

interface Facts {
  readonly column: LayoutColumn
  readonly dataType: DataType
  readonly form: StoredForm
}

/** The columns that a plan reads, each once. */
class Source {
  readonly columns: PushedColumn[] = []
  readonly #offsets = new Map<number, number>()
  readonly #make: (ordinal: number) => PushedColumn

  constructor(make: (ordinal: number) => PushedColumn) {
    this.#make = make
  }

  offsetOf(ordinal: number): number {
    let offset = this.#offsets.get(ordinal)
    if (offset === undefined) {
      offset = this.columns.push(this.#make(ordinal)) - 1
      this.#offsets.set(ordinal, offset)
    }
    return offset
  }
}

async function* decoded(
  batches: AsyncIterable<PushedValue[][]>,
  decoders: readonly Decode[],
  begin: () => Promise<void> | undefined,
): AsyncGenerator<Row[]> {
  await begin()
  for await (const batch of batches) {
    yield batch.map((values) =>
      decoders.map((decode, at): Value => {
        const value = values[at] ?? null
        return value === null ? null : decode(value)
      }),
    )
  }
}

function functionOf(
  { kind, column }: StoredFunction,
  columnOf: (ordinal: number) => PushedExpression,
): PushedFunction {
  if (kind !== 'count') return { kind, arg: columnOf(column) }
  return column === undefined ? { kind } : { kind, arg: columnOf(column) }
}

/** The expression with each ordinal replaced by an offset. */
function withColumns(expression: PushedExpression, offsetOf: (ordinal: number) => number): PushedExpression {
  const map = (part: PushedExpression): PushedExpression => withColumns(part, offsetOf)
  switch (expression.kind) {
    case 'constant':
      return expression
    case 'column':
      return { kind: 'column', offset: offsetOf(expression.offset) }
    case 'compare':
      return { ...expression, left: map(expression.left), right: map(expression.right) }
    case 'and':
    case 'or':
      return { ...expression, args: expression.args.map(map) }
    case 'not':
    case 'is-null':
      return { ...expression, arg: map(expression.arg) }
    case 'like':
      return { ...expression, text: map(expression.text) }
    case 'in':
      return { ...expression, item: map(expression.item), list: expression.list.map(map) }
  }
}

/** Whether the order of texts is that of their UTF-8, and only the same texts are equal. */
function isInByteOrder({ collation }: DataType): boolean {
  return collation === undefined || collation.compare === compareCodePoints
}

/** A stored value as the store takes it: of `bytes` those that rows hold. */
function valueOf(datum: Datum, { kind }: PushedType): PushedValue {
  if (datum.kind === 'null' || datum.kind === 'min' || datum.kind === 'max') return null
  if (kind !== 'bytes') return datum.kind === kind ? datum.value : null
  const writer = new ByteWriter(64)
  writeRowValue(writer, datum)
  return writer.toBytes()
}

function decimalConstant(value: Value): PushedConstant | undefined {
  if (!(value instanceof Numeric) || !value.isFinite) return undefined
  const { digits, scale } = value
  const precision = Math.max(scale, (digits < 0n ? -digits : digits).toString().length)
  if (precision > PRECISION_MAX || scale > SCALE_MAX) return undefined
  return { kind: 'constant', type: { kind: 'decimal', precision, scale }, value: decimalText(value) }
}

/** With the digits after the point that the type has: a server may leave out zeros. */
function decimalOf(text: string, scale: number): Numeric {
  const { digits, scale: given } = numericOfText(text)
  if (given >= scale) return new Numeric(digits / 10n ** BigInt(given - scale), scale)
  return new Numeric(digits * 10n ** BigInt(scale - given), scale)
}
