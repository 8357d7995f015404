import { defined } from '@orbit-ts/base'
import { formatColumnType, type ColumnType } from '../../../../models/relational/types/column-type.js'
import type {
  ColumnDefinition,
  DomainDefinition,
} from '../../../../models/relational/schema/table-definition.js'
import { queryError, unsupported } from '../../../../scalar/condition.js'
import type { DataType, Domain, ScalarType } from '../../../../scalar/data-type.js'
import { objectIdOf } from '../../catalog/oids.js'
import type { LoadedCatalog } from '../../catalog/snapshot.js'

type StoredType = Pick<ColumnDefinition, 'type' | 'modifier' | 'labels' | 'collation' | 'domain'>

/** Types whose values are stored under another name than `typname`. */
const STORED_NAMES: Readonly<Record<string, ColumnType['base']>> = {
  bool: 'bool',
  int2: 'int2',
  int4: 'int4',
  int8: 'int8',
  float4: 'float4',
  float8: 'float8',
  numeric: 'numeric',
  text: 'text',
  varchar: 'varchar',
  bpchar: 'bpchar',
  bytea: 'bytea',
  date: 'date',
  time: 'time',
  timetz: 'timetz',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  interval: 'interval',
  uuid: 'uuid',
  json: 'json',
  jsonb: 'jsonb',
  name: 'name',
  oid: 'oid',
  regclass: 'regclass',
  regtype: 'regtype',
  regproc: 'regproc',
  regnamespace: 'regnamespace',
  regrole: 'regrole',
  vector: 'vector',
  bit: 'bit',
  varbit: 'varbit',
  inet: 'inet',
  cidr: 'cidr',
  macaddr: 'macaddr',
  macaddr8: 'macaddr8',
  money: 'money',
  int4range: 'int4range',
  numrange: 'numrange',
  tsrange: 'tsrange',
  tstzrange: 'tstzrange',
  daterange: 'daterange',
  int8range: 'int8range',
  int4multirange: 'int4multirange',
  nummultirange: 'nummultirange',
  tsmultirange: 'tsmultirange',
  tstzmultirange: 'tstzmultirange',
  datemultirange: 'datemultirange',
  int8multirange: 'int8multirange',
}

/** What a column's definition says of its type. @throws feature_not_supported, invalid_table_definition */
export function storedColumnType(catalog: LoadedCatalog, column: string, type: DataType): StoredType {
  const element = type.scalar.element ?? type.scalar
  const base = elementType(catalog, column, element, type.modifier)
  const isArray = type.scalar.element !== undefined
  const labels = labelsOf(catalog, element)
  return {
    type: formatColumnType(isArray ? { ...base, array: true } : base),
    modifier: type.modifier,
    ...(labels === undefined ? {} : { labels }),
    ...(type.collation === undefined || type.collation.name === 'default'
      ? {}
      : { collation: type.collation.name }),
    ...(type.domain === undefined ? {} : { domain: domainDefinition(type.domain) }),
  }
}

/** What columns keep of a domain. */
export function domainDefinition({
  oid,
  displayName,
  isNotNull,
  checks,
  default: sql,
}: Domain): DomainDefinition {
  return {
    id: defined(objectIdOf(oid), 'the id of the domain'),
    name: displayName,
    ...(isNotNull ? { notNull: true as const } : {}),
    checks,
    ...(sql === undefined ? {} : { default: { sql } }),
  }
}

function elementType(
  catalog: LoadedCatalog,
  column: string,
  scalar: ScalarType,
  modifier: number,
): ColumnType {
  if (scalar.category === 'P')
    throw queryError('invalid_table_definition', `column "${column}" has pseudo-type ${scalar.displayName}`)
  const id = objectIdOf(scalar.oid)
  const record = id === undefined ? undefined : catalog.typeRecords.find((each) => each.id === id)
  const kind = record?.value.form.kind
  if (kind === 'domain') throw unsupported(`an array of the domain ${scalar.displayName}`)
  if (record !== undefined && kind !== undefined) return { base: kind, typeId: record.id }
  const base = STORED_NAMES[scalar.name]
  if (base === undefined || catalog.registry.typeByName(scalar.name)?.oid !== scalar.oid)
    throw unsupported(`a column of type ${scalar.displayName}`)
  const values = modifierValues(scalar, modifier)
  switch (base) {
    case 'varchar':
    case 'vector':
      return values[0] === undefined ? { base } : { base, length: values[0] }
    case 'bpchar':
      return values[0] === undefined ? { base } : { base: 'char', length: values[0] }
    case 'numeric':
      return numericType(values)
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { base, precision: values[0] ?? 6 }
    default:
      return { base }
  }
}

/** Precisions and scales beyond the fixed layout are kept as text, and looked after by the modifier. */
function numericType([precision, scale = 0]: readonly number[]): ColumnType {
  if (precision === undefined || scale < 0 || scale > precision) return { base: 'numeric' }
  return { base: 'numeric', precision, scale }
}

/** `numeric(10,2)` → 10, 2. */
function modifierValues(scalar: ScalarType, modifier: number): number[] {
  if (modifier < 0) return []
  const text = scalar.formatModifier?.(modifier) ?? ''
  const inside = /\(([^)]*)\)/.exec(text)?.[1]
  return inside === undefined ? [] : inside.split(',').map(Number)
}

function labelsOf(catalog: LoadedCatalog, { oid }: ScalarType): ColumnDefinition['labels'] {
  const id = objectIdOf(oid)
  const form = catalog.typeRecords.find((record) => record.id === id)?.value.form
  return form?.kind === 'enum' ? form.labels : undefined
}
