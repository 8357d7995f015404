import type { LockingClause, SelectStmt } from '../../parse/tree.js'
import { lockName, type LockRequest } from '../scope/lock-request.js'
import type { QueryScope } from '../scope/query-scope.js'

const STRENGTHS = {
  LCS_NONE: 'share',
  LCS_FORKEYSHARE: 'key share',
  LCS_FORSHARE: 'share',
  LCS_FORNOKEYUPDATE: 'no key update',
  LCS_FORUPDATE: 'update',
} as const

const WAITS = { LockWaitBlock: 'block', LockWaitSkip: 'skip', LockWaitError: 'nowait' } as const

/** FOR UPDATE and such of one query. @throws feature_not_supported where rows of tables are not what it gives */
export function bindLocking(scope: QueryScope, node: SelectStmt): LockRequest[] {
  return (node.lockingClause ?? []).flatMap((clause) => {
    if (!('LockingClause' in clause)) return []
    const request = requestOf(clause.LockingClause)
    checkQuery(scope, node, request)
    return [request]
  })
}

function requestOf({ strength, waitPolicy, lockedRels }: LockingClause): LockRequest {
  const names = lockedRels?.flatMap((node) =>
    'RangeVar' in node ? [{ name: node.RangeVar.relname ?? '', location: node.RangeVar.location ?? 0 }] : [],
  )
  return {
    strength: STRENGTHS[strength ?? 'LCS_FORUPDATE'],
    wait: WAITS[waitPolicy ?? 'LockWaitBlock'],
    names,
  }
}

function checkQuery(scope: QueryScope, node: SelectStmt, request: LockRequest): void {
  const refuse = (what: string): never => {
    throw scope.statement.error('feature_not_supported', `${lockName(request)} ${what}`)
  }
  if ((node.op ?? 'SETOP_NONE') !== 'SETOP_NONE') refuse('is not allowed with UNION/INTERSECT/EXCEPT')
  if (node.valuesLists !== undefined) refuse('cannot be applied to VALUES')
  if ((node.distinctClause ?? []).length > 0) refuse('is not allowed with DISTINCT clause')
  if ((node.groupClause ?? []).length > 0) refuse('is not allowed with GROUP BY clause')
  if (node.havingClause !== undefined) refuse('is not allowed with HAVING clause')
}

/** What shows only once the query has been bound. */
export function checkLocking(scope: QueryScope): void {
  const refuse = (request: LockRequest, what: string): never => {
    throw scope.statement.error('feature_not_supported', `${lockName(request)} is not allowed with ${what}`)
  }
  for (const request of scope.locking) {
    if (scope.aggregates.length > 0) refuse(request, 'aggregate functions')
    if (scope.windowCalls.length > 0) refuse(request, 'window functions')
    if (scope.tableCalls.length > 0) refuse(request, 'set-returning functions in the target list')
    checkNames(scope, request)
  }
}

function checkNames(scope: QueryScope, request: LockRequest): void {
  for (const { name, location } of request.names ?? []) {
    if (scope.all.some((item) => item.name === name)) continue
    throw scope.statement.error(
      'undefined_table',
      `relation "${name}" in ${lockName(request)} clause not found in FROM clause`,
      location,
    )
  }
  for (const item of scope.all) {
    const isNamed = request.names === undefined || request.names.some(({ name }) => name === item.name)
    if (!isNamed || !item.isNullable || item.relation === undefined) continue
    throw scope.statement.error(
      'feature_not_supported',
      `${lockName(request)} cannot be applied to the nullable side of an outer join`,
    )
  }
}
