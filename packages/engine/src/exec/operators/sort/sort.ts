import type { Sort } from '../../../plan/physical-plan.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCount } from '../../expression/count.js'
import { scopeOf } from '../../expression/scope.js'
import type { CompareRows } from '../../rows/compare-rows.js'
import { compileRowOrder } from '../../rows/compare-rows.js'
import { ExternalSorter } from '../../rows/external-sorter.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Operator } from '../../run.js'
import { truncated } from '../extend.js'
import { compilePresorted } from './presorted.js'
import { compileSortKeys, type CompiledSortKeys } from './sort-keys.js'
import { TOP_ROWS_MAX, topRows } from './top-rows.js'

export function compileSort(plan: Sort, compiler: Compiler): Operator {
  const scope = scopeOf(plan.input.columns)
  const source = compiler.operator(plan.input)
  const keys = compileSortKeys(source, scope, plan.keys, compiler)
  const sizeOf = compileRowSize([
    ...plan.input.columns.map((column) => column.type),
    ...keys.keys.filter((key) => key.position >= scope.width).map((key) => key.type),
  ])
  const limitOf = compileCount(plan.limit, compiler)
  const whole = compileWhole(plan, keys, sizeOf)
  const operator: Operator = async function* sort(run) {
    const limit = await limitOf(run)
    const isTop = limit !== undefined && limit <= TOP_ROWS_MAX && plan.presorted === 0
    if (!isTop) yield* whole(run)
    else yield* topRows(keys.operator(run), limit, keys.compare, sizeOf, run.account(plan), run)
  }
  return keys.operator === source ? operator : truncated(operator, scope.width)
}

function compileWhole(plan: Sort, keys: CompiledSortKeys, sizeOf: SizeOf): Operator {
  if (plan.presorted === 0) return sortAll(plan, keys.operator, keys.compare, sizeOf)
  const isSameGroup = compileRowOrder(keys.keys.slice(0, plan.presorted))
  const rest = compileRowOrder(keys.keys.slice(plan.presorted))
  return compilePresorted(plan, keys.operator, isSameGroup, rest, sizeOf)
}

function sortAll(plan: Sort, input: Operator, compare: CompareRows, sizeOf: SizeOf): Operator {
  return async function* sorted(run) {
    const sorter = new ExternalSorter(run, run.account(plan), compare, sizeOf)
    try {
      for await (const batch of input(run)) await sorter.add(batch)
      yield* sorter.sorted()
    } finally {
      sorter.clear()
    }
  }
}
