import type { Returning, RowCheck } from '../../../plan/logical-plan.js'
import { queryError } from '../../../scalar/condition.js'
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
  const { expressions, checks = [] } = returning
  const project = compileProjection(expressions, scope, compiler)
  if (checks.length === 0) return async (rows, run) => project(rows(), run)
  const check = compileChecks(checks, scope, compiler)
  return async (rows, run) => {
    const changed = rows()
    await check(changed, run)
    return project(changed, run)
  }
}

/** @throws with_check_option_violation */
function compileChecks(
  checks: readonly RowCheck[],
  scope: Scope,
  compiler: Compiler,
): (rows: Row[], run: Run) => Promise<void> {
  const project = compileProjection(
    checks.map(({ condition }) => condition),
    scope,
    compiler,
  )
  return async (rows, run) => {
    for (const outcomes of await project(rows, run)) {
      const failed = checks.find((_, at) => outcomes[at] !== true)
      if (failed !== undefined)
        throw queryError(
          'with_check_option_violation',
          `new row violates check option for view "${failed.view}"`,
        )
    }
  }
}
