/** `int2vector` and `oidvector` of catalog tables: lists of numbers, counted from 0, with spaces between. */
import { decodeArray, encodeArray } from '../array/array-binary.js'
import { SqlArray } from '../array/sql-array.js'
import type { ScalarType } from '../data-type.js'
import { arrayHash, arrayOrder } from './array-type.js'
import { defineType } from './define-type.js'
import { int2 } from './integer-types.js'
import { oid } from './oid-types.js'

function listType(typeOid: number, name: string, element: ScalarType): ScalarType {
  return defineType<SqlArray>({
    oid: typeOid,
    name,
    category: 'A',
    element,
    parse: (text, _, context) => {
      const items = text.split(/\s+/).filter((item) => item !== '')
      return numberList(items.map((item) => element.parse(item, -1, context)))
    },
    format: (value, context) =>
      value.elements.map((item) => (item === null ? '' : element.format(item, context))).join(' '),
    encode: (writer, value, context) => encodeArray(writer, value, element, context),
    decode: (bytes, _, context) => numberList(decodeArray(bytes, element, -1, context).elements),
    compare: arrayOrder(element),
    hashKey: arrayHash(element),
  })
}

/** A value of these types. An empty one has its dimension too. */
export function numberList(elements: SqlArray['elements']): SqlArray {
  return new SqlArray(elements, [{ length: elements.length, lower: 0 }])
}

export const int2vector = listType(22, 'int2vector', int2)
export const oidvector = listType(30, 'oidvector', oid)
