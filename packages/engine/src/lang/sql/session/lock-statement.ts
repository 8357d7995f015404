import { queryError, unsupported } from '../../../scalar/condition.js'
import type { BoundStatement } from '../bind/bind-context.js'
import type { LoadedCatalog } from '../catalog/snapshot.js'
import type { LockStmt, Node, RangeVar } from '../parse/tree.js'
import { checkPrivileges } from './check-privileges.js'
import { LOCK_MODE, type LockMode, type LockRequest } from './session-locks.js'
import type { SessionState } from './session-state.js'
import type { StatementScope } from './statement-scope.js'

/** Objects of the system are not locked: nobody can keep others from them. */
const SYSTEM_OID_MAX = 16_383

/** LOCK TABLE. Row locks are the store's; these keep whole statements away. */
export async function lockTables(
  state: SessionState,
  { catalog, signal }: StatementScope,
  statement: LockStmt,
): Promise<void> {
  const mode = modeOf(statement.mode)
  if (mode > LOCK_MODE.rowExclusive && isShared(state))
    throw unsupported('LOCK TABLE in a mode that keeps others away, on a store that several servers share,')
  for (const node of statement.relations ?? []) {
    if (!('RangeVar' in node)) continue
    const { oid, name } = requireClass(state, catalog, node.RangeVar, mode)
    const request = tableLock(oid, mode)
    if (state.engine.locks.tryAcquire(state, request)) continue
    if (statement.nowait === true)
      throw queryError('lock_not_available', `could not obtain lock on relation "${name}"`)
    await wait(state, request, signal)
  }
}

/**
 * What a statement needs of tables, until its transaction ends. At once where nobody keeps it away.
 * @returns what to wait for; undefined when there is nothing
 */
export function lockForQuery(
  state: SessionState,
  { privileges, isModifying }: BoundStatement,
  signal: AbortSignal,
): Promise<void> | undefined {
  let waiting: Promise<void> | undefined
  for (const required of privileges) {
    if (required.kind !== 'class' || required.oid <= SYSTEM_OID_MAX) continue
    // A query that locks rows needs the privilege to update them, and changes none.
    const changing = isModifying ? LOCK_MODE.rowExclusive : LOCK_MODE.rowShare
    const request = tableLock(
      required.oid,
      required.privilege === 'select' ? LOCK_MODE.accessShare : changing,
    )
    if (waiting === undefined && state.engine.locks.tryAcquire(state, request)) continue
    waiting = (waiting ?? Promise.resolve()).then(() => wait(state, request, signal))
  }
  return waiting
}

/**
 * What changes a table in another way than by a query: it waits for LOCK TABLE of others, as a change of rows does.
 * @returns whether it had to wait: the catalog may be another one since
 */
export async function lockForChange(
  state: SessionState,
  { catalog, signal }: StatementScope,
  ranges: readonly RangeVar[],
): Promise<boolean> {
  let hasWaited = false
  for (const { schemaname: schema, relname: name = '' } of ranges) {
    const found = catalog.findClass({ schema, name }, state.scalar.session.searchPath)
    const oid = found?.kind === 'relation' ? found.relation.oid : undefined
    if (oid === undefined || oid <= SYSTEM_OID_MAX) continue
    const request = tableLock(oid, LOCK_MODE.rowExclusive)
    if (state.engine.locks.tryAcquire(state, request)) continue
    await wait(state, request, signal)
    hasWaited = true
  }
  return hasWaited
}

/** The tables that a definition changes: of ALTER TABLE, CREATE INDEX, TRUNCATE, DROP TABLE, renaming. */
export function changedTables(node: Node): readonly RangeVar[] {
  if ('TruncateStmt' in node) return ranges(node.TruncateStmt.relations)
  if ('AlterTableStmt' in node) return one(node.AlterTableStmt.relation)
  if ('IndexStmt' in node) return one(node.IndexStmt.relation)
  if ('RenameStmt' in node) return one(node.RenameStmt.relation)
  if ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_TABLE') {
    return (node.DropStmt.objects ?? []).flatMap((object) => {
      const names = 'List' in object ? (object.List.items ?? []) : []
      const texts = names.map((each) => ('String' in each ? (each.String.sval ?? '') : ''))
      const [relname = '', schemaname] = texts.reverse()
      return [{ relname, ...(schemaname === undefined ? {} : { schemaname }) }]
    })
  }
  return []
}

/** The row and table locks of one server do not reach the others. */
export function isShared(state: SessionState): boolean {
  return state.engine.database.storage.capabilities.distributed
}

function one(range: RangeVar | undefined): readonly RangeVar[] {
  return range === undefined ? [] : [range]
}

function ranges(nodes: readonly Node[] | undefined): readonly RangeVar[] {
  return (nodes ?? []).flatMap((node) => ('RangeVar' in node ? [node.RangeVar] : []))
}

function tableLock(oid: number, mode: LockMode): LockRequest {
  return { key: `t${oid}`, mode, extent: 'transaction' }
}

function wait(state: SessionState, request: LockRequest, signal: AbortSignal): Promise<void> {
  const timeoutMs = Number(state.settings.get('lock_timeout'))
  return state.engine.locks.acquire(state, request, { env: state.env, signal, timeoutMs })
}

function modeOf(mode: number | undefined): LockMode {
  const found = Object.values(LOCK_MODE).find((known) => known === mode)
  return found ?? LOCK_MODE.accessExclusive
}

/** @throws undefined_table, wrong_object_type, insufficient_privilege */
function requireClass(
  state: SessionState,
  catalog: LoadedCatalog,
  { schemaname: schema, relname: name = '' }: RangeVar,
  mode: LockMode,
): { oid: number; name: string } {
  const found = catalog.findClass({ schema, name }, state.scalar.session.searchPath)
  if (found === undefined) {
    const full = schema === undefined ? name : `${schema}.${name}`
    throw queryError('undefined_table', `relation "${full}" does not exist`)
  }
  if (found.kind === 'sequence') throw queryError('wrong_object_type', `cannot lock relation "${name}"`)
  const oid = found.kind === 'relation' ? found.relation.oid : found.oid
  if (mode > LOCK_MODE.accessShare) requirePrivilege(state, catalog, oid, name)
  return { oid, name }
}

function requirePrivilege(state: SessionState, catalog: LoadedCatalog, oid: number, name: string): void {
  const target = { kind: 'class', oid } as const
  const isAllowed = (['update', 'delete', 'truncate'] as const).some((privilege) =>
    catalog.isAllowed(state.user, privilege, target),
  )
  if (isAllowed) return
  const required = {
    kind: 'class',
    oid,
    schema: '',
    name,
    privilege: 'update',
    columns: undefined,
    role: undefined,
  } as const
  checkPrivileges(catalog, state.user, [required])
}
