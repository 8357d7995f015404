import { OrbitError, didYouMean } from '@orbit-ts/base'
import { formatColumnType, isSortable, type ColumnType } from '../types/column-type.js'

/** Says what is wrong with a declaration of one table, and where. */
export class SchemaChecker {
  readonly table: string

  constructor(table: string) {
    this.table = table
  }

  /** @throws SCHEMA_INVALID */
  fail(where: string, reason: string, details: Readonly<Record<string, unknown>> = {}): never {
    throw new OrbitError('SCHEMA_INVALID', `table "${this.table}": ${where} ${reason}`, {
      model: 'table',
      object: this.table,
      field: where,
      ...details,
    })
  }

  /** A plain object with none but these keys. */
  object(where: string, value: unknown, keys?: readonly string[]): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(where, `is ${shown(value)}; it must be an object`)
    }
    const fields = value as Readonly<Record<string, unknown>>
    if (keys === undefined) return fields
    for (const key of Object.keys(fields)) {
      if (!keys.includes(key))
        this.fail(`${where}.${key}`, `is unknown${didYouMean(key, keys) || `; known are ${keys.join(', ')}`}`)
    }
    return fields
  }

  list(where: string, value: unknown): readonly unknown[] {
    if (value === undefined) return []
    if (!Array.isArray(value)) this.fail(where, `is ${shown(value)}; it must be an array`)
    return value as readonly unknown[]
  }

  flag(where: string, value: unknown): boolean {
    if (value === undefined) return false
    if (typeof value !== 'boolean') this.fail(where, `is ${shown(value)}; it must be true or false`)
    return value
  }

  oneOf<T extends string>(where: string, value: unknown, known: readonly T[], fallback: T): T {
    if (value === undefined) return fallback
    const found = known.find((candidate) => candidate === value)
    if (found !== undefined) return found
    const hint = typeof value === 'string' ? didYouMean(value, known) : ''
    return this.fail(where, `is ${shown(value)}; it must be one of ${known.join(', ')}${hint}`)
  }

  name(where: string, value: unknown): string {
    if (typeof value === 'string' && NAME.test(value)) return value
    return this.fail(where, `is ${shown(value)}; a name has 1 to 128 characters and no control characters`)
  }

  /** Names of columns that exist, each once. */
  columnNames(where: string, value: unknown, known: Iterable<string>): readonly string[] {
    const names = this.list(where, value)
    if (names.length === 0) this.fail(where, 'names no column')
    const all = new Set(known)
    return names.map((name, index) => {
      if (names.indexOf(name) !== index) this.fail(where, `names column ${shown(name)} twice`)
      return this.columnName(where, name, all)
    })
  }

  /** The names, if values of all those columns can be put in order. */
  sortable(
    where: string,
    names: readonly string[],
    types: ReadonlyMap<string, ColumnType>,
  ): readonly string[] {
    for (const name of names) {
      const type = types.get(name)
      if (type !== undefined && !isSortable(type)) {
        this.fail(where, `has column "${name}" of type ${formatColumnType(type)}, which has no order`)
      }
    }
    return names
  }

  columnName(where: string, value: unknown, known: ReadonlySet<string>): string {
    if (typeof value === 'string' && known.has(value)) return value
    const hint = typeof value === 'string' ? didYouMean(value, known) : ''
    return this.fail(where, `names the column ${shown(value)}, which does not exist${hint}`, {
      column: value,
    })
  }
}

const NAME = /^[^\u0000-\u001f\u007f\p{Surrogate}]{1,128}$/u

export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value)
}
