import { defined } from '@orbit-ts/base'
import type { SortKey } from '../../../plan/expression.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Scope } from '../../expression/scope.js'
import { compileRowOrder, type CompareRows, type RowKey } from '../../rows/compare-rows.js'
import type { Operator } from '../../run.js'
import { compileExtended } from '../extend.js'

/** An order as positions in rows; rows have computed keys added behind their own values. */
export interface CompiledSortKeys {
  readonly operator: Operator
  readonly scope: Scope
  readonly keys: readonly RowKey[]
  readonly compare: CompareRows
}

/** Keys that are columns are compared where they are; others are computed once for each row, not for each comparison. */
export function compileSortKeys(
  input: Operator,
  scope: Scope,
  sortKeys: readonly SortKey[],
  compiler: Compiler,
): CompiledSortKeys {
  const extended = compileExtended(
    input,
    scope,
    sortKeys.map((key) => key.expression),
    (expression) => expression.kind !== 'column' || !scope.positions.has(expression.column),
    compiler,
  )
  const keys = sortKeys.map((key, at) => {
    const expression = defined(extended.expressions[at], 'an expression for each key')
    const position =
      expression.kind === 'column' ? extended.scope.positions.get(expression.column) : undefined
    return {
      position: defined(position, 'the position of a key'),
      type: expression.type,
      isDescending: key.isDescending,
      nullsFirst: key.nullsFirst,
    }
  })
  return { operator: extended.operator, scope: extended.scope, keys, compare: compileRowOrder(keys) }
}
