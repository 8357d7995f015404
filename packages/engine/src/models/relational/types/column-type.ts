/** PostgreSQL's types: their names, their arguments and how both are written. */
import { OrbitError, didYouMean } from '@orbit-ts/base'

export const BASE_TYPES = [
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'numeric',
  'text',
  'varchar',
  'char',
  'bytea',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
  'json',
  'jsonb',
  'bpchar',
  'name',
  'interval',
  'timetz',
  'oid',
  'regclass',
  'regtype',
  'regproc',
  'regnamespace',
  'regrole',
  'vector',
  'bit',
  'varbit',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'money',
  'int4range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
  'int8range',
  'int4multirange',
  'nummultirange',
  'tsmultirange',
  'tstzmultirange',
  'datemultirange',
  'int8multirange',
] as const
/** Types that users make, by the id of their catalog object. */
const USER_TYPES = ['enum', 'composite'] as const
export type BaseType = (typeof BASE_TYPES)[number] | (typeof USER_TYPES)[number]

export interface ColumnType {
  readonly base: BaseType
  /** Characters, of `varchar` and `char`; elements, of `vector`. */
  readonly length?: number
  /** Which enum or composite type, by the id of its catalog object: `enum(12)`. */
  readonly typeId?: number
  /** Of an enum: its labels. They are no part of the type's name. */
  readonly labels?: readonly EnumLabel[]
  /** Digits of `numeric`; digits after the second of `timestamp` and `timestamptz`. */
  readonly precision?: number
  /** Digits after the point of `numeric`; there when `precision` is. */
  readonly scale?: number
  /** A one-dimensional array of the type. */
  readonly array?: true
}

/** A label of an enum. Rows and keys hold `order`, which never changes and puts labels in order. */
export interface EnumLabel {
  readonly label: string
  readonly order: number
}

const ALIASES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  real: 'float4',
  'double precision': 'float8',
  float: 'float8',
  decimal: 'numeric',
  'character varying': 'varchar',
  character: 'char',
  'time without time zone': 'time',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time with time zone': 'timetz',
}

const LENGTH_MAX = 10_485_760
const VECTOR_LENGTH_MAX = 16_000
const NUMERIC_PRECISION_MAX = 1000
const FRACTION_DIGITS_MAX = 6

const SYNTAX =
  /^([a-z][a-z0-9]*(?: [a-z]+)*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?((?: [a-z]+)*)\s*(\[\])?$/

/**
 * The type that `text` names, in PostgreSQL's words: `varchar(20)`, `double precision`, `numeric(10,2)`, `int4[]`.
 * @throws SCHEMA_INVALID naming the nearest type.
 */
export function parseColumnType(text: unknown): ColumnType {
  const match = typeof text === 'string' ? SYNTAX.exec(text.trim().toLowerCase().replace(/\s+/g, ' ')) : null
  if (match === null) throw invalid(text, `a type is written like ${examples}`)
  const name = `${match[1] ?? ''}${match[4] ?? ''}`
  const base = ALIASES[name] ?? name
  if (!isBaseType(base)) {
    const hint = /serial$/.test(name)
      ? '; use an integer type with `identity`'
      : didYouMean(name, [...BASE_TYPES, ...Object.keys(ALIASES)])
    throw invalid(text, `there is no type "${name}"${hint}`)
  }
  const values = [match[2], match[3]].filter((value) => value !== undefined).map(Number)
  const type = withArguments(text, base, values)
  if (match[5] === undefined) return type
  return { ...type, array: true }
}

/** The canonical name, which `parseColumnType` takes back. */
export function formatColumnType(type: ColumnType): string {
  const { base, length, precision, scale, typeId } = type
  const values = [typeId, length, precision, scale].filter((value) => value !== undefined)
  return `${base}${values.length === 0 ? '' : `(${values.join(',')})`}${type.array === true ? '[]' : ''}`
}

/** True when values can be put in order and so be part of a key. */
export function isSortable(type: ColumnType): boolean {
  return type.array !== true && !UNSORTABLE.has(type.base)
}

const UNSORTABLE: ReadonlySet<BaseType> = new Set<BaseType>([
  ...(['json', 'jsonb', 'vector', 'composite'] as const),
  ...(['int4range', 'numrange', 'tsrange', 'tstzrange', 'daterange', 'int8range'] as const),
  ...([
    'int4multirange',
    'nummultirange',
    'tsmultirange',
    'tstzmultirange',
    'datemultirange',
    'int8multirange',
  ] as const),
])

export function isInteger(type: ColumnType): boolean {
  return type.array !== true && (type.base === 'int2' || type.base === 'int4' || type.base === 'int8')
}

const examples = 'int4, varchar(20), numeric(10,2), text[]'

function isBaseType(name: string): name is BaseType {
  return [...BASE_TYPES, ...USER_TYPES].some((base) => base === name)
}

function withArguments(text: unknown, base: BaseType, values: readonly number[]): ColumnType {
  const [first, second] = values
  switch (base) {
    case 'varchar':
    case 'char': {
      requireCount(text, values, 1)
      if (first === undefined) return base === 'char' ? { base, length: 1 } : { base }
      return { base, length: within(text, 'length', first, 1, LENGTH_MAX) }
    }
    case 'numeric': {
      requireCount(text, values, 2)
      if (first === undefined) return { base }
      const precision = within(text, 'precision', first, 1, NUMERIC_PRECISION_MAX)
      return { base, precision, scale: within(text, 'scale', second ?? 0, 0, precision) }
    }
    case 'vector':
      requireCount(text, values, 1)
      return first === undefined
        ? { base }
        : { base, length: within(text, 'length', first, 1, VECTOR_LENGTH_MAX) }
    case 'enum':
    case 'composite':
      if (values.length !== 1 || first === undefined) throw invalid(text, 'it takes the id of a type')
      return { base, typeId: first }
    case 'interval':
    case 'timetz':
      requireCount(text, values, 1)
      return first === undefined
        ? { base }
        : { base, precision: within(text, 'precision', first, 0, FRACTION_DIGITS_MAX) }
    case 'timestamp':
    case 'timestamptz':
    case 'time': {
      requireCount(text, values, 1)
      return {
        base,
        precision: within(text, 'precision', first ?? FRACTION_DIGITS_MAX, 0, FRACTION_DIGITS_MAX),
      }
    }
    default:
      requireCount(text, values, 0)
      return { base }
  }
}

function requireCount(text: unknown, values: readonly number[], max: number): void {
  if (values.length > max)
    throw invalid(text, max === 0 ? 'it takes no arguments' : `it takes at most ${max} argument(s)`)
}

function within(text: unknown, what: string, value: number, min: number, max: number): number {
  if (value < min || value > max) throw invalid(text, `the ${what} must be from ${min} to ${max}`)
  return value
}

function invalid(text: unknown, reason: string): OrbitError {
  const shown = typeof text === 'string' ? JSON.stringify(text) : typeof text
  return new OrbitError('SCHEMA_INVALID', `type ${shown}: ${reason}`, { type: text })
}
