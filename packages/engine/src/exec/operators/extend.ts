import type { ColumnExpression, Expression } from '../../plan/expression.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import type { Scope } from '../expression/scope.js'
import type { Operator } from '../run.js'
import { afterTurn, compileParts } from './project.js'

/** An operator whose rows have values added behind their own, for an operator above that cannot compute them itself. */
export interface Extended {
  readonly operator: Operator
  readonly scope: Scope
  /** Each expression as it is to be compiled over the extended rows, in the order they were given. */
  readonly expressions: readonly Expression[]
}

/** Computes beforehand those expressions that pass the test; the others stay as they are. */
export function compileExtended(
  input: Operator,
  scope: Scope,
  expressions: readonly Expression[],
  isComputed: (expression: Expression) => boolean,
  compiler: Compiler,
): Extended {
  const computed: Expression[] = []
  const positions = new Map(scope.positions)
  const replaced = expressions.map((expression) => {
    if (!isComputed(expression)) return expression
    const column = freshColumn(expression, compiler)
    positions.set(column.column, scope.width + computed.length)
    computed.push(expression)
    return column
  })
  if (computed.length === 0) return { operator: input, scope, expressions }
  const compute = compileParts(computed, scope, compiler)
  return {
    operator: async function* extended(run) {
      for await (const batch of input(run)) {
        for (let at = 0; at < batch.length;) {
          const values = await afterTurn(compute, batch, at, run)
          yield append(batch, at, values)
          at += values.length
        }
      }
    },
    scope: { positions, width: scope.width + computed.length },
    expressions: replaced,
  }
}

function freshColumn(expression: Expression, compiler: Compiler): ColumnExpression {
  return { kind: 'column', column: compiler.freshColumn(), name: '', type: expression.type }
}

/** To the rows from a position on. */
function append(rows: readonly Row[], from: number, values: readonly Row[]): Row[] {
  return values.map((added, at) => [...(rows[from + at] ?? []), ...added])
}

/** The rows with only their first values left. */
export function truncated(operator: Operator, width: number): Operator {
  return async function* truncate(run) {
    for await (const batch of operator(run)) yield batch.map((row) => row.slice(0, width))
  }
}
