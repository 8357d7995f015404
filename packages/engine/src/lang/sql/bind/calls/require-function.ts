import { stringsOf } from '../../parse/tree.js'
import type { AnyFunction } from '../../../../scalar/functions/function.js'
import type { StatementState } from '../context/statement-state.js'
import type { QueryScope } from '../scope/query-scope.js'
import { chooseFunction, signatureText, type FoundFunction } from './find-function.js'
import type { PreparedCall } from './prepared-call.js'

/** Which function a call means. @throws undefined_function, ambiguous_function */
export function requireFunction(
  scope: QueryScope,
  call: PreparedCall,
  functions: readonly AnyFunction[],
): FoundFunction {
  const { statement } = scope
  const found = chooseFunction(statement, functions, call.args)
  if (found !== undefined && found !== 'ambiguous') return found
  throw found === 'ambiguous'
    ? statement.error(
        'ambiguous_function',
        `function ${signatureText(call.name, call.args)} is not unique`,
        call.location,
        { hint: 'Could not choose a best candidate function. You might need to add explicit type casts.' },
      )
    : missingFunction(statement, call)
}

function missingFunction(statement: StatementState, call: PreparedCall): Error {
  const schema = stringsOf(call.node.funcname).at(-2)
  if (schema !== undefined && !statement.context.catalog.hasSchema(schema)) {
    return statement.error('invalid_schema_name', `schema "${schema}" does not exist`, call.location)
  }
  const hasOrder = (call.node.agg_order ?? []).length > 0 && call.node.agg_within_group !== true
  return statement.error(
    'undefined_function',
    `function ${signatureText(call.name, call.args)} does not exist`,
    call.location,
    {
      hint: hasOrder
        ? 'No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.'
        : 'No function matches the given name and argument types. You might need to add explicit type casts.',
    },
  )
}
