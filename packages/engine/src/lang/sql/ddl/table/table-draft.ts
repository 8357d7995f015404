import { defined } from '@orbit-ts/base'
import type {
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  IndexDefinition,
  PrimaryKeyDefinition,
  TableDefinition,
} from '../../../../models/relational/schema/table-definition.js'
import { beginsWith } from '../../../../models/relational/schema/define-constraints.js'
import { queryError } from '../../../../scalar/condition.js'
import type { QualifiedName } from '../../catalog/records.js'
import { chooseName, columnsPart } from '../choose-name.js'
import type { DefinitionContext } from '../definition-context.js'

/** Columns of a table, at most, as in PostgreSQL. */
const COLUMNS_MAX = 1600

/** A table's definition while a statement puts it together. */
export class TableDraft {
  readonly name: QualifiedName
  columns: ColumnDefinition[]
  indexes: IndexDefinition[]
  checks: CheckDefinition[]
  foreignKeys: ForeignKeyDefinition[]
  primaryKey: PrimaryKeyDefinition | undefined
  readonly #unready: TableDefinition['unready']
  readonly #storage: number | undefined
  #nextColumnId: number
  #nextIndexId: number
  readonly #ddl: DefinitionContext
  readonly #isNew: boolean
  /** Names of indexes that this statement has given already. */
  readonly #given = new Set<string>()

  constructor(ddl: DefinitionContext, name: QualifiedName, from?: TableDefinition) {
    this.#ddl = ddl
    this.#isNew = from === undefined
    this.name = name
    this.columns = [...(from?.columns ?? [])]
    this.indexes = [...(from?.indexes ?? [])]
    this.checks = [...(from?.checks ?? [])]
    this.foreignKeys = [...(from?.foreignKeys ?? [])]
    this.primaryKey = from?.primaryKey
    this.#unready = from?.unready
    this.#storage = from?.storage
    this.#nextColumnId = from?.nextColumnId ?? 1
    this.#nextIndexId = from?.nextIndexId ?? 1
  }

