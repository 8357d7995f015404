/** The primary key, indexes, checks and foreign keys of a declaration. */
import { OrbitError, defined } from '@orbit-ts/base'
import { bindFilter } from '../filter/bind-filter.js'
import { parseColumnType, type ColumnType } from '../types/column-type.js'
import type { DeclaredColumn } from './define-column.js'
import { filterToJson } from './json-literal.js'
import { SchemaChecker, shown } from './schema-problem.js'
import type {
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  IndexColumnDefinition,
  IndexDefinition,
  TableDefinition,
} from './table-definition.js'
import { FOREIGN_KEY_ACTIONS, type JsonFilter } from './table-input.js'

const LIST_MAX = 256
const KEY_COLUMNS_MAX = 32
const NAME_MAX = 128

const INDEX_KEYS = ['name', 'columns', 'unique', 'where', 'nullsNotDistinct']
const ACTION_KEYS = ['name', 'onDelete', 'onUpdate', 'deferred']

type Fields = Readonly<Record<string, unknown>>
type Constraints = Pick<TableDefinition, 'primaryKey' | 'indexes' | 'checks' | 'foreignKeys'>
type Unnumbered = Omit<IndexDefinition, 'id'>

export class ConstraintDefiner extends SchemaChecker {
  readonly #columns: ReadonlyMap<string, ColumnDefinition>
  readonly #types: ReadonlyMap<string, ColumnType>
  readonly #key: readonly string[]
  /** Names of indexes and constraints, which share one space. */
  readonly #names = new Set<string>()

  constructor(table: string, columns: readonly ColumnDefinition[], key: readonly string[]) {
    super(table)
    this.#columns = new Map(columns.map((column) => [column.name, column]))
    this.#types = new Map(columns.map(({ name, type }) => [name, parseColumnType(type)]))
    this.#key = key
    if (key.length > KEY_COLUMNS_MAX)
      this.fail('primaryKey', `has ${key.length} columns; at most ${KEY_COLUMNS_MAX} are accepted`)
  }

  define(input: Fields, declared: ReadonlyMap<string, DeclaredColumn>): Constraints {
    const primaryKey =
      this.#key.length === 0 ? undefined : { name: this.#autoName('pkey'), columns: this.#ids(this.#key) }
    this.#claimDeclaredNames(input, declared)
    const unique = [...declared]
      .filter(([, column]) => column.unique)
      .map(([name]) => ({ columns: [name], unique: true }))
    const references = [...declared].filter(([, column]) => column.references !== undefined)
    const indexes = [
      ...unique.map((index) => this.#index(index, `column "${index.columns.join()}"`)),
      ...this.#each(input, 'indexes').map(([value, where]) => this.#index(value, where)),
    ]
    const checks = this.#each(input, 'checks').map(([value, where]) => this.#check(value, where))
    const foreignKeys = [
      ...references.map(([name, column]) => this.#reference(name, column.references)),
      ...this.#each(input, 'foreignKeys').map(([value, where]) => this.#foreignKey(value, where)),
    ]
    const all = [...indexes, ...this.#supportingIndexes(foreignKeys, indexes)].map((index, i) => ({
      id: i + 1,
      ...index,
    }))
    return { ...(primaryKey === undefined ? {} : { primaryKey }), indexes: all, checks, foreignKeys }
  }

