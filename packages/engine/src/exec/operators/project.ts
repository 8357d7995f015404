import type { Expression } from '../../plan/expression.js'
import type { Project } from '../../plan/physical-plan.js'
import type { Row, Value } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import { evaluateAll } from '../expression/evaluate-all.js'
import type { Evaluator } from '../expression/evaluator.js'
import { isAsync } from '../expression/is-async.js'
import { scopeOf, type Scope } from '../expression/scope.js'
import { MappedBatches } from '../rows/row-batches.js'
import type { Operator, Run } from '../run.js'

/** The rows that come of a batch, one for each. */
export type Projection = (rows: Row[], run: Run) => Row[] | Promise<Row[]>

export function compileProject(plan: Project, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  if (isIdentity(plan.expressions, scope)) return input
  const project = compileProjection(plan.expressions, scope, compiler)
  return (run) => new MappedBatches(input(run), (rows) => project(rows, run))
}

/** The columns of the input as they are. */
function isIdentity(expressions: readonly Expression[], scope: Scope): boolean {
  return (
    expressions.length === scope.width &&
    expressions.every((expression, at) => positionOf(expression, scope) === at)
  )
}

function positionOf(expression: Expression, scope: Scope): number | undefined {
  return expression.kind === 'column' ? scope.positions.get(expression.column) : undefined
}

export function compileProjection(
  expressions: readonly Expression[],
  scope: Scope,
  compiler: Compiler,
): Projection {
  if (expressions.some(isAsync)) return compileWaiting(expressions, scope, compiler)
  const positions = expressions.map((expression) => positionOf(expression, scope) ?? -1)
  if (!positions.includes(-1)) return (rows) => rows.map((row) => pick(row, positions))
  const evaluators = expressions.map((expression) => compiler.evaluator(expression, scope))
  return (rows, run) => rows.map((row) => compute(row, evaluators, run))
}

function pick(row: Row, positions: readonly number[]): Row {
  const picked: Row = []
  for (const position of positions) picked.push(row[position] as Value)
  return picked
}

function compute(row: Row, evaluators: readonly Evaluator[], run: Run): Row {
  const computed: Row = []
  for (const evaluate of evaluators) computed.push(evaluate(row, run))
  return computed
}

function compileWaiting(expressions: readonly Expression[], scope: Scope, compiler: Compiler): Projection {
  const evaluators = expressions.map((expression) => compiler.anyEvaluator(expression, scope))
  return async (rows, run) => {
    const projected: Row[] = []
    for (const row of rows) {
      const values = evaluateAll(evaluators, row, run)
      projected.push(values instanceof Promise ? await values : values)
    }
    return projected
  }
}
