import { decodeArray, encodeArray } from '../array/array-binary.js'
import { formatArray } from '../array/format-array.js'
import { parseArray } from '../array/parse-array.js'
import { SqlArray, type ArrayDimension } from '../array/sql-array.js'
import type { Collation, ScalarType } from '../data-type.js'
import type { Value } from '../value.js'
import { defineType, type TypeDefinition } from './define-type.js'

export interface ArrayTypeOptions {
  readonly oid: number
  /** Default: `_` and the element's name. */
  readonly name?: string
}

/** The type of arrays, of any number of dimensions, of a type. */
export function makeArrayType(element: ScalarType, { oid, name }: ArrayTypeOptions): ScalarType {
  return defineType<SqlArray>({
    oid,
    name: name ?? `_${element.name}`,
    displayName: `${element.displayName}[]`,
    // Arrays of records are a pseudo-type, as records are.
    category: element.category === 'P' && element.name === 'record' ? 'P' : 'A',
    isCollatable: element.isCollatable,
    element,
    parse: (text, modifier, context) =>
      parseArray(text, ',', (item) => element.parse(item, modifier, context)),
    format: (value, context) => formatArray(value, ',', (item) => element.format(item, context)),
    encode: (writer, value, context) => encodeArray(writer, value, element, context),
    decode: (bytes, modifier, context) => decodeArray(bytes, element, modifier, context),
    compare: arrayOrder(element),
    hashKey: arrayHash(element),
    ...modifiersOf(element),
  })
}

/** By elements (null last), then their number, then the dimensions. */
export function arrayOrder(element: ScalarType): TypeDefinition<SqlArray>['compare'] {
  const compare = element.compare
  if (compare === undefined) return undefined
  return (a, b, collation) =>
    compareElements(a.elements, b.elements, compare, collation) ||
    a.elements.length - b.elements.length ||
    compareDimensions(a.dimensions, b.dimensions)
}

function compareElements(
  a: readonly Value[],
  b: readonly Value[],
  compare: NonNullable<ScalarType['compare']>,
  collation: Collation | undefined,
): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a[i] ?? null
    const y = b[i] ?? null
    if (x === null || y === null) {
      if (x === y) continue
      return x === null ? 1 : -1
    }
    const order = compare(x, y, collation)
    if (order !== 0) return order
  }
  return 0
}

function compareDimensions(a: readonly ArrayDimension[], b: readonly ArrayDimension[]): number {
  if (a.length !== b.length) return a.length - b.length
  for (const [index, dimension] of a.entries()) {
    const order = dimension.length - (b[index]?.length ?? 0)
    if (order !== 0) return order
  }
  for (const [index, dimension] of a.entries()) {
    const order = dimension.lower - (b[index]?.lower ?? 0)
    if (order !== 0) return order
  }
  return 0
}

export function arrayHash(element: ScalarType): TypeDefinition<SqlArray>['hashKey'] {
  const hashKey = element.hashKey
  if (hashKey === undefined) return undefined
  return ({ elements, dimensions }) => {
    let key = ''
    for (const { length, lower } of dimensions) key += `${length}:${lower},`
    for (const value of elements) key += keyPart(value === null ? null : hashKey(value))
    return key
  }
}

/** Keys one after another, each so that where it ends can be told. */
export function keyPart(key: string | number | bigint | boolean | null): string {
  if (typeof key === 'string') return `"${key.length}:${key}`
  // Minus zero is zero.
  return key === 0 ? '0;' : `${String(key)};`
}

function modifiersOf(
  element: ScalarType,
): Pick<TypeDefinition<SqlArray>, 'applyModifier' | 'makeModifier' | 'formatModifier'> {
  if (element.applyModifier === undefined) return {}
  return {
    applyModifier: (value, modifier, isExplicit) => {
      if (modifier < 0) return value
      const elements = value.elements.map((item) =>
        item === null ? null : (element.applyModifier?.(item, modifier, isExplicit) ?? null),
      )
      return new SqlArray(elements, value.dimensions)
    },
    makeModifier: (values) => element.makeModifier?.(values) ?? -1,
    formatModifier: (modifier) => element.formatModifier?.(modifier) ?? '',
  }
}