  #each(input: Fields, field: string): [unknown, string][] {
    const values = this.list(field, input[field])
    if (values.length > LIST_MAX) this.fail(field, `are ${values.length}; at most ${LIST_MAX} are accepted`)
    return values.map((value, i) => [value, `${field}[${i}]`])
  }

  /** Given names first, so that made-up ones keep clear of them. */
  #claimDeclaredNames(input: Fields, declared: ReadonlyMap<string, DeclaredColumn>): void {
    const given: [unknown, string][] = [
      ...['indexes', 'checks', 'foreignKeys'].flatMap((field) => this.#each(input, field)),
      ...[...declared].map(([name, { references }]): [unknown, string] => [
        references ?? {},
        `column "${name}": references`,
      ]),
    ]
    for (const [value, where] of given) {
      const { name } = this.object(where, value) as { readonly name?: unknown }
      if (name === undefined) continue
      if (this.#names.has(this.name(`${where}.name`, name)))
        this.fail(`${where}.name`, `is ${shown(name)}, which is used twice`)
      this.#names.add(name as string)
    }
  }

  #autoName(...parts: readonly string[]): string {
    const base = [this.table, ...parts].join('_').slice(0, NAME_MAX - 4)
    let name = base
    for (let i = 1; this.#names.has(name); i++) name = `${base}${i}`
    this.#names.add(name)
    return name
  }

  #index(value: unknown, where: string): Unnumbered {
    const fields = this.object(where, value, INDEX_KEYS)
    const columns = this.#indexColumns(`${where}.columns`, fields['columns'])
    const unique = this.flag(`${where}.unique`, fields['unique'])
    const nullsNotDistinct = this.flag(`${where}.nullsNotDistinct`, fields['nullsNotDistinct'])
    if (nullsNotDistinct && !unique) this.fail(`${where}.nullsNotDistinct`, 'is for unique indexes only')
    const filter = fields['where'] === undefined ? undefined : this.#filter(`${where}.where`, fields['where'])
    const names = columns.map(({ column }) => this.#nameOf(column))
    return {
      name: (fields['name'] as string | undefined) ?? this.#autoName(...names, unique ? 'key' : 'idx'),
      columns,
      unique,
      nullsNotDistinct,
      ...(filter === undefined ? {} : { where: filter }),
      origin: 'declared',
    }
  }

  #indexColumns(where: string, value: unknown): IndexColumnDefinition[] {
    const entries = this.list(where, value).map((entry, i) => {
      if (typeof entry === 'string') return { name: entry, descending: false }
      const fields = this.object(`${where}[${i}]`, entry, ['column', 'direction'])
      const direction = this.oneOf(`${where}[${i}].direction`, fields['direction'], ['asc', 'desc'], 'asc')
      return { name: fields['column'], descending: direction === 'desc' }
    })
    const names = this.columnNames(
      where,
      entries.map(({ name }) => name),
      this.#columns.keys(),
    )
    if (names.length > KEY_COLUMNS_MAX)
      this.fail(where, `are ${names.length}; at most ${KEY_COLUMNS_MAX} are accepted`)
    this.sortable(where, names, this.#types)
    return this.#ids(names).map((column, i) => ({ column, descending: entries[i]?.descending === true }))
  }

  #check(value: unknown, where: string): CheckDefinition {
    const fields = this.object(where, value, ['name', 'where'])
    const filter = this.#filter(`${where}.where`, fields['where'])
    return { name: (fields['name'] as string | undefined) ?? this.#autoName('check'), where: filter }
  }

  #reference(column: string, value: unknown): ForeignKeyDefinition {
    const where = `column "${column}": references`
    const {
      table,
      column: target,
      ...actions
    } = this.object(where, value, ['table', 'column', ...ACTION_KEYS])
    const references = target === undefined ? { table } : { table, columns: [target] }
    return this.#foreignKey({ ...actions, columns: [column], references }, where)
  }

  #foreignKey(value: unknown, where: string): ForeignKeyDefinition {
    const fields = this.object(where, value, ['columns', 'references', ...ACTION_KEYS])
    const names = this.columnNames(`${where}.columns`, fields['columns'], this.#columns.keys())
    this.sortable(`${where}.columns`, names, this.#types)
    const onDelete = this.oneOf(`${where}.onDelete`, fields['onDelete'], FOREIGN_KEY_ACTIONS, 'no action')
    const onUpdate = this.oneOf(`${where}.onUpdate`, fields['onUpdate'], FOREIGN_KEY_ACTIONS, 'no action')
    for (const action of [onDelete, onUpdate]) this.#checkAction(where, action, names)
    return {
      name: (fields['name'] as string | undefined) ?? this.#autoName(...names, 'fkey'),
      columns: this.#ids(names),
      references: this.#target(`${where}.references`, fields['references'], names),
      onDelete,
      onUpdate,
      deferred: this.flag(`${where}.deferred`, fields['deferred']),
    }
  }

  #target(where: string, value: unknown, names: readonly string[]): ForeignKeyDefinition['references'] {
    const fields = this.object(where, value, ['table', 'columns'])
    const table = this.name(`${where}.table`, fields['table'])
    if (fields['columns'] === undefined) return { table, columns: [] }
    const columns = this.list(`${where}.columns`, fields['columns']).map((column) =>
      this.name(`${where}.columns`, column),
    )
    if (columns.length !== names.length) {
      this.fail(`${where}.columns`, `are ${columns.length}, the columns that refer to them ${names.length}`)
    }
    return { table, columns }
  }

  /** An action that could never succeed is a mistake in the declaration. */
  #checkAction(where: string, action: string, names: readonly string[]): void {
    for (const name of names) {
      const column = this.#column(name)
      const becomesNull = action === 'set null' || (action === 'set default' && column.default === undefined)
      if (becomesNull && column.notNull)
        this.fail(
          where,
          `would ${action} column "${name}", which is NOT NULL${action === 'set null' ? '' : ' and has no default'}`,
        )
    }
  }

  /** Rows that refer to a row are found through an index that begins with the foreign key's columns, in any order. */
  #supportingIndexes(
    foreignKeys: readonly ForeignKeyDefinition[],
    indexes: readonly Unnumbered[],
  ): Unnumbered[] {
    const made: Unnumbered[] = []
    for (const { columns } of foreignKeys) {
      const candidates = [...indexes, ...made].filter((index) => index.where === undefined)
      const leading = candidates.map((index) => index.columns.map(({ column }) => column))
      if ([this.#ids(this.#key), ...leading].some((ids) => beginsWith(ids, columns))) continue
      made.push({
        name: this.#autoName(...columns.map((id) => this.#nameOf(id)), 'idx'),
        columns: columns.map((column) => ({ column, descending: false })),
        unique: false,
        nullsNotDistinct: false,
        origin: 'foreign-key',
      })
    }
    return made
  }

  #filter(where: string, value: unknown): JsonFilter {
    try {
      bindFilter(this.#types, value, where)
      return filterToJson(value as object)
    } catch (error) {
      return this.fail(where, `is not valid: ${OrbitError.from(error).reason}`)
    }
  }

  #ids(names: readonly string[]): number[] {
    return names.map((name) => this.#column(name).id)
  }

  #nameOf(id: number): string {
    return defined(
      [...this.#columns.values()].find((column) => column.id === id),
      'the column',
    ).name
  }

  #column(name: string): ColumnDefinition {
    return defined(this.#columns.get(name), `column "${name}"`)
  }
}

/** The first of `ids` are `columns`, in any order. */
export function beginsWith(ids: readonly number[], columns: readonly number[]): boolean {
  return ids.length >= columns.length && ids.slice(0, columns.length).every((id) => columns.includes(id))
}
