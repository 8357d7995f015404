import type { Distinct, SetOperation } from '../../../plan/physical-plan.js'
import { DistinctFilter } from '../../rows/distinct-filter.js'
import { compileRowKey } from '../../rows/hash-key.js'
import type { Operator } from '../../run.js'

/** Each row once, in no order, within the memory of the plan's node. */
export function hashDistinct(plan: Distinct | SetOperation, input: Operator): Operator {
  const keyOf = compileRowKey(plan.columns.map((column) => column.type))
  return async function* distinct(run) {
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
