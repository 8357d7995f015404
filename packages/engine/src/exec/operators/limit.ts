import { queryError } from '../../scalar/condition.js'
import type { Limit } from '../../plan/physical-plan.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { compileCount } from '../expression/count.js'
import { scopeOf } from '../expression/scope.js'
import type { Operator } from '../run.js'
import { truncated } from './extend.js'
import { compileSortKeys } from './sort/sort-keys.js'

export function compileLimit(plan: Limit, compiler: Compiler): Operator {
  const limitOf = compileCount(plan.limit, compiler)
  const offsetOf = compileCount(plan.offset, compiler)
  const source = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  const ties =
    plan.withTies === undefined ? undefined : compileSortKeys(source, scope, plan.withTies, compiler)
  const input = ties?.operator ?? source

  const limited: Operator = async function* limited(run) {
    const limit = (await limitOf(run)) ?? Infinity
    const offset = (await offsetOf(run)) ?? 0
    if (limit < 0) throw queryError('invalid_row_count_in_limit_clause', 'LIMIT must not be negative')
    if (offset < 0)
      throw queryError('invalid_row_count_in_result_offset_clause', 'OFFSET must not be negative')
    if (limit === 0) return
    let toSkip = offset
    let left = limit
    let last: Row | undefined
    for await (const batch of input(run)) {
      if (toSkip >= batch.length) {
        toSkip -= batch.length
        continue
      }
      const rest = toSkip === 0 ? batch : batch.slice(toSkip)
      toSkip = 0
      const rows = left >= rest.length ? rest : rest.slice(0, left)
      if (rows.length > 0) {
        left -= rows.length
        last = rows.at(-1)
        yield rows
      }
      if (left > 0) continue
      if (ties === undefined || last === undefined) return
      const tied = equalTo(last, rest.slice(rows.length), ties.compare)
      if (tied.length > 0) yield tied
      if (rows.length + tied.length < rest.length) return
    }
  }
  return input === source ? limited : truncated(limited, scope.width)
}

/** The first of the rows, as far as they are equal to another by an order. */
function equalTo(last: Row, rows: readonly Row[], compare: (a: Row, b: Row) => number): Row[] {
  const end = rows.findIndex((row) => compare(last, row) !== 0)
  return end === -1 ? rows.slice() : rows.slice(0, end)
}
