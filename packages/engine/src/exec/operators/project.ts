import type { Expression } from '../../plan/expression.js'
import type { Project } from '../../plan/physical-plan.js'
import type { Row, Value } from '../../scalar/value.js'
import { workMeter } from '../../scalar/work-meter.js'
import type { Compiler } from '../compile/compiler.js'
import { evaluateAll } from '../expression/evaluate-all.js'
import type { AnyEvaluator, Evaluator } from '../expression/evaluator.js'
import { isAsync } from '../expression/is-async.js'
import { scopeOf, type Scope } from '../expression/scope.js'
import { MappedBatches } from '../rows/row-batches.js'
import type { Operator, Run } from '../run.js'

/** Values that are computed in a unit of work. */
const COLUMNS_PER_UNIT = 16

/** The rows that come of a batch, one for each. */
export type Projection = (rows: Row[], run: Run) => Row[] | Promise<Row[]>

/** The rows that come of those of a batch from a position on: of one at least, and of no more once others are to have a turn. */
export type PartProjection = (rows: readonly Row[], from: number, run: Run) => Row[] | Promise<Row[]>

export function compileProject(plan: Project, compiler: Compiler): Operator {
  const input = compiler.operator(plan.input)
  const scope = scopeOf(plan.input.columns)
  if (isIdentity(plan.expressions, scope)) return input
  const project = compileParts(plan.expressions, scope, compiler)
  return (run) => new MappedBatches(input(run), (rows, from) => afterTurn(project, rows, from, run))
}

/** As the projection, after others have had a turn if they are to have one. */
export function afterTurn(
  project: PartProjection,
  rows: readonly Row[],
  from: number,
  run: Run,
): Row[] | Promise<Row[]> {
  const turn = run.isDue ? run.spend(1) : undefined
  return turn === undefined ? project(rows, from, run) : turn.then(() => project(rows, from, run))
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

/** For who needs a batch as a whole: what functions make for it counts as memory. */
export function compileProjection(
  expressions: readonly Expression[],
  scope: Scope,
  compiler: Compiler,
): Projection {
  const project = compileParts(expressions, scope, compiler)
  return (rows, run) => {
    if (rows.length === 0) return []
    const first = project(rows, 0, run)
    return Array.isArray(first) && first.length === rows.length
      ? first
      : projectRest(project, first, rows, run)
  }
}

async function projectRest(
  project: PartProjection,
  first: Row[] | Promise<Row[]>,
  rows: readonly Row[],
  run: Run,
): Promise<Row[]> {
  const projected = await first
  const account = run.account(undefined)
  try {
    while (projected.length < rows.length) {
      account.grow(run.madeBytes)
      for (const row of await afterTurn(project, rows, projected.length, run)) projected.push(row)
    }
    return projected
  } finally {
    account.close()
  }
}

export function compileParts(
  expressions: readonly Expression[],
  scope: Scope,
  compiler: Compiler,
): PartProjection {
  if (expressions.some(isAsync)) return compileWaiting(expressions, scope, compiler)
  const positions = expressions.map((expression) => positionOf(expression, scope) ?? -1)
  if (!positions.includes(-1)) {
    return (rows, from) => (from === 0 ? rows : rows.slice(from)).map((row) => pick(row, positions))
  }
  const evaluators = expressions.map((expression) => compiler.evaluator(expression, scope))
  const units = expressions.length > COLUMNS_PER_UNIT ? expressions.length / COLUMNS_PER_UNIT : 0
  return (rows, from, run) => {
    const projected: Row[] = []
    for (let at = from; at < rows.length; at++) {
      // `at` is below the number of rows.
      projected.push(compute(rows[at] as Row, evaluators, run))
      workMeter.work(units)
      if (run.isDue) break
    }
    return projected
  }
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

function compileWaiting(
  expressions: readonly Expression[],
  scope: Scope,
  compiler: Compiler,
): PartProjection {
  const evaluators: readonly AnyEvaluator[] = expressions.map((expression) =>
    compiler.anyEvaluator(expression, scope),
  )
  return async (rows, from, run) => {
    const projected: Row[] = []
    for (let at = from; at < rows.length; at++) {
      const values = evaluateAll(evaluators, rows[at] as Row, run)
      projected.push(values instanceof Promise ? await values : values)
      if (run.isDue) break
    }
    return projected
  }
}
