import type { ValuesScan } from '../../plan/physical-plan.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { evaluateAll } from '../expression/evaluate-all.js'
import { NO_ROW } from '../expression/evaluator.js'
import { EMPTY_SCOPE } from '../expression/scope.js'
import type { Operator } from '../run.js'

export function compileValues(plan: ValuesScan, compiler: Compiler): Operator {
  const rows = plan.rows.map((row) => row.map((value) => compiler.anyEvaluator(value, EMPTY_SCOPE)))
  return async function* values(run) {
    for (let start = 0; start < rows.length; start += run.batchSize) {
      const batch: Row[] = []
      for (const row of rows.slice(start, start + run.batchSize)) {
        const computed = evaluateAll(row, NO_ROW, run)
        batch.push(computed instanceof Promise ? await computed : computed)
      }
      await run.spend(batch.length)
      yield batch
    }
  }
}
