import { StatementState } from '../bind/context/statement-state.js'
import { sqlBinder } from '../bind/sql-binder.js'
import type { DefinitionContext } from './definition-context.js'

/** For binding types and expressions of a definition statement. */
export function statementState(ddl: DefinitionContext): StatementState {
  return StatementState.start(
    sqlBinder,
    {
      catalog: ddl.catalog,
      registry: ddl.catalog.registry,
      searchPath: ddl.searchPath,
      parameterTypes: [],
      scalar: ddl.state.scalar,
    },
    ddl.tree,
  )
}
