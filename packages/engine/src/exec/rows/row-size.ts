/** Roughly how much memory rows take: the parts that do not depend on the row are worked out once. */
import type { DataType } from '../../scalar/data-type.js'
import type { Row } from '../../scalar/value.js'
import { sizeOfValue } from '../../scalar/value-size.js'

/** An array object and its elements' header. */
const ROW_BYTES = 48
const SLOT_BYTES = 8
/** A number that is not a small integer is an object. */
const NUMBER_BYTES = 12
const LARGEST_FIXED = 16

export type SizeOf = (row: Row) => number

export function compileRowSize(types: readonly DataType[]): SizeOf {
  let fixed = ROW_BYTES
  const variable: number[] = []
  types.forEach(({ scalar }, position) => {
    fixed += SLOT_BYTES
    if (scalar.length > 0 && scalar.length < LARGEST_FIXED) fixed += scalar.length < 4 ? 0 : NUMBER_BYTES
    else variable.push(position)
  })
  if (variable.length === 0) return () => fixed
  return (row) => {
    let bytes = fixed
    for (const position of variable) bytes += sizeOfValue(row[position] ?? null)
    return bytes
  }
}
