/** The types of stored columns as queries know them. */
import { defined } from '@orbit-ts/base'
import type { ColumnType } from '../models/relational/types/column-type.js'
import type { Collation, DataType, Domain, ScalarType } from '../scalar/data-type.js'

/** Where types are looked up: the system's, and those that users made. */
export interface TypeLookup {
  /** By `typname`. */
  systemType(name: string): ScalarType | undefined
  /** Of an enum or composite type, by the id of its catalog object. */
  userType(id: number): ScalarType | undefined
  /** By the id of its catalog object. */
  domain(id: number): Domain | undefined
  arrayOf(element: ScalarType): ScalarType | undefined
  collation(name: string): Collation | undefined
}

/** What a column says of its type beyond the type itself. */
export interface ColumnFacts {
  readonly type: ColumnType
  readonly modifier?: number | undefined
  readonly collation?: string | undefined
  /** The id of its domain. */
  readonly domain?: number | undefined
}

export function columnDataType(
  { type, modifier, collation, domain: id }: ColumnFacts,
  types: TypeLookup,
): DataType {
  const element = defined(
    type.typeId === undefined
      ? types.systemType(TYPE_NAMES[type.base] ?? type.base)
      : types.userType(type.typeId),
    `the type ${type.base}`,
  )
  const scalar = type.array === true ? defined(types.arrayOf(element), `arrays of ${element.name}`) : element
  const found = collation === undefined ? undefined : types.collation(collation)
  const domain = id === undefined ? undefined : types.domain(id)
  return {
    scalar,
    modifier: modifier ?? modifierOf(type, element),
    ...(found === undefined ? {} : { collation: found }),
    ...(domain === undefined ? {} : { domain }),
  }
}

/** Where `typname` differs. */
const TYPE_NAMES: Readonly<Record<string, string>> = { char: 'bpchar' }

/** The modifier of columns that were declared without SQL. */
function modifierOf({ base, length, precision, scale = 0 }: ColumnType, scalar: ScalarType): number {
  const make = (...values: readonly number[]): number => scalar.makeModifier?.(values) ?? -1
  switch (base) {
    case 'varchar':
    case 'char':
    case 'vector':
      return length === undefined ? -1 : make(length)
    case 'numeric':
      return precision === undefined ? -1 : make(precision, scale)
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      // Six digits are what there is without any.
      return precision === undefined || precision === 6 ? -1 : make(precision)
    default:
      return -1
  }
}
