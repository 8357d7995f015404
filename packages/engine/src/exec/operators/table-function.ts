import type { TableFunctionScan, UnnestCalls } from '../../plan/physical-plan.js'
import type { Expression } from '../../plan/expression.js'
import type { TableFunction } from '../../scalar/functions/function.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { evaluateAll } from '../expression/evaluate-all.js'
import { NO_ROW } from '../expression/evaluator.js'
import { EMPTY_SCOPE, scopeOf, type Scope } from '../expression/scope.js'
import type { Operator, Run } from '../run.js'

interface Call {
  readonly width: number
  /** The rows of the call for one row of the input. */
  rows(row: Row, run: Run): Promise<Iterator<Row>>
}

type PlannedCall = { readonly function: TableFunction; readonly args: readonly Expression[] }

/** @param columns how many the call has; left out: as many as the function says. */
function compileCall(call: PlannedCall, scope: Scope, compiler: Compiler, columns?: number): Call {
  const callee = call.function
  const types = call.args.map((arg) => arg.type)
  const args = call.args.map((arg) => compiler.anyEvaluator(arg, scope))
  return {
    width: columns ?? callee.columns(types).length,
    rows: async (row, run) => {
      const values = await evaluateAll(args, row, run)
      const isNull = callee.isStrict && values.includes(null)
      if (isNull) return [][Symbol.iterator]()
      const found = callee.load?.(run.context, values)
      return ((await found) ?? callee.rows(types, run.scalar, values))[Symbol.iterator]()
    },
  }
}

/** The rows of several calls side by side, the shorter ones filled up with nulls, behind what `prefix` says. */
function* sideBySide(
  calls: readonly Call[],
  iterators: readonly Iterator<Row>[],
  prefix: Row,
): Generator<Row, void, undefined> {
  for (;;) {
    const row = prefix.slice()
    let isOver = true
    for (const [at, iterator] of iterators.entries()) {
      const next = iterator.next()
      const width = calls[at]?.width ?? 0
      if (next.done !== true) isOver = false
      for (let column = 0; column < width; column++) {
        row.push(next.done === true ? null : (next.value[column] as Value))
      }
    }
    if (isOver) return
    yield row
  }
}

export function compileTableFunction(plan: TableFunctionScan, compiler: Compiler): Operator {
  // A query may say itself what columns the rows of a function have.
  const all = plan.columns.length - (plan.hasOrdinality ? 1 : 0)
  const columns = plan.calls.length === 1 ? all : undefined
  const calls = plan.calls.map((call) => compileCall(call, EMPTY_SCOPE, compiler, columns))
  return async function* tableFunction(run) {
    const iterators = await Promise.all(calls.map((call) => call.rows(NO_ROW, run)))
    let batch: Row[] = []
    let ordinality = 0
    for (const row of sideBySide(calls, iterators, [])) {
      if (plan.hasOrdinality) row.push(++ordinality)
      batch.push(row)
      if (batch.length < run.batchSize && !run.isDue) continue
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      yield batch
      batch = []
    }
    await run.spend(batch.length)
    if (batch.length > 0) yield batch
  }
}

export function compileUnnestCalls(plan: UnnestCalls, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  const calls = plan.calls.map((call) => compileCall(call, scope, compiler))
  return async function* unnestCalls(run) {
    let output: Row[] = []
    for await (const batch of input(run)) {
      for (const row of batch) {
        const iterators: Iterator<Row>[] = []
        for (const call of calls) iterators.push(await call.rows(row, run))
        for (const unnested of sideBySide(calls, iterators, row)) {
          output.push(unnested)
          if (output.length < run.batchSize && !run.isDue) continue
          const turn = run.spend(output.length)
          if (turn !== undefined) await turn
          yield output
          output = []
        }
      }
      if (output.length > 0) yield output
      output = []
    }
  }
}
