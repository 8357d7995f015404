import { OrbitError, didYouMean } from '@orbit-ts/base'
import { describe, isPlainObject } from '../../filter/filter-tree.js'
import { toJsonValue, type JsonValue } from '../../record/json-value.js'
import type { PatchOperation } from './collection.js'
import { parsePointer } from './json-pointer.js'

/** Operations in one patch. */
export const PATCH_OPERATIONS_MAX = 1000

type Keys = readonly string[]

/** An operation, checked, with its pointers taken apart. `where` is its place in the patch, for messages. */
export type CheckedOperation = { readonly where: string; readonly keys: Keys } & (
  | { readonly op: 'add' | 'replace' | 'test'; readonly value: JsonValue }
  | { readonly op: 'remove' }
  | { readonly op: 'move' | 'copy'; readonly fromKeys: Keys }
)

const OPERATIONS: readonly PatchOperation['op'][] = ['add', 'remove', 'replace', 'move', 'copy', 'test']

/** @throws INVALID_ARGUMENT naming the operation and what is wrong with it, LIMIT_EXCEEDED */
export function checkOperations(given: unknown): CheckedOperation[] {
  if (!Array.isArray(given))
    throw refused('patch', `is ${describe(given)}; it must be an array of operations`)
  if (given.length > PATCH_OPERATIONS_MAX) {
    throw new OrbitError(
      'LIMIT_EXCEEDED',
      `patch has ${given.length} operations; at most ${PATCH_OPERATIONS_MAX} are accepted`,
      { limit: PATCH_OPERATIONS_MAX },
    )
  }
  return given.map((operation: unknown, i) => checkOperation(operation, `patch[${i}]`))
}

function checkOperation(given: unknown, where: string): CheckedOperation {
  if (!isPlainObject(given)) throw refused(where, `is ${describe(given)}; it must be an object`)
  const op = OPERATIONS.find((known) => known === given['op'])
  const common = { where, keys: keysOf(given, 'path', where) }
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { ...common, op, value: valueOf(given, where) }
    case 'remove':
      return { ...common, op }
    case 'move':
    case 'copy':
      return { ...common, op, fromKeys: keysOf(given, 'from', where) }
    case undefined: {
      const name = given['op']
      const hint = typeof name === 'string' ? didYouMean(name, OPERATIONS) : ''
      throw refused(`${where}.op`, `is ${describe(name)}; it must be one of ${OPERATIONS.join(', ')}${hint}`)
    }
  }
}

function valueOf(operation: Readonly<Record<string, unknown>>, where: string): JsonValue {
  const { value } = operation
  if (value === undefined) throw refused(`${where}.value`, 'is missing')
  return toJsonValue(value, `${where}.value`)
}

function keysOf(operation: Readonly<Record<string, unknown>>, name: 'path' | 'from', where: string): Keys {
  const text = operation[name]
  if (typeof text !== 'string') {
    throw refused(`${where}.${name}`, `is ${describe(text)}; it must be a JSON pointer such as "/cast/0"`)
  }
  const parsed = parsePointer(text)
  if ('problem' in parsed) throw refused(`${where}.${name}`, parsed.problem)
  return parsed.keys
}

export function refused(where: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${where} ${reason}`, { path: where })
}
