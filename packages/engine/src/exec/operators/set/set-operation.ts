import type { SetOperation } from '../../../plan/physical-plan.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileRowKey } from '../../rows/hash-key.js'
import type { Operator } from '../../run.js'
import { CountedRows, type PairOperation } from './counted-rows.js'
import { hashDistinct } from './hash-distinct.js'

export function compileSetOperation(plan: SetOperation, compiler: Compiler): Operator {
  const inputs = plan.inputs.map((input) => compiler.operator(input))
  if (plan.operation === 'append' || (plan.operation === 'union' && plan.isAll)) return append(inputs)
  return plan.operation === 'union' ? hashDistinct(plan, append(inputs)) : compilePairs(plan, inputs)
}

function append(inputs: readonly Operator[]): Operator {
  return async function* appended(run) {
    for (const input of inputs) yield* input(run)
  }
}

/** The first input with the second, what comes of it with the third, … */
function compilePairs(plan: SetOperation, inputs: readonly Operator[]): Operator {
  const keyOf = compileRowKey(plan.columns.map((column) => column.type))
  const operation: PairOperation = {
    keepsFound: plan.operation === 'intersect',
    isAll: plan.isAll,
    keyOf,
  }
  return inputs.reduce(
    (left, right): Operator =>
      async function* pair(run) {
        const account = run.account(plan)
        const counted = new CountedRows(operation, run, account)
        try {
          for await (const batch of right(run)) await counted.addRight(batch)
          for await (const batch of left(run)) {
            const rows = await counted.addLeft(batch)
            if (rows.length > 0) yield rows
          }
          yield* counted.rest()
        } finally {
          counted.close()
          account.close()
        }
      },
  )
}
