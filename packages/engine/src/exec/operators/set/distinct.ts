import type { Distinct } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { scopeOf } from '../../expression/scope.js'
import { compileRowKey } from '../../rows/hash-key.js'
import { DistinctFilter } from '../../rows/distinct-filter.js'
import type { Operator } from '../../run.js'
import { truncated } from '../extend.js'
import { compileSortKeys } from '../sort/sort-keys.js'

export function compileDistinctRows(plan: Distinct, compiler: Compiler): Operator {
  return plan.strategy === 'hash' && plan.on === undefined
    ? compileHashDistinct(plan, compiler)
    : compileSortedDistinct(plan, compiler)
}

function compileHashDistinct(plan: Distinct, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const keyOf = compileRowKey(plan.input.columns.map((column) => column.type))
  return async function* hashDistinct(run) {
    const account = run.account(plan)
    const filter = new DistinctFilter(run, account, keyOf)
    try {
      for await (const batch of input(run)) {
        const rows = await filter.add(batch)
        if (rows.length > 0) yield rows
      }
      yield* filter.rest()
    } finally {
      filter.close()
      account.close()
    }
  }
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
