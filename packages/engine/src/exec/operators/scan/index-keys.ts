import { defined } from '@orbit-ts/base'
import type { DataType } from '../../../scalar/data-type.js'
import { indexNamed, type Relation, type RelationIndex } from '../../../relation/relation.js'
import type { RowKey } from '../../rows/compare-rows.js'

export function indexOf(relation: Relation, name: string): RelationIndex {
  return defined(indexNamed(relation, name), `the index ${name} of ${relation.name}`)
}

/** The order of an index, over rows of its keys' values. */
export function indexOrder(relation: Relation, index: RelationIndex): RowKey[] {
  return index.keys.map(({ key, isDescending, nullsFirst }, position) => ({
    position,
    type: typeof key === 'number' ? columnType(relation, key) : key.type,
    isDescending,
    nullsFirst,
  }))
}

function columnType(relation: Relation, ordinal: number): DataType {
  return defined(relation.columns[ordinal], `column ${ordinal} of ${relation.name}`).type
}
