/** What other models hold, read as a table: rows one after another, and single ones by their id. */
import { defined } from '@orbit-ts/base'
import { compareCodePoints } from '../../scalar/collation/code-points.js'
import { PLAIN_CONTEXT } from '../../models/relational/types/plain-context.js'
import { ROW_ID_ORDINAL } from '../../plan/logical-plan.js'
import type { DataType } from '../../scalar/data-type.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import { plainText, type Row, type Value } from '../../scalar/value.js'
import type {
  IndexRange,
  Relation,
  RelationColumn,
  RelationContext,
  RelationIndex,
  RelationWriter,
  ScanRequest,
} from '../relation.js'
import { ModelWriter, keyOfModelRow, modelRowId, type ModelEdits } from './model-writer.js'

/** One column of the records of a model. */
export interface ModelColumn<T> {
  readonly name: string
  /** `typname` */
  readonly type: string
  readonly modifier?: number
  readonly isNotNull?: boolean
  /** The model makes a value up where none is given. */
  readonly hasDefault?: boolean
  readonly value: (record: T) => Value
}

/** Where the records are from. */
export interface ModelSource<T> {
  /** In order of id where there is one. */
  scan(context: RelationContext): AsyncIterable<readonly T[]>
  /** The records with these ids, the first column, in this order; left out: they have none. */
  get?(context: RelationContext, ids: readonly string[]): Promise<readonly (T | undefined)[]>
}

export interface ModelRelationFacts<T> {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: Relation['kind']
  readonly edits: ModelEdits<T>
}

const ID_INDEX = 'id'

export class ModelRelation<T> implements Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: Relation['kind']
  readonly columns: readonly RelationColumn[]
  readonly indexes: readonly RelationIndex[]
  readonly statistics: undefined
  readonly writer: RelationWriter
  readonly #columns: readonly ModelColumn<T>[]
  readonly #source: ModelSource<T>
  readonly #edits: ModelEdits<T>
  readonly #toRow = (record: T): Row => this.#columns.map((column) => column.value(record))
  readonly #imageOf = (record: T): string =>
    JSON.stringify(
      this.columns.map(({ type }, i) => {
        const value = this.#columns[i]?.value(record) ?? null
        return value === null ? null : type.scalar.format(value, PLAIN_CONTEXT)
      }),
    )

  constructor(facts: ModelRelationFacts<T>, columns: readonly ModelColumn<T>[], source: ModelSource<T>) {
    this.oid = facts.oid
    this.schema = facts.schema
    this.name = facts.name
    this.kind = facts.kind
    this.#columns = columns
    this.#source = source
    this.#edits = facts.edits
    this.writer = new ModelWriter({
      name: facts.name,
      edits: facts.edits,
      toRow: this.#toRow,
      imageOf: this.#imageOf,
    })
    this.columns = columns.map(({ name, type, modifier, isNotNull, hasDefault }) => ({
      name,
      type: typeOf(type, modifier),
      isNotNull: isNotNull === true,
      hasDefault: hasDefault === true,
    }))
    this.indexes = source.get === undefined ? [] : [idIndex(columns.length)]
  }

  async *scan(context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    let left = request.limit ?? Infinity
    for await (const rows of this.#read(context, request)) {
      context.signal.throwIfAborted()
      const some = rows.length <= left ? rows : rows.slice(0, left)
      left -= some.length
      if (some.length > 0) yield some
      if (left <= 0) return
    }
  }

  async *#read(context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    const { access } = request
    const toRow = this.#projection(request.columns)
    switch (access.kind) {
      case 'points': {
        const ids = access.keys.map(([id]) => plainText(id))
        const found = defined(await this.#source.get?.(context, ids), 'the look-up by id')
        yield found.filter((record) => record !== undefined).map(toRow)
        return
      }
      case 'rows': {
        const found = await this.#edits.get(context.models, access.ids.map(keyOfModelRow))
        yield found.filter((record) => record !== undefined).map(toRow)
        return
      }
      case 'ranges':
        yield* this.#within(context, access.ranges, toRow, request.isReverse === true)
        return
      case 'all':
        if (request.isReverse === true) yield (await this.#collect(context)).reverse().map(toRow)
        else for await (const records of this.#source.scan(context)) yield records.map(toRow)
    }
  }

  async *#within(
    context: RelationContext,
    ranges: readonly IndexRange[],
    toRow: (record: T) => Row,
    isReverse: boolean,
  ): AsyncGenerator<Row[]> {
    const idColumn = defined(this.#columns[0], 'the id')
    const records = (await this.#collect(context)).filter((record) => {
      const id = plainText(idColumn.value(record))
      return ranges.some((range) => isWithin(id, range))
    })
    yield (isReverse ? records.reverse() : records).map(toRow)
  }

  async #collect(context: RelationContext): Promise<T[]> {
    const all: T[] = []
    for await (const records of this.#source.scan(context)) all.push(...records)
    return all
  }

  #projection(ordinals: readonly number[]): (record: T) => Row {
    const values = ordinals.map((ordinal) =>
      ordinal === ROW_ID_ORDINAL
        ? (record: T) => modelRowId(this.#edits.keyOf(record), this.#imageOf(record))
        : defined(this.#columns[ordinal], 'the column').value,
    )
    return (record) => values.map((value) => value(record))
  }
}

function isWithin(id: string, { prefix, lower, upper }: IndexRange): boolean {
  if (prefix.length > 0) return prefix[0] === id
  return isBeyond(id, lower, 1) && isBeyond(id, upper, -1)
}

/** @param sign 1 for lower bounds, -1 for upper ones */
function isBeyond(id: string, bound: IndexRange['lower'], sign: 1 | -1): boolean {
  if (bound === undefined) return true
  const order = compareCodePoints(id, plainText(bound.value)) * sign
  return order > 0 || (order === 0 && bound.isInclusive)
}

function idIndex(columnCount: number): RelationIndex {
  return {
    name: ID_INDEX,
    isPrimary: true,
    isUnique: true,
    nullsNotDistinct: false,
    keys: [{ key: 0, isDescending: false, nullsFirst: false }],
    covers: Array.from({ length: columnCount }, (_, ordinal) => ordinal),
  }
}

export function typeOf(name: string, modifier = -1): DataType {
  return { scalar: defined(systemRegistry.typeByName(name), `the type ${name}`), modifier }
}
