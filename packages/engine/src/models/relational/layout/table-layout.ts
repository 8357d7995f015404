/**
 * A table's definition made ready for work: types parsed, filters compiled, codecs built. Immutable; one per version of
 * a definition.
 */
import { OrbitError, defined, didYouMean } from '@orbit-ts/base'
import { NULL_DATUM, handleOf, relationalKeys, type Datum, type Handle } from '@orbit-ts/storage'
import type { CatalogObject } from '../../../catalog/catalog-object.js'
import { isKept, statusOf } from '../../../catalog/index-status.js'
import { RowCodec } from '../../../record/row-codec.js'
import type { StoredKind } from '../../../record/row-value.js'
import {
  storageId,
  type DomainDefinition,
  type ForeignKeyDefinition,
  type IdentityDefinition,
  type SqlDefault,
  type SqlExpression,
  type TableDefinition,
} from '../schema/table-definition.js'
import type { DefaultFunction } from '../schema/table-input.js'
import { parseColumnType, type ColumnType } from '../types/column-type.js'
import { keyDatum, losesInKeys, storedKind } from '../types/format-value.js'
import { parseValue } from '../types/parse-value.js'
import { IndexLayout } from './index-layout.js'
import { expressionCheck, rowCheck, type RowCheck } from './row-check.js'
import type { DefaultExpression, RowExpression, RowExpressionCompiler } from './row-expressions.js'

export interface LayoutColumn {
  readonly id: number
  /** Where the column stands in rows of datums. */
  readonly position: number
  readonly name: string
  readonly type: ColumnType
  readonly kind: StoredKind
  readonly notNull: boolean
  /** A literal is ready to be stored; a function is called for each row. */
  readonly default: Datum | DefaultFunction | undefined
  /** In place of `default`: what SQL computes for each row. */
  readonly sqlDefault: SqlDefault | undefined
  /** Computed from the other columns. */
  readonly generated: SqlExpression | undefined
  readonly identity: IdentityDefinition | undefined
  readonly domain: DomainDefinition | undefined
  /** What rows that say nothing of the column have in it. */
  readonly absent: Datum
}

/** A stored row: one datum for each column, by position. */
export interface TableRow {
  readonly handle: Handle
  readonly datums: readonly Datum[]
}

export interface LayoutForeignKey extends Omit<ForeignKeyDefinition, 'columns'> {
  readonly columns: readonly LayoutColumn[]
}

const LAYOUTS = new WeakMap<TableDefinition, TableLayout>()

export class TableLayout {
  readonly name: string
  /** In keys. */
  readonly id: number
  /** Of the catalog object. */
  readonly objectId: number
  readonly columns: readonly LayoutColumn[]
  readonly byName: ReadonlyMap<string, LayoutColumn>
  readonly types: ReadonlyMap<string, ColumnType>
  readonly primaryKey: readonly LayoutColumn[] | undefined
  readonly primaryKeyName: string
  /** Those that writers keep. */
  readonly indexes: readonly IndexLayout[]
  /** Indexes of constraints that may be checked after rows have been written; that of the primary key is the first. */
  readonly deferrable: readonly IndexLayout[]
  /** True when SQL has to be compiled before rows can be written. */
  readonly hasExpressions: boolean
  readonly foreignKeys: readonly LayoutForeignKey[]
  /** Columns of keys that foreign keys can refer to. */
  readonly referable: readonly LayoutColumn[]
  readonly definition: TableDefinition
  #checks: readonly RowCheck[]
  #generated: readonly GeneratedColumn[] = []
  #domains: readonly ColumnDomain[] = []
  #defaults: ReadonlyMap<LayoutColumn, DefaultExpression> = new Map()
  #isCompiled: boolean
  readonly #codec: RowCodec
  /** By position: the value is in the row's key, and not repeated in the row. */
  readonly #onlyInKey: readonly boolean[]

  /** The layout of an object; built once for each definition. */
  static of({ name, id, definition }: CatalogObject<TableDefinition>): TableLayout {
    const known = LAYOUTS.get(definition)
    if (known !== undefined) return known
    const layout = new TableLayout(name, id, definition)
    LAYOUTS.set(definition, layout)
    return layout
  }

