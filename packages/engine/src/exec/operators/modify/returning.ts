import type { Returning } from '../../../plan/logical-plan.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Scope } from '../../expression/scope.js'
import type { Run } from '../../run.js'
import { compileProjection } from '../project.js'

/** What is given back of rows over a scope; nothing where nobody asks. */
export function compileReturning(
  returning: Returning | undefined,
  scope: Scope,
  compiler: Compiler,
): (rows: () => Row[], run: Run) => Promise<Row[]> {
  if (returning === undefined) return () => Promise.resolve([])
  const project = compileProjection(returning.expressions, scope, compiler)
  return async (rows, run) => project(rows(), run)
}
