/** Drops things with all that depends on them, or says what stands in the way. */
import { queryError } from '../../../../scalar/condition.js'
import type { DefinitionContext } from '../definition-context.js'
import { carryOut } from './carry-out.js'
import { dependentsOf, describeTarget, targetKey, type DropTarget } from './drop-target.js'

/** Things that a message lists, at most. */
const LISTED_MAX = 100

interface Found {
  readonly target: DropTarget
  /** Goes with CASCADE only: because of what. */
  readonly because: DropTarget | undefined
}

/**
 * @param what how the statement calls what it drops, when that is one thing: `table t`.
 * @throws dependent_objects_still_exist
 */
export async function dropObjects(
  ddl: DefinitionContext,
  targets: readonly DropTarget[],
  isCascade: boolean,
): Promise<void> {
  const found = collect(ddl, targets)
  const others = found.filter(({ because }) => because !== undefined)
  if (others.length > 0) {
    if (!isCascade) throw stillNeeded(ddl, targets, others)
    announce(ddl, others)
  }
  // What depends on something goes before it.
  for (const { target } of found.toReversed()) await carryOut(ddl, target)
}

/** All that goes, each before what depends on it. */
function collect(ddl: DefinitionContext, targets: readonly DropTarget[]): Found[] {
  const order: Found[] = []
  const seen = new Set(targets.map(targetKey))
  for (const target of targets) order.push({ target, because: undefined })
  for (let at = 0; at < order.length; at++) {
    // The index is within the array.
    const { target } = order[at] as Found
    for (const { target: dependent, isPart } of dependentsOf(ddl.catalog, target)) {
      const key = targetKey(dependent)
      if (seen.has(key)) continue
      seen.add(key)
      order.push({ target: dependent, because: isPart || isWithin(dependent, seen) ? undefined : target })
    }
  }
  return order
}

/** Part of a table or a column that goes anyway. */
function isWithin(target: DropTarget, seen: ReadonlySet<string>): boolean {
  if (!('table' in target)) return false
  const { table } = target
  if (seen.has(targetKey({ kind: 'table', id: table }))) return true
  return target.kind === 'default' && seen.has(targetKey({ kind: 'column', table, column: target.column }))
}

function stillNeeded(
  ddl: DefinitionContext,
  targets: readonly DropTarget[],
  others: readonly Found[],
): Error {
  const { catalog, searchPath } = ddl
  const describe = (target: DropTarget): string => describeTarget(catalog, target, searchPath)
  const [only, ...more] = targets
  const lines = others.map(
    ({ target, because }) => `${describe(target)} depends on ${describe(because ?? target)}`,
  )
  return queryError(
    'dependent_objects_still_exist',
    only !== undefined && more.length === 0
      ? `cannot drop ${describe(only)} because other objects depend on it`
      : 'cannot drop desired object(s) because other objects depend on them',
    {
      detail: listed(lines),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    },
  )
}

function announce(ddl: DefinitionContext, others: readonly Found[]): void {
  const lines = others.map(
    ({ target }) => `drop cascades to ${describeTarget(ddl.catalog, target, ddl.searchPath)}`,
  )
  const [only] = lines
  if (lines.length === 1 && only !== undefined) ddl.notice(only)
  else ddl.notice(`drop cascades to ${lines.length} other objects`, undefined, { detail: listed(lines) })
}

function listed(lines: readonly string[]): string {
  const shown = lines.slice(0, LISTED_MAX)
  const left = lines.length - shown.length
  return [...shown, ...(left > 0 ? [`and ${left} other objects (see server log for list)`] : [])].join('\n')
}