  definition(): TableDefinition {
    this.#supportForeignKeys()
    const kept = new Set(this.indexes.map(({ id }) => String(id)))
    const unready = Object.entries(this.#unready ?? {}).filter(([id]) => kept.has(id))
    return {
      columns: this.columns,
      ...(this.primaryKey === undefined ? {} : { primaryKey: this.primaryKey }),
      indexes: this.indexes,
      checks: this.checks,
      foreignKeys: this.foreignKeys,
      nextColumnId: this.#nextColumnId,
      nextIndexId: this.#nextIndexId,
      ...(this.#storage === undefined ? {} : { storage: this.#storage }),
      ...(unready.length === 0 ? {} : { unready: Object.fromEntries(unready) }),
    }
  }

  /** @throws duplicate_column, too_many_columns */
  addColumn(column: Omit<ColumnDefinition, 'id'>): ColumnDefinition {
    if (this.find(column.name) !== undefined)
      throw queryError('duplicate_column', `column "${column.name}" specified more than once`)
    if (this.columns.length >= COLUMNS_MAX)
      throw queryError('too_many_columns', `tables can have at most ${COLUMNS_MAX} columns`)
    const added = { id: this.#nextColumnId++, ...column }
    this.columns.push(added)
    return added
  }

  replaceColumn(id: number, change: (column: ColumnDefinition) => ColumnDefinition): void {
    this.columns = this.columns.map((column) => (column.id === id ? change(column) : column))
  }

  find(name: string): ColumnDefinition | undefined {
    return this.columns.find((column) => column.name === name)
  }

  column(id: number): ColumnDefinition {
    return defined(
      this.columns.find((column) => column.id === id),
      `column ${id}`,
    )
  }

  addIndex(index: Omit<IndexDefinition, 'id' | 'origin'>): IndexDefinition {
    const added: IndexDefinition = { id: this.#nextIndexId++, ...index, origin: 'declared' }
    this.indexes.push(added)
    return added
  }

  /** A name for an index, or for a constraint that is one: free among all relations of the schema. */
  indexName(columns: readonly string[], label: string): string {
    const name = chooseName(
      this.name.name,
      columns.length === 0 ? undefined : columnsPart(columns),
      label,
      (each) => this.#isIndexNameTaken(each),
    )
    this.#given.add(name)
    return name
  }

  /** @throws duplicate_table, duplicate_object */
  requireIndexName(name: string, isConstraint: boolean): void {
    if (isConstraint && this.constraintNames().includes(name)) throw this.#duplicateConstraint(name)
    if (this.#isRelationName(name)) throw queryError('duplicate_table', `relation "${name}" already exists`)
    this.#given.add(name)
  }

  /** A name for a constraint that is no index: free among those of the table. */
  constraintName(columns: readonly string[], label: string): string {
    return chooseName(
      this.name.name,
      columns.length === 0 ? undefined : columnsPart(columns),
      label,
      (each) => this.constraintNames().includes(each),
    )
  }

  /** @throws duplicate_object */
  requireConstraintName(name: string): void {
    if (this.constraintNames().includes(name)) throw this.#duplicateConstraint(name)
  }

  /** @throws duplicate_object */
  requireCheckName(name: string): void {
    if (this.#isNew && this.checks.some((check) => check.name === name))
      throw queryError('duplicate_object', `check constraint "${name}" already exists`)
    this.requireConstraintName(name)
  }

  constraintNames(): string[] {
    return [
      ...(this.primaryKey === undefined ? [] : [this.primaryKey.name]),
      ...this.indexes.flatMap(({ constraint, name }) => (constraint === undefined ? [] : [name])),
      ...this.checks.map(({ name }) => name),
      ...this.foreignKeys.map(({ name }) => name),
    ]
  }

  /** The primary key, however it is carried out. */
  get key(): { readonly name: string; readonly columns: readonly number[] } | undefined {
    if (this.primaryKey !== undefined) return this.primaryKey
    const index = this.indexes.find(({ constraint }) => constraint?.kind === 'primary')
    return index && { name: index.name, columns: index.columns.map(({ column }) => column) }
  }

  #duplicateConstraint(name: string): Error {
    return queryError(
      'duplicate_object',
      `constraint "${name}" for relation "${this.name.name}" already exists`,
    )
  }

  #isIndexNameTaken(name: string): boolean {
    return this.#isRelationName(name) || this.constraintNames().includes(name)
  }

  #isRelationName(name: string): boolean {
    const { schema, name: table } = this.name
    return name === table || this.#given.has(name) || this.#ddl.catalog.hasRelationName({ schema, name })
  }

  /** Rows that refer to a row are found through an index that begins with the foreign key's columns. */
  #supportForeignKeys(): void {
    const isOf = (ids: readonly number[]) => this.foreignKeys.some(({ columns }) => beginsWith(ids, columns))
    this.indexes = this.indexes.filter(
      ({ origin, columns }) => origin !== 'foreign-key' || isOf(columns.map(({ column }) => column)),
    )
    for (const { columns } of this.foreignKeys) {
      const leading = this.indexes
        .filter(
          (index) =>
            index.where === undefined &&
            index.predicate === undefined &&
            index.columns.every(({ expression }) => expression === undefined),
        )
        .map((index) => index.columns.map(({ column }) => column))
      if ([this.primaryKey?.columns ?? [], ...leading].some((ids) => beginsWith(ids, columns))) continue
      this.indexes.push({
        id: this.#nextIndexId++,
        name: `${this.name.name}_${columnsPart(columns.map((id) => this.column(id).name))}_fkey_idx`,
        columns: columns.map((column) => ({ column, descending: false, nullsLarge: true })),
        unique: false,
        nullsNotDistinct: false,
        origin: 'foreign-key',
      })
    }
  }
}
