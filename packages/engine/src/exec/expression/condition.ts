import type { Expression } from '../../plan/expression.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import type { Run } from '../run.js'
import type { AnyEvaluator, Evaluator } from './evaluator.js'
import { isAsync } from './is-async.js'
import type { Scope } from './scope.js'

/** The rows of a batch for which a condition is true. */
export type Condition = (rows: Row[], run: Run) => Row[] | Promise<Row[]>

/** Parts of an AND that need not wait come first; a row is done with at the first part that is not true. */
export function compileCondition(expression: Expression, scope: Scope, compiler: Compiler): Condition {
  const parts = conjuncts(expression)
  const direct = parts.filter((part) => !isAsync(part)).map((part) => compiler.evaluator(part, scope))
  const waiting = parts.filter(isAsync).map((part) => compiler.anyEvaluator(part, scope))
  const test = all(direct)
  if (waiting.length === 0) return (rows, run) => keep(rows, test, run)
  return async (rows, run) => {
    let left = direct.length === 0 ? rows : await keep(rows, test, run)
    for (const part of waiting) left = await keepWaiting(left, part, run)
    return left
  }
}

/** The parts that must all be true. */
export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.args.flatMap(conjuncts) : [expression]
}

function all(tests: readonly Evaluator[]): Evaluator {
  const [first, second] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (tests.length === 2) return (row, run) => first(row, run) === true && second(row, run) === true
  return (row, run) => {
    for (const test of tests) if (test(row, run) !== true) return false
    return true
  }
}

function keep(rows: Row[], test: Evaluator, run: Run): Row[] | Promise<Row[]> {
  const kept: Row[] = []
  for (let at = 0; at < rows.length; at++) {
    if (run.isDue) return goOn(rows, at, kept, test, run)
    const row = rows[at] as Row
    if (test(row, run) === true) kept.push(row)
  }
  return kept
}

/** The rows from a position on, some of which take so long that others have to have turns between them. */
async function goOn(rows: Row[], from: number, kept: Row[], test: Evaluator, run: Run): Promise<Row[]> {
  for (const row of rows.slice(from)) {
    if (run.isDue) await run.spend(1)
    if (test(row, run) === true) kept.push(row)
  }
  return kept
}

async function keepWaiting(rows: Row[], test: AnyEvaluator, run: Run): Promise<Row[]> {
  const kept: Row[] = []
  for (const row of rows) {
    if (run.isDue) await run.spend(1)
    const answer = test(row, run)
    if ((answer instanceof Promise ? await answer : answer) === true) kept.push(row)
  }
  return kept
}
