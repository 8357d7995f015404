import type { DataType } from '../../scalar/data-type.js'
import { makeArrayType } from '../../scalar/types/array-type.js'

/** The type of arrays of a type. */
export function systemArrayOf(element: DataType): DataType {
  return {
    scalar: makeArrayType(element.scalar, {
      oid: element.scalar.oid + 50_000,
      name: `_${element.scalar.name}`,
    }),
    modifier: -1,
  }
}
