/** JSON patches (RFC 6902). */
import { OrbitError } from '@orbit-ts/base'
import { valuesEqual } from '../../filter/compare-values.js'
import { describe } from '../../filter/filter-tree.js'
import { JSON_DEPTH_MAX, type JsonValue } from '../../record/json-value.js'
import type { PatchOperation } from './collection.js'
import { arrayIndex, formatPointer } from './json-pointer.js'
import { checkOperations, refused, type CheckedOperation } from './patch-operations.js'

/** Values that the `copy` operations of one patch may copy in all: each of them can double a document. */
export const PATCH_COPIED_VALUES_MAX = 1_000_000

type Mutable = null | boolean | number | string | Mutable[] | { [field: string]: Mutable }
type Container = Mutable[] | { [field: string]: Mutable }
type Keys = readonly string[]

/**
 * The document after all operations. The one given is not changed.
 * @throws INVALID_ARGUMENT for a malformed operation or a path that leads nowhere, PRECONDITION_FAILED for a `test`
 * that fails, LIMIT_EXCEEDED
 */
export function applyPatch(document: JsonValue, operations: readonly PatchOperation[]): JsonValue {
  const patcher = new Patcher(document)
  for (const operation of checkOperations(operations)) patcher.apply(operation)
  return patcher.document
}

/** Owns the document and everything in it: nothing is shared, so it is changed in place. */
class Patcher {
  document: Mutable
  #copied = 0

  constructor(document: JsonValue) {
    this.document = clone(document)
  }

  apply(operation: CheckedOperation): void {
    const { keys, where } = operation
    switch (operation.op) {
      case 'add':
        return void this.#add(keys, clone(operation.value), where)
      case 'remove':
        this.#remove(keys, where)
        return
      case 'replace':
        return void this.#replace(keys, clone(operation.value), where)
      case 'move':
        return void this.#move(operation.fromKeys, keys, where)
      case 'copy':
        return void this.#add(keys, this.#copy(this.#find(operation.fromKeys, where), 0), where)
      case 'test':
        return void this.#test(keys, operation.value, where)
    }
  }

  #add(keys: Keys, value: Mutable, where: string): void {
    const last = keys.at(-1)
    if (last === undefined) {
      this.document = value
      return
    }
    const parent = this.#container(keys.slice(0, -1), where)
    if (!Array.isArray(parent)) setField(parent, last, value, where)
    else parent.splice(insertionPoint(parent, last, where), 0, value)
  }

  #replace(keys: Keys, value: Mutable, where: string): void {
    const last = keys.at(-1)
    this.#find(keys, where)
    if (last === undefined) {
      this.document = value
      return
    }
    const parent = this.#container(keys.slice(0, -1), where)
    if (Array.isArray(parent)) parent[Number(last)] = value
    else setField(parent, last, value, where)
  }

  #remove(keys: Keys, where: string): Mutable {
    const last = keys.at(-1)
    if (last === undefined) throw refused(where, 'removes the document itself; delete it instead')
    const value = this.#find(keys, where)
    const parent = this.#container(keys.slice(0, -1), where)
    if (Array.isArray(parent)) parent.splice(Number(last), 1)
    else Reflect.deleteProperty(parent, last)
    return value
  }

  #move(from: Keys, to: Keys, where: string): void {
    if (to.length > from.length && from.every((key, i) => key === to[i])) {
      throw refused(where, `moves "${formatPointer(from)}" into itself`)
    }
    if (formatPointer(from) === formatPointer(to)) this.#find(from, where)
    else this.#add(to, this.#remove(from, where), where)
  }

  #test(keys: Keys, value: JsonValue, where: string): void {
    const found = this.#find(keys, where)
    if (valuesEqual(found, value)) return
    const pointer = formatPointer(keys)
    throw new OrbitError(
      'PRECONDITION_FAILED',
      `${where}: the test failed, "${pointer}" is ${describe(found)}, which is not equal to ${describe(value)}`,
      { path: where, pointer },
    )
  }

  #find(keys: Keys, where: string): Mutable {
    let value = this.document
    for (const [i, key] of keys.entries()) {
      const member = isContainer(value) ? memberOf(value, key) : undefined
      if (member === undefined)
        throw refused(where, `names "${formatPointer(keys.slice(0, i + 1))}", which does not exist`)
      value = member
    }
    return value
  }

  #container(keys: Keys, where: string): Container {
    const value = this.#find(keys, where)
    if (isContainer(value)) return value
    throw refused(
      where,
      `goes into "${formatPointer(keys)}", which is ${describe(value)}, not an object or array`,
    )
  }

  #copy(value: JsonValue, depth: number): Mutable {
    if (++this.#copied > PATCH_COPIED_VALUES_MAX) throw tooMuch('copies more values', PATCH_COPIED_VALUES_MAX)
    if (depth > JSON_DEPTH_MAX) throw tooMuch('copies what is nested deeper', JSON_DEPTH_MAX)
    return mapMembers(value, (member) => this.#copy(member, depth + 1))
  }
}

function clone(value: JsonValue): Mutable {
  return mapMembers(value, clone)
}

function mapMembers(value: JsonValue, map: (member: JsonValue) => Mutable): Mutable {
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) return value.map(map)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member)]))
}

/** `Array.isArray` does not tell a readonly array from an object. */
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function isContainer(value: Mutable): value is Container {
  return typeof value === 'object' && value !== null
}

function memberOf(container: Container, key: string): Mutable | undefined {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined
  const index = arrayIndex(key)
  return index === undefined ? undefined : container[index]
}

function insertionPoint(array: readonly Mutable[], key: string, where: string): number {
  const at = key === '-' ? array.length : arrayIndex(key)
  if (at !== undefined && at <= array.length) return at
  throw refused(
    where,
    `adds at "${key}" of an array of ${array.length}; use 0 to ${array.length}, or "-" for its end`,
  )
}

function setField(object: { [field: string]: Mutable }, key: string, value: Mutable, where: string): void {
  if (key === '__proto__') throw refused(where, 'names a field "__proto__", which is reserved by JavaScript')
  object[key] = value
}

function tooMuch(what: string, limit: number): OrbitError {
  return new OrbitError('LIMIT_EXCEEDED', `patch ${what} than ${limit}`, { limit })
}
