/** Types as `information_schema` describes them. */
import type { DataType, ScalarType } from '../../../../../scalar/data-type.js'
import type { LoadedCatalog } from '../../snapshot.js'
import type { SystemRow } from '../system-relation.js'

const FIRST_OWN_OID = 16_384

export function schemaOfType(catalog: LoadedCatalog, { oid }: ScalarType): string {
  if (oid < FIRST_OWN_OID) return 'pg_catalog'
  for (const { type, array, schema } of catalog.types.all())
    if (type.oid === oid || array.oid === oid) return schema
  return 'pg_catalog'
}

/** The type of a column or of a domain's values, with its length or precision. */
export function describedType(catalog: LoadedCatalog, type: DataType, database: string): SystemRow {
  const { scalar } = type
  return {
    data_type:
      scalar.element !== undefined
        ? 'ARRAY'
        : scalar.oid >= FIRST_OWN_OID
          ? 'USER-DEFINED'
          : scalar.displayName,
    ...sizes(type),
    udt_catalog: database,
    udt_schema: schemaOfType(catalog, scalar),
    udt_name: scalar.name,
  }
}

const HEADER = 4
/** An interval whose fields alone are limited. */
const FULL_PRECISION = 0xffff
export const INTEGER_BITS: Readonly<Record<string, number>> = { int2: 16, int4: 32, int8: 64 }
const FLOAT_BITS: Readonly<Record<string, number>> = { float4: 24, float8: 53 }

/** Lengths and precisions, as the modifier says them. */
function sizes({ scalar: { name }, modifier }: DataType): SystemRow {
  if (name === 'varchar' || name === 'bpchar') {
    const length = modifier < 0 ? null : modifier - HEADER
    return {
      character_maximum_length: length,
      character_octet_length: length === null ? 1_073_741_824 : length * 4,
    }
  }
  if (name === 'bit' || name === 'varbit') return { character_maximum_length: modifier < 0 ? null : modifier }
  if (name === 'text') return { character_octet_length: 1_073_741_824 }
  const integer = INTEGER_BITS[name]
  if (integer !== undefined)
    return { numeric_precision: integer, numeric_precision_radix: 2, numeric_scale: 0 }
  const float = FLOAT_BITS[name]
  if (float !== undefined) return { numeric_precision: float, numeric_precision_radix: 2 }
  if (name === 'numeric') {
    if (modifier < 0) return { numeric_precision_radix: 10 }
    const packed = modifier - HEADER
    return { numeric_precision: packed >> 16, numeric_precision_radix: 10, numeric_scale: packed & 0x7ff }
  }
  if (name === 'date') return { datetime_precision: 0 }
  if (/^(time|timestamp|interval)/.test(name)) {
    const precision = modifier & FULL_PRECISION
    return { datetime_precision: modifier < 0 || precision === FULL_PRECISION ? 6 : precision }
  }
  return {}
}
