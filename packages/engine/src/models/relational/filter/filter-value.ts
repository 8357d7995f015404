/**
 * Literals of filters. They are compared with a column, not stored in it, so they may be finer, larger or longer than
 * what it holds: `visits > 1.5` is a fair question to an integer column.
 */
import { OrbitError } from '@orbit-ts/base'
import type { ColumnType } from '../types/column-type.js'
import { comparable, elementType } from '../types/format-value.js'
import { countCharacters, parseValue } from '../types/parse-value.js'

/**
 * The literal in the form that `comparable` gives for the column's values.
 * @throws TYPE_MISMATCH when it cannot be compared with the column at all.
 */
export function filterValue(type: ColumnType, value: unknown, where: string): unknown {
  if (value === null) return null
  const element = elementType(type)
  if (type.array === true && Array.isArray(value)) {
    return value.map((item: unknown) => filterValue(element, item, where))
  }
  switch (element.base) {
    case 'json':
    case 'jsonb':
      return value
    case 'int2':
    case 'int4':
    case 'int8':
      // By value, whatever the size and with a fraction or not.
      if (typeof value === 'number' || typeof value === 'bigint') return value
      return parsed({ base: 'int8' }, value, where)
    case 'float4':
      return singlePrecision(parsed({ base: 'float8' }, value, where))
    case 'char':
      return padded(parsed({ base: 'text' }, value, where), element.length ?? 1)
    case 'varchar':
      return parsed({ base: 'text' }, value, where)
    case 'enum':
    case 'composite':
      return parsed(element, value, where)
    default:
      return parsed({ base: element.base }, value, where)
  }
}

function parsed(type: ColumnType, value: unknown, where: string): unknown {
  const datum = parseValue(type, value)
  if (datum.kind !== 'mismatch') return comparable(type, datum)
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)
  throw new OrbitError(
    'TYPE_MISMATCH',
    `${where}: ${shown} cannot be compared with the column, which takes ${datum.accepts}`,
    {
      value: shown,
    },
  )
}

/** As the column rounds it, so that `0.1` finds what was stored as `0.1`. */
function singlePrecision(value: unknown): unknown {
  const rounded = Math.fround(Number(value))
  return Number.isFinite(rounded) ? rounded : value
}

function padded(value: unknown, length: number): unknown {
  if (typeof value !== 'string') return value
  return value + ' '.repeat(Math.max(0, length - countCharacters(value)))
}
