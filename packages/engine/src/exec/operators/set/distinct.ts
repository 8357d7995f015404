import type { Distinct } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { scopeOf } from '../../expression/scope.js'
import type { Operator } from '../../run.js'
import { truncated } from '../extend.js'
import { compileSortKeys } from '../sort/sort-keys.js'
import { hashDistinct } from './hash-distinct.js'

export function compileDistinctRows(plan: Distinct, compiler: Compiler): Operator {
  return plan.strategy === 'hash' && plan.on === undefined
    ? hashDistinct(plan, compiler.operator(plan.input))
    : compileSortedDistinct(plan, compiler)
}

/** Equal rows come together: the first of them stays. */
function compileSortedDistinct(plan: Distinct, compiler: Compiler): Operator {
  const source = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  const expressions =
    plan.on ??
    plan.input.columns.map(({ id, name, type }) => ({ kind: 'column' as const, column: id, name, type }))
  const keys = compileSortKeys(
    source,
    scope,
    expressions.map((expression) => ({ expression, isDescending: false, nullsFirst: false })),
    compiler,
  )
  const operator: Operator = async function* sortedDistinct(run) {
    let last: Row | undefined
    for await (const batch of keys.operator(run)) {
      const rows: Row[] = []
      for (const row of batch) {
        if (last === undefined || keys.compare(last, row) !== 0) rows.push(row)
        last = row
      }
      if (rows.length > 0) yield rows
    }
  }
  return keys.operator === source ? operator : truncated(operator, scope.width)
}