  constructor(name: string, id: number, definition: TableDefinition) {
    this.name = name
    this.id = storageId(id, definition)
    this.objectId = id
    this.columns = definition.columns.map(layoutColumn)
    this.byName = new Map(this.columns.map((column) => [column.name, column]))
    this.types = new Map(this.columns.map((column) => [column.name, column.type]))
    this.primaryKey = definition.primaryKey && this.#columnsOf(definition.primaryKey.columns)
    this.primaryKeyName = definition.primaryKey?.name ?? ''
    this.indexes = definition.indexes
      .filter(({ id, isVirtual }) => isVirtual !== true && isKept(definition, id))
      .map(
        (index) =>
          new IndexLayout(
            this,
            index,
            (column) => this.#columnOf(column),
            statusOf(definition, index.id) === undefined,
          ),
      )
    const isPrimary = (index: IndexLayout): boolean => index.definition.constraint?.kind === 'primary'
    this.deferrable = this.indexes
      .filter(({ deferrable }) => deferrable !== undefined)
      .sort((a, b) => Number(isPrimary(b)) - Number(isPrimary(a)))
    this.#checks = definition.checks.flatMap((check) =>
      'where' in check ? [rowCheck(this, check.name, check.where)] : [],
    )
    this.foreignKeys = definition.foreignKeys.map((key) => ({
      ...key,
      columns: this.#columnsOf(key.columns),
    }))
    this.definition = definition
    this.hasExpressions =
      definition.checks.some((check) => 'expression' in check) ||
      this.columns.some(
        ({ generated, sqlDefault, domain }) =>
          generated !== undefined || sqlDefault !== undefined || domain !== undefined,
      ) ||
      this.indexes.some((index) => index.hasExpressions)
    this.#isCompiled = !this.hasExpressions
    const unique = this.indexes.filter(
      ({ unique: isUnique, where, hasExpressions }) => isUnique && where === undefined && !hasExpressions,
    )
    this.referable = [...new Set([...(this.primaryKey ?? []), ...unique.flatMap(({ columns }) => columns)])]
    this.#codec = new RowCodec(this.columns.map((column) => ({ id: column.id, kind: column.kind })))
    this.#onlyInKey = this.columns.map(
      (column) => this.primaryKey?.includes(column) === true && !losesInKeys(column.type),
    )
  }

  /** All checks. Those in SQL are among them from `compile` on. */
  get checks(): readonly RowCheck[] {
    return this.#checks
  }

  /** Columns computed from others, in the order in which they are computed. */
  get generated(): readonly GeneratedColumn[] {
    return this.#generated
  }

  /** What domains demand of values of their columns. Known from `compile` on. */
  get domains(): readonly ColumnDomain[] {
    return this.#domains
  }

  get isCompiled(): boolean {
    return this.#isCompiled
  }

  /** Makes the expressions in SQL ready; needed once before rows are written. */
  compile(compiler: RowExpressionCompiler): void {
    if (this.#isCompiled) return
    const checks = this.definition.checks.flatMap((check) =>
      'expression' in check ? [expressionCheck(this, compiler, check.name, check.expression.sql)] : [],
    )
    this.#checks = [...this.#checks, ...checks]
    this.#generated = this.columns.flatMap((column) =>
      column.generated === undefined
        ? []
        : [{ column, expression: compiler.compile(this, column.generated.sql, column.type) }],
    )
    this.#defaults = new Map(
      this.columns.flatMap((column) =>
        column.sqlDefault === undefined
          ? []
          : [[column, compiler.compileDefault(this, column.sqlDefault.sql, column.type)]],
      ),
    )
    this.#domains = this.columns.flatMap((column) => columnDomain(column, this.definition, compiler) ?? [])
    for (const index of this.indexes) index.compile(this, compiler)
    this.#isCompiled = true
  }

  /** The default that SQL computes. */
  defaultOf(column: LayoutColumn): DefaultExpression {
    return defined(this.#defaults.get(column), 'the default of the column')
  }

  /** The row with its generated columns computed anew. */
  withGenerated(datums: readonly Datum[]): readonly Datum[] {
    if (this.#generated.length === 0) return datums
    const row = [...datums]
    for (const { column, expression } of this.#generated) row[column.position] = expression.evaluate(row)
    return row
  }

  /** How messages call the table. */
  get what(): string {
    return `table "${this.name}"`
  }

  /** True when rows are keyed by one integer: a primary key that is one, or a hidden row id. */
  get hasIntegerHandle(): boolean {
    return (
      this.primaryKey === undefined || (this.primaryKey.length === 1 && this.primaryKey[0]?.kind === 'int')
    )
  }

  /** @throws INVALID_ARGUMENT naming the nearest column. */
  column(name: string): LayoutColumn {
    const column = this.byName.get(name)
    if (column !== undefined) return column
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${this.what} has no column "${name}"${didYouMean(name, this.byName.keys())}`,
      {
        ...this.details,
        column: name,
      },
    )
  }

  /** What every error's details begin with. */
  get details(): { readonly model: 'table'; readonly object: string } {
    return { model: 'table', object: this.name }
  }

  rowKey(handle: Handle): Uint8Array {
    return relationalKeys.row(this.id, handle)
  }

  /** The handle of the row with these values; for tables with a primary key. */
  handleOf(datums: readonly Datum[]): Handle {
    const key = defined(this.primaryKey, 'the primary key')
    return handleOf(key.map(({ position, type }) => keyDatum(type, datums[position] ?? NULL_DATUM)))
  }

  encode(datums: readonly Datum[]): Uint8Array {
    return this.#codec.encode(
      datums.map((datum, position) => (this.#onlyInKey[position] === true ? undefined : datum)),
    )
  }

  #columnsOf(ids: readonly number[]): LayoutColumn[] {
    return ids.map((id) => this.#columnOf(id))
  }

  #columnOf(id: number): LayoutColumn {
    return defined(
      this.columns.find((column) => column.id === id),
      `column ${id} of ${this.what}`,
    )
  }
}

export interface GeneratedColumn {
  readonly column: LayoutColumn
  readonly expression: RowExpression
}

/** A column of a domain, with the conditions that its values must not make false. */
export interface ColumnDomain {
  readonly column: LayoutColumn
  readonly domain: DomainDefinition
  readonly checks: readonly RowCheck[]
}

function columnDomain(
  column: LayoutColumn,
  { columns }: TableDefinition,
  compiler: RowExpressionCompiler,
): ColumnDomain | undefined {
  const { domain } = column
  const own = columns[column.position]
  if (domain === undefined || own === undefined) return undefined
  const { type, modifier, collation, labels } = own
  const value = { id: 1, name: 'value', notNull: false, type, modifier, collation, labels }
  // The conditions are over one column, `value`.
  const alone = new TableLayout('value', 0, {
    columns: [withoutUndefined(value)],
    indexes: [],
    checks: [],
    foreignKeys: [],
    nextColumnId: 2,
    nextIndexId: 1,
  })
  const checks = domain.checks.map(({ name, sql }) => expressionCheck(alone, compiler, name, sql))
  return { column, domain, checks }
}

function withoutUndefined(
  value: Record<string, unknown> &
    Pick<TableDefinition['columns'][number], 'id' | 'name' | 'notNull' | 'type'>,
): TableDefinition['columns'][number] {
  const given = Object.entries(value).filter(([, each]) => each !== undefined)
  return {
    ...Object.fromEntries(given),
    id: value.id,
    name: value.name,
    notNull: value.notNull,
    type: value.type,
  }
}

function layoutColumn(column: TableDefinition['columns'][number], position: number): LayoutColumn {
  const type = columnTypeOf(column)
  const { default: fallback, absent } = column
  return {
    id: column.id,
    position,
    name: column.name,
    type,
    kind: storedKind(type),
    notNull: column.notNull,
    default:
      fallback === undefined || 'sql' in fallback
        ? undefined
        : 'function' in fallback
          ? fallback.function
          : literal(type, fallback.value),
    sqlDefault:
      fallback === undefined && column.identity === undefined
        ? column.domain?.default
        : fallback !== undefined && 'sql' in fallback
          ? fallback
          : undefined,
    generated: column.generated,
    identity: column.identity,
    domain: column.domain,
    absent: absent === undefined ? NULL_DATUM : literal(type, absent.value),
  }
}

/** The type of a stored column, with the labels of an enum. */
export function columnTypeOf({ type, labels }: TableDefinition['columns'][number]): ColumnType {
  const parsed = parseColumnType(type)
  return labels === undefined ? parsed : { ...parsed, labels }
}

function literal(type: ColumnType, value: unknown): Datum {
  const datum = parseValue(type, value)
  if (datum.kind === 'mismatch')
    throw new OrbitError('STORAGE_CORRUPT', `a stored definition has a literal that is not ${datum.accepts}`)
  return datum
}
