/** What other models hold, read as a table: rows one after another, and single ones by their id. */
import { defined } from '@orbit-ts/base'
import type { CatalogObject } from '../../catalog/catalog-object.js'
import { PLAIN_CONTEXT } from '../../models/relational/types/plain-context.js'
import { ROW_ID_ORDINAL } from '../../plan/logical-plan.js'
import type { RelationStatistics } from '../../plan/statistics/relation-statistics.js'
import type { DataType } from '../../scalar/data-type.js'
import { systemRegistry } from '../../scalar/system-registry.js'
import type { ColumnId, Expression } from '../../plan/expression.js'
import type { Row, Value } from '../../scalar/value.js'
import type {
  AccessPath,
  Relation,
  RelationColumn,
  RelationContext,
  RelationIndex,
  RelationWriter,
  ScanRequest,
} from '../relation.js'
import type { ModelIndex } from './model-index.js'
import { requireAsPlanned } from '../stale-relation.js'
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
  readonly indexes: readonly ModelIndex<T>[]
  /** As `Relation.indexesFor`: few in all, and an index has the same name each time. */
  indexesFor?(
    conditions: readonly Expression[],
    ordinalOf: (column: ColumnId) => number | undefined,
  ): readonly ModelIndex<T>[]
}

export interface ModelRelationFacts<T> {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: Relation['kind']
  /** What the records are stored by. */
  readonly object: CatalogObject
  readonly edits: ModelEdits<T>
  /** What ANALYZE has found, by column. */
  readonly statistics?: ((columns: readonly RelationColumn[]) => RelationStatistics) | undefined
}

/** Records that are looked up in one read. */
const POINTS_AT_ONCE = 1024

export class ModelRelation<T> implements Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: Relation['kind']
  readonly columns: readonly RelationColumn[]
  readonly indexes: readonly RelationIndex[]
  readonly statistics: RelationStatistics | undefined
  readonly writer: RelationWriter
  readonly #columns: readonly ModelColumn<T>[]
  readonly #source: ModelSource<T>
  readonly #object: CatalogObject
  readonly #edits: ModelEdits<T>
  readonly #made = new Map<string, ModelIndex<T>>()
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
    this.#object = facts.object
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
    this.indexes = source.indexes.map(({ index }) => index)
    this.statistics = facts.statistics?.(this.columns)
  }

  indexesFor(
    conditions: readonly Expression[],
    ordinalOf: (column: ColumnId) => number | undefined,
  ): readonly RelationIndex[] {
    const found = this.#source.indexesFor?.(conditions, ordinalOf) ?? []
    return found.map((made) => {
      const known = this.#made.get(made.index.name)
      if (known !== undefined) return known.index
      this.#made.set(made.index.name, made)
      return made.index
    })
  }

  madeIndex(name: string): RelationIndex | undefined {
    return this.#made.get(name)?.index
  }

  async *scan(context: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    const checking = requireAsPlanned(context, this, this.#object)
    if (checking !== undefined) await checking
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
      case 'points':
      case 'ranges':
        for await (const records of this.#find(context, access, request)) yield records.map(toRow)
        return
      case 'rows': {
        const found = await this.#edits.get(context.models, access.ids.map(keyOfModelRow))
        yield found.filter((record) => record !== undefined).map(toRow)
        return
      }
      case 'all':
        if (request.isReverse === true) yield (await this.#collect(context)).reverse().map(toRow)
        else for await (const records of this.#source.scan(context)) yield records.map(toRow)
    }
  }

  async *#find(
    context: RelationContext,
    access: Extract<AccessPath, { kind: 'points' | 'ranges' }>,
    { isReverse = false, limit }: ScanRequest,
  ): AsyncGenerator<readonly T[]> {
    const index = this.#index(access.index)
    if (access.kind === 'ranges' || index.get === undefined) {
      const ranges = access.kind === 'ranges' ? access.ranges : access.keys.map((prefix) => ({ prefix }))
      yield* index.read(context, ranges, { isReverse, limit, signal: context.signal })
      return
    }
    const keys = isReverse ? access.keys.toReversed() : access.keys
    for (let from = 0; from < keys.length; from += POINTS_AT_ONCE) {
      const found = await index.get(context, keys.slice(from, from + POINTS_AT_ONCE))
      yield found.filter((record) => record !== undefined)
    }
  }

  #index(name: string): ModelIndex<T> {
    const declared = this.#source.indexes.find(({ index }) => index.name === name)
    return declared ?? defined(this.#made.get(name), `index "${name}" of "${this.name}"`)
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

export function typeOf(name: string, modifier = -1): DataType {
  return { scalar: defined(systemRegistry.typeByName(name), `the type ${name}`), modifier }
}
