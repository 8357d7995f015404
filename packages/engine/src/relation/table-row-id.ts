/** Which row of a table: its key in the store, and what was stored there when it was read. Opaque above the relation. */
import { assert } from '@orbit-ts/base'
import { RecordValue, type RecordField } from '../scalar/record-value.js'
import type { RowId } from './relation.js'

const NO_FIELDS: readonly RecordField[] = []

export function tableRowId(key: Uint8Array, stored: Uint8Array): RowId {
  return new RecordValue(NO_FIELDS, [key, stored])
}

export function keyOfRow(id: RowId): Uint8Array {
  return bytesAt(id, 0)
}

export function storedOfRow(id: RowId): Uint8Array {
  return bytesAt(id, 1)
}

function bytesAt(id: RowId, index: number): Uint8Array {
  const bytes = id instanceof RecordValue ? id.values[index] : undefined
  assert(bytes instanceof Uint8Array, 'the identity of a row of a table')
  return bytes
}
