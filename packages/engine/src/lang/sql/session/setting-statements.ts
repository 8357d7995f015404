import { queryError, unsupported } from '../../../scalar/condition.js'
import { nodeKind, stringOf, type Node, type VariableSetStmt } from '../parse/tree.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { notice, type SessionState } from './session-state.js'
import { transactionModes } from './transaction-statements.js'

/** SET and RESET. Gives the command tag. */
export function runSet(
  state: SessionState,
  statement: VariableSetStmt,
  catalog: CatalogSnapshot = state.catalog,
): string {
  const { settings, transaction } = state
  const name = statement.name ?? ''
  const isLocal = statement.is_local === true
  if (isLocal && !transaction.isBlock) {
    notice(state, 'WARNING', 'SET LOCAL can only be used in transaction blocks', '25P01')
    return 'SET'
  }
  switch (statement.kind) {
    case 'VAR_SET_VALUE':
    case 'VAR_SET_CURRENT':
      if (name.toLowerCase() === 'role') setRole(state, textOf(statement.args), isLocal, catalog)
      else if (isAuthorization(name)) setAuthorization(state, textOf(statement.args), isLocal, catalog)
      else settings.set(name, valueOf(state, name, statement), isLocal)
      return 'SET'
    case 'VAR_SET_DEFAULT':
      if (name.toLowerCase() === 'role') setRole(state, 'none', isLocal)
      else if (isAuthorization(name)) setAuthorization(state, undefined, isLocal, catalog)
      else settings.set(name, undefined, isLocal)
      return 'SET'
    case 'VAR_SET_MULTI':
      setCharacteristics(state, name, statement.args)
      return 'SET'
    case 'VAR_RESET':
      if (name.toLowerCase() === 'role') setRole(state, 'none', false)
      else if (isAuthorization(name)) setAuthorization(state, undefined, false, catalog)
      else settings.set(name, undefined, false)
      return 'RESET'
    case 'VAR_RESET_ALL':
      settings.resetAll()
      return 'RESET'
    default:
      throw unsupported('this form of SET')
  }
}

/** @throws invalid_parameter_value when there is no such role, insufficient_privilege when it may not be taken */
export function setRole(
  state: SessionState,
  role: string,
  isLocal: boolean,
  catalog: CatalogSnapshot = state.catalog,
): void {
  state.engine.checkRole(catalog, state.sessionUser, role)
  state.settings.force('role', role, isLocal)
}

const isAuthorization = (name: string): boolean => name.toLowerCase() === 'session_authorization'

/**
 * The session goes on as another user.
 * @param user undefined: who connected
 * @throws invalid_parameter_value when there is no such role, insufficient_privilege
 */
export function setAuthorization(
  state: SessionState,
  user: string | undefined,
  isLocal: boolean,
  catalog: CatalogSnapshot = state.catalog,
): void {
  const { authenticatedUser, settings } = state
  const name = user ?? authenticatedUser
  const roles = new Map(catalog.roles().map((role) => [role.name, role]))
  if (name !== authenticatedUser) {
    if (!roles.has(name)) throw queryError('invalid_parameter_value', `role "${name}" does not exist`)
    if (roles.get(authenticatedUser)?.isSuperuser !== true)
      throw queryError('insufficient_privilege', 'permission denied to set session authorization')
  }
  settings.force('session_authorization', name, isLocal)
  settings.force('is_superuser', roles.get(name)?.isSuperuser === true ? 'on' : 'off', isLocal)
  settings.force('role', 'none', isLocal)
}

function setCharacteristics(state: SessionState, name: string, args: readonly Node[] | undefined): void {
  const modes = transactionModes(args)
  if (name === 'TRANSACTION') {
    if (!state.transaction.isBlock) {
      notice(state, 'WARNING', 'SET TRANSACTION can only be used in transaction blocks', '25P01')
      return
    }
    state.transaction.setModes(modes)
    return
  }
  if (name !== 'SESSION CHARACTERISTICS') throw unsupported('SET TRANSACTION SNAPSHOT')
  const { isolation, readOnly, deferrable } = modes
  if (isolation !== undefined) state.settings.set('default_transaction_isolation', isolation, false)
  if (readOnly !== undefined)
    state.settings.set('default_transaction_read_only', readOnly ? 'on' : 'off', false)
  if (deferrable !== undefined)
    state.settings.set('default_transaction_deferrable', deferrable ? 'on' : 'off', false)
}

function valueOf(state: SessionState, name: string, { kind, args }: VariableSetStmt): string {
  if (kind === 'VAR_SET_CURRENT') return state.settings.get(name)
  const key = name.toLowerCase()
  const isList = key === 'search_path' || key === 'datestyle' || key === 'temp_tablespaces'
  if (!isList && (args?.length ?? 0) > 1)
    throw queryError('invalid_parameter_value', `SET ${name} takes only one argument`)
  const texts = (args ?? []).map(constantText)
  if (key === 'search_path') return texts.map(quoteName).join(', ')
  const text = texts.join(', ')
  return text
}

function textOf(args: readonly Node[] | undefined): string {
  return (args ?? []).map(constantText).join(', ')
}

/** A value of SET as text; `INTERVAL '-08:00' HOUR TO MINUTE` of SET TIME ZONE comes as a cast. */
function constantText(node: Node): string {
  if ('A_Const' in node) {
    const { sval, ival, fval, boolval } = node.A_Const
    if (sval !== undefined) return sval.sval ?? ''
    if (fval !== undefined) return fval.fval ?? ''
    if (boolval !== undefined) return boolval.boolval === true ? 'true' : 'false'
    return String(ival?.ival ?? 0)
  }
  if ('TypeCast' in node && node.TypeCast.arg !== undefined) return constantText(node.TypeCast.arg)
  const text = stringOf(node)
  if (text !== undefined) return text
  throw unsupported(`${nodeKind(node)} in SET`)
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
