import { toJson } from './json-literal.js'
import type {
  ColumnInput,
  DefaultFunction,
  IdentityInput,
  ReferenceInput,
  ReferenceOptions,
} from './table-input.js'
import type { TableSchema } from '../table.js'

/** A default that is computed for each row. */
export interface DefaultExpression<Value> {
  readonly function: DefaultFunction
  /** Never set: says to the compiler which columns it fits. */
  readonly type?: Value
}

/** The time of the transaction. */
export const now = (): DefaultExpression<Date> => ({ function: 'now' })

/** A random UUID, version 4, drawn for each row. */
export const randomUuid = (): DefaultExpression<string> => ({ function: 'uuid' })

/** What the compiler knows of a column. Exists in types only. */
export interface ColumnTypes {
  /** What a row holds, when not null. */
  readonly value: unknown
  /** What an insert, an update or a filter takes. */
  readonly input: unknown
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly primaryKey: boolean
}

type With<T extends ColumnTypes, Changes extends Partial<ColumnTypes>> = Omit<T, keyof Changes> & Changes

/** A column of a table being declared. Every method returns a new column. */
export class Column<T extends ColumnTypes = ColumnTypes> {
  declare readonly types?: T
  readonly input: ColumnInput

  constructor(input: ColumnInput) {
    this.input = input
  }

  notNull(): Column<With<T, { notNull: true }>> {
    return new Column({ ...this.input, notNull: true })
  }

  /** The value of rows that are inserted without one: a literal, `now()` or `randomUuid()`. */
  default(
    value: NoInfer<T['input']> | DefaultExpression<NoInfer<T['input']>>,
  ): Column<With<T, { hasDefault: true }>> {
    const fallback = isExpression(value) ? { function: value.function } : { value: toJson(value) }
    return new Column({ ...this.input, default: fallback })
  }

  /** The column alone is the primary key. For several columns use the table's `primaryKey`. */
  primaryKey(): Column<With<T, { notNull: true; primaryKey: true }>> {
    return new Column({ ...this.input, primaryKey: true })
  }

  unique(): Column<T> {
    return new Column({ ...this.input, unique: true })
  }

  /** Numbers given out in order, from 1 unless said otherwise, where an insert leaves the column out. */
  identity(options?: IdentityInput): Column<With<T, { notNull: true; hasDefault: true }>> {
    return new Column({ ...this.input, identity: options ?? true })
  }

  /** A foreign key of this column alone, to the primary key of `table` or to a unique column of it. */
  references<Row, Insert, Key>(
    table: TableSchema<Row, Insert, Key>,
    column?: keyof Row & string,
    options?: ReferenceOptions,
  ): Column<T>
  references(table: string, column?: string, options?: ReferenceOptions): Column<T>
  references(
    table: string | { readonly name: string },
    column?: string,
    options: ReferenceOptions = {},
  ): Column<T> {
    const reference: ReferenceInput = {
      table: typeof table === 'string' ? table : table.name,
      ...(column === undefined ? {} : { column }),
      ...options,
    }
    return new Column({ ...this.input, references: reference })
  }

  /** What the column was called before: its data stays. */
  renamedFrom(name: string): Column<T> {
    return new Column({ ...this.input, renamedFrom: name })
  }

  /** A one-dimensional array of this type. */
  array(): Column<With<T, { value: T['value'][]; input: readonly T['input'][] }>> {
    return new Column({ ...this.input, type: `${this.input.type}[]` })
  }
}

function isExpression(value: unknown): value is DefaultExpression<unknown> {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'function'
}

/** A column as the functions of `column-types.ts` make it: nullable, without default. */
export type PlainColumn<Value, Input = Value> = Column<{
  value: Value
  input: Input
  notNull: false
  hasDefault: false
  primaryKey: false
}>
