import type { FunctionServices } from '../../../scalar/functions/function.js'
import type { StatementScope } from './statement-scope.js'
import { sequenceServices } from './sequence-services.js'
import type { SessionState } from './session-state.js'
import { invokeSystemFunction } from './system-functions.js'

/** What functions can have done by the session: numbers of sequences, settings, questions to the catalog. */
export function functionServices(state: SessionState, scope: StatementScope): FunctionServices {
  return {
    ...sequenceServices(state, scope),
    invoke: (name, args) => invokeSystemFunction(state, scope, name, args),
  }
}
