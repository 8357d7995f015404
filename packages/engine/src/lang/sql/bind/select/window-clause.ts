/** WINDOW and OVER (…): partitioning, order and frames. */
import type { Expression, SortKey, WindowFrame } from '../../../../plan/expression.js'
import type { Node, WindowDef } from '../../parse/tree.js'
import type { StatementState } from '../context/statement-state.js'
import { bindIn } from '../expressions/bind-expression.js'
import type { QueryScope } from '../scope/query-scope.js'
import { resolveUnknown } from '../types/resolve-unknown.js'
import { requireEquality, bindSortKeys } from './sort-keys.js'
import { bindFrame, DEFAULT_FRAME, hasWrittenFrame } from './window-frame.js'

export interface BoundWindow {
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly frame: WindowFrame
}

/** The named windows of a level, which calls may refer to. */
export function declareWindows(scope: QueryScope, nodes: readonly Node[] | undefined): void {
  for (const node of nodes ?? []) {
    if (!('WindowDef' in node)) continue
    const definition = node.WindowDef
    if (scope.windows.some((window) => window.definition.name === definition.name)) {
      throw scope.statement.error(
        'windowing_error',
        `window "${definition.name ?? ''}" is already defined`,
        definition.location ?? 0,
      )
    }
    scope.windows.push({ definition, isNamed: true })
  }
}

/** All windows of a level, once its calls are known. */
export function bindWindows(scope: QueryScope): BoundWindow[] {
  const bound: BoundWindow[] = []
  for (const [index, { definition, isNamed }] of scope.windows.entries()) {
    bound.push(bindWindow(scope, definition, isNamed, index, bound))
  }
  return bound
}

function bindWindow(
  scope: QueryScope,
  definition: WindowDef,
  isNamed: boolean,
  index: number,
  before: readonly BoundWindow[],
): BoundWindow {
  const { statement } = scope
  const base = baseOf(scope, definition, isNamed ? index : scope.windows.length, before)
  const partitionBy = (definition.partitionClause ?? []).map((node) => {
    const expression = resolveUnknown(statement, bindIn(scope, 'window partition', node))
    requireEquality(statement, expression)
    return expression
  })
  const orderBy = bindSortKeys(scope, definition.orderClause, 'window order')
  if (base !== undefined) checkCopy(statement, definition, base, partitionBy, orderBy)
  const window = {
    partitionBy: base?.partitionBy ?? partitionBy,
    orderBy: base !== undefined && base.orderBy.length > 0 ? base.orderBy : orderBy,
  }
  const options = definition.frameOptions ?? DEFAULT_FRAME
  return bindFrame(scope, definition, window, options)
}

/** The window that `(name …)` copies: one that was declared before it. */
function baseOf(
  scope: QueryScope,
  { refname, location = 0 }: WindowDef,
  end: number,
  before: readonly BoundWindow[],
): BoundWindow | undefined {
  if (refname === undefined) return undefined
  const index = scope.windows.findIndex(
    ({ definition, isNamed }, position) => isNamed && position < end && definition.name === refname,
  )
  const base = before[index]
  if (base !== undefined) return base
  throw scope.statement.error('undefined_object', `window "${refname}" does not exist`, location)
}

const NON_DEFAULT_FRAME = 0x1

function checkCopy(
  statement: StatementState,
  definition: WindowDef,
  base: BoundWindow,
  partitionBy: readonly Expression[],
  orderBy: readonly SortKey[],
): void {
  const { refname = '', location = 0 } = definition
  if (partitionBy.length > 0) {
    throw statement.error(
      'windowing_error',
      `cannot override PARTITION BY clause of window "${refname}"`,
      location,
    )
  }
  if (orderBy.length > 0 && base.orderBy.length > 0) {
    throw statement.error(
      'windowing_error',
      `cannot override ORDER BY clause of window "${refname}"`,
      location,
    )
  }
  if (!hasWrittenFrame.has(base.frame)) return
  const isBare =
    definition.name === undefined &&
    orderBy.length === 0 &&
    ((definition.frameOptions ?? DEFAULT_FRAME) & NON_DEFAULT_FRAME) === 0
  throw statement.error(
    'windowing_error',
    `cannot copy window "${refname}" because it has a frame clause`,
    location,
    isBare ? { hint: 'Omit the parentheses in this OVER clause.' } : {},
  )
}
