import { defined } from '@orbit-ts/base'
import { NULL_DATUM, type Datum } from '@orbit-ts/storage'
import type { LayoutColumn, TableLayout } from '../models/relational/layout/table-layout.js'
import { defaultDatum, sequenceKey } from '../models/relational/write/complete-rows.js'
import { queryError } from '../scalar/condition.js'
import { int64, type Value } from '../scalar/value.js'
import type { RelationContext } from './relation.js'
import { takeSequenceNumbers, type SequenceFacts } from './sequence-numbers.js'
import type { TableTypes } from './table-types.js'

type OpenRow = (Value | undefined)[]

/** Gives rows the defaults of columns that they say nothing of. */
export class SqlDefaults {
  readonly #layout: TableLayout
  readonly #types: TableTypes
  readonly #context: RelationContext
  /** Defaults that are the same for the whole statement. */
  readonly #same = new Map<LayoutColumn, Value>()
  readonly #sequenceOf: (id: number) => SequenceFacts | undefined
  #isRowByRow: boolean | undefined

  constructor(
    layout: TableLayout,
    types: TableTypes,
    context: RelationContext,
    sequenceOf: (id: number) => SequenceFacts | undefined,
  ) {
    this.#layout = layout
    this.#types = types
    this.#context = context
    this.#sequenceOf = sequenceOf
  }

  /**
   * Whether a default may depend on what another one did just before it: `currval` on the `nextval` of the same row.
   * Rows are then to be filled one after another.
   */
  get isRowByRow(): boolean {
    return (this.#isRowByRow ??= this.#dependsOnOrder())
  }

  #dependsOnOrder(): boolean {
    const { columns } = this.#layout
    const numbered = columns.filter(
      ({ identity, sqlDefault }) => identity !== undefined || sqlDefault?.sequence !== undefined,
    )
    const computed = columns.filter((column) => {
      const { identity, sqlDefault } = column
      if (identity !== undefined || sqlDefault === undefined || sqlDefault.sequence !== undefined)
        return false
      return this.#layout.defaultOf(column).isVolatile
    })
    return computed.length > 0 && computed.length + numbered.length > 1
  }

  /** Fills one column of rows that have nothing in it. */
  async fill(position: number, rows: readonly OpenRow[]): Promise<void> {
    const column = defined(this.#layout.columns[position], 'the column')
    const { identity, sqlDefault } = column
    const isInteger = /^int[248]$/.test(column.type.base)
    const sequence = isInteger ? this.#sequence(identity?.sequence ?? sqlDefault?.sequence?.id) : undefined
    if (column.generated !== undefined) fillWith(position, rows, null)
    else if (sequence !== undefined) await this.#takeNumbers(column, rows, sequence)
    else if (identity !== undefined) await this.#number(column, identity, rows)
    else if (sqlDefault !== undefined) await this.#compute(column, rows)
    else if (column.default === 'uuid') {
      for (const row of rows) row[position] = this.#value(column, defaultDatum(this.#context.models, column))
    } else fillWith(position, rows, this.#value(column, defaultDatum(this.#context.models, column)))
  }

  #sequence(id: number | undefined): SequenceFacts | undefined {
    return id === undefined ? undefined : this.#sequenceOf(id)
  }

  async #takeNumbers(
    { position, type }: LayoutColumn,
    rows: readonly OpenRow[],
    sequence: SequenceFacts,
  ): Promise<void> {
    const numbers = await takeSequenceNumbers(this.#context.models, sequence, rows.length)
    rows.forEach((row, i) => {
      const number = defined(numbers[i], 'a number of the sequence')
      requireWithin(type.base, number)
      row[position] = int64(number)
    })
    const last = numbers.at(-1)
    if (last !== undefined) this.#context.noteSequence?.(sequence.oid, int64(last))
  }

  async #compute(column: LayoutColumn, rows: readonly OpenRow[]): Promise<void> {
    const { models } = this.#context
    const { isVolatile, evaluate } = this.#layout.defaultOf(column)
    if (isVolatile) {
      for (const row of rows)
        row[column.position] = this.#value(column, await evaluate(models, this.#context))
      return
    }
    let value = this.#same.get(column)
    if (value === undefined) {
      value = this.#value(column, await evaluate(models, this.#context))
      this.#same.set(column, value)
    }
    fillWith(column.position, rows, value)
  }

  /** An identity of a table that was declared without SQL. */
  async #number(
    { id, position }: LayoutColumn,
    { start, increment }: { readonly start: number; readonly increment: number },
    rows: readonly OpenRow[],
  ): Promise<void> {
    const request = { start, increment, count: rows.length }
    let next = await this.#context.models.takeNumbers(sequenceKey(this.#layout.objectId, id), request)
    for (const row of rows) {
      row[position] = int64(next)
      next += BigInt(increment)
    }
  }

  #value({ position }: LayoutColumn, datum: Datum = NULL_DATUM): Value {
    if (datum.kind === 'null') return null
    return defined(this.#types.forms[position], 'the form of the column').toValue(datum)
  }
}

const RANGES: Readonly<Record<string, readonly [name: string, bits: number]>> = {
  int2: ['smallint', 16],
  int4: ['integer', 32],
}

/** A sequence may have larger numbers than the column. */
function requireWithin(base: string, number: bigint): void {
  const range = RANGES[base]
  if (range !== undefined && BigInt.asIntN(range[1], number) !== number)
    throw queryError('numeric_value_out_of_range', `${range[0]} out of range`)
}

function fillWith(position: number, rows: readonly OpenRow[], value: Value): void {
  for (const row of rows) row[position] = value
}
