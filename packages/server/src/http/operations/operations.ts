import { OrbitError, didYouMean } from '@orbit-ts/base'
import { OBJECT_KINDS, type ObjectKind } from '@orbit-ts/engine'
import { collectionOperations } from './collection-operations.js'
import { graphOperations } from './graph-operations.js'
import type { Operation } from './operation.js'
import { seriesOperations } from './series-operations.js'
import { tableOperations } from './table-operations.js'
import { vectorOperations } from './vector-operations.js'

/** Every operation by the kind of object and its name. */
export const OPERATIONS: Readonly<Record<ObjectKind, Readonly<Record<string, Operation>>>> = {
  table: tableOperations,
  collection: collectionOperations,
  graph: graphOperations,
  vectors: vectorOperations,
  series: seriesOperations,
}

/** @throws INVALID_ARGUMENT naming the nearest kind or operation */
export function requireOperation(kind: string, name: string): Operation {
  if (!isKind(kind)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `kind: ${JSON.stringify(kind)} is not one of ${OBJECT_KINDS.join(', ')}${didYouMean(kind, OBJECT_KINDS)}`,
      { field: 'kind' },
    )
  }
  const operations = OPERATIONS[kind]
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
  if (operation !== undefined) return operation
  const names = Object.keys(operations)
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `op: ${JSON.stringify(name)} is no operation of ${kind}${didYouMean(name, names) || `; there are ${names.join(', ')}`}`,
    { field: 'op' },
  )
}

export function isKind(kind: string): kind is ObjectKind {
  return (OBJECT_KINDS as readonly string[]).includes(kind)
}
