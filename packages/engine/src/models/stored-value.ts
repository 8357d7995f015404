import { parseKey } from '@orbit-ts/storage'
import type { CatalogObject } from '../catalog/catalog-object.js'
import { decodeRecord } from '../record/record-codec.js'
import { decodeVectorRecord } from '../record/vector-record.js'
import { TableLayout } from './relational/layout/table-layout.js'
import { rowShape } from './relational/read/row-shape.js'
import { rowDecoder } from './relational/read/table-reader.js'
import type { TableDefinition } from './relational/schema/table-definition.js'
import { decodePoint } from './timeseries/point-codec.js'
import type { SeriesDefinition } from './timeseries/series-input.js'

/**
 * What a stored record holds, for people who look at raw keys: rows and points by the names of their columns and
 * fields, everything else as it lies in its record. Undefined for keys that hold no record (indexes, statistics…).
 * @param object what the key belongs to; the kind says which model wrote the definition
 * @throws STORAGE_CORRUPT, RECORD_VERSION_UNSUPPORTED
 */
export function storedValue(object: CatalogObject, key: Uint8Array, value: Uint8Array): unknown {
  const parsed = parseKey(key)
  switch (`${parsed.model}/${parsed.kind}`) {
    case 'relational/row': {
      if (parsed.model !== 'relational' || parsed.kind !== 'row') return undefined
      const layout = TableLayout.of(object as CatalogObject<TableDefinition>)
      return rowShape(layout)(rowDecoder(layout)(parsed.handle, value, key))
    }
    case 'timeseries/point': {
      const { fields } = object.definition as SeriesDefinition
      return decodePoint(new Map(fields.map((field) => [field.id, field])), value)
    }
    case 'vector/record': {
      const { vector, attributes } = decodeVectorRecord(value, key)
      return { vector, metadata: attributes ?? {} }
    }
    case 'document/record':
    case 'graph/node':
    case 'graph/edge':
      return decodeRecord(value, key).value
    default:
      return undefined
  }
}
