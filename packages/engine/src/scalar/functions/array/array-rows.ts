import { defined } from '@orbit-ts/base'
import type { SqlArray } from '../../array/sql-array.js'
import type { Row } from '../../value.js'
import { int4 } from '../../types/integer-types.js'
import { table } from '../define/table-function.js'
import type { TableFunction } from '../function.js'

function* unnest(_: unknown, array: SqlArray): Iterable<Row> {
  for (const element of array.elements) yield [element]
}

function* subscripts(_: unknown, array: SqlArray, number: number, isReversed = false): Iterable<Row> {
  const dimension = array.dimensions[number - 1]
  if (dimension === undefined) return
  const { lower, length } = dimension
  for (let index = 0; index < length; index++) yield [isReversed ? lower + length - 1 - index : lower + index]
}

/** Of the information schema: each element with its subscript, counted from 1. */
function* expandArray(_: unknown, { elements }: SqlArray): Iterable<Row> {
  for (const [index, element] of elements.entries()) yield [element, index + 1]
}

export const arrayRows: readonly TableFunction[] = [
  table('2331 unnest(anyarray) anyelement', unnest, {
    columns: ([array]) => {
      const scalar = defined(array?.scalar.element, 'the type of elements')
      return [{ name: 'unnest', type: { ...array, scalar, modifier: array?.modifier ?? -1 } }]
    },
  }),
  table('13111 _pg_expandarray(anyarray) record', expandArray, {
    columns: ([array]) => [
      {
        name: 'x',
        type: { ...array, scalar: defined(array?.scalar.element, 'the type of elements'), modifier: -1 },
      },
      { name: 'n', type: { scalar: int4, modifier: -1 } },
    ],
  }),
  table('1192 generate_subscripts(anyarray,int4) int4', subscripts),
  table('1191 generate_subscripts(anyarray,int4,bool) int4', subscripts),
]
