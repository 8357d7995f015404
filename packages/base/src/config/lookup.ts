import type { NamedField } from './section.js'
import { toSnake } from './names.js'

export type Table = Readonly<Record<string, unknown>>

/** True for what TOML calls a table and JSON an object; an instance of a class is a value. */
export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The keys of `table` that mean this field: its key, its aliases and, in code, its name. */
export function keysOf(entry: NamedField, table: Table, inCode: boolean): string[] {
  const names = new Set([entry.key, ...entry.aliases, ...(inCode ? [entry.name, toSnake(entry.name)] : [])])
  return [...names].filter((name) => Object.hasOwn(table, name) && table[name] !== undefined)
}

/** What `raw` holds for this field, however it is spelt. */
export function childOf(entry: NamedField, raw: unknown): unknown {
  if (!isTable(raw)) return undefined
  const key = keysOf(entry, raw, true)[0]
  return key === undefined ? undefined : raw[key]
}
