import { queryError } from '../../../scalar/condition.js'
import type { Value } from '../../../scalar/value.js'
import type { DeclareCursorStmt, FetchStmt } from '../parse/tree.js'
import type { StatementResult } from '../session-contract.js'
import { Cursor, type FetchStep } from './cursors.js'
import { rowsInMemory } from './rows-in-memory.js'
import { currentPlan, startPlan, type QuerySource } from './query-statement.js'
import { readyQuery, type PlanOf } from './run-planned.js'
import type { StatementRun } from './statement-run.js'
import type { StatementScope } from './statement-scope.js'
import type { SessionState } from './session-state.js'

/** Bits of `DeclareCursorStmt.options`: see PostgreSQL's `nodes/parsenodes.h`, CURSOR_OPT. */
const OPTION = { binary: 1, scroll: 2, noScroll: 4, hold: 32 } as const

/** FETCH ALL is a count of LONG_MAX to the parser. */
const ALL = 9_000_000_000_000_000_000n

export async function declareCursor(
  state: SessionState,
  statement: DeclareCursorStmt,
  query: QuerySource,
  parameters: readonly Value[],
  scope: StatementScope,
): Promise<string> {
  const name = statement.portalname ?? ''
  const options = statement.options ?? 0
  const isHoldable = (options & OPTION.hold) !== 0
  if (!isHoldable && !state.transaction.isOpen)
    throw queryError('no_active_sql_transaction', 'DECLARE CURSOR can only be used in transaction blocks')
  if (state.cursors.has(name)) throw queryError('duplicate_cursor', `cursor "${name}" already exists`)
  const ending = new AbortController()
  const planOf: PlanOf = (catalog) => ({ plan: currentPlan(state, query, catalog), values: parameters })
  const ready = await readyQuery(state, planOf, scope)
  // It is read by other statements, each with a signal of its own.
  const running = { ...ready.scope, signal: ending.signal }
  const { plan, execution } = startPlan(state, ready.query.plan, parameters, running)
  if (plan.bound.columns === undefined || plan.bound.isModifying) {
    throw queryError(
      'invalid_cursor_definition',
      'DECLARE CURSOR must not contain data-modifying statements in WITH',
    )
  }
  // What the statement works with is needed until the cursor has been read, or closed.
  const cleanups = scope.keepOpen()
  const batches = (async function* () {
    try {
      yield* execution
    } finally {
      await cleanups.run()
    }
  })()
  const cursor = new Cursor(
    name,
    { columns: plan.bound.columns, ending, batches },
    {
      isHoldable,
      isScrollable: (options & OPTION.scroll) !== 0,
      text: query.tree.text,
      createdMicros: state.env.clock.nowMs() * 1000,
    },
  )
  state.cursors.set(name, cursor)
  // Outside of a block the transaction ends with this statement.
  if (isHoldable && !state.transaction.isOpen) await cursor.within(scope.signal, () => cursor.hold())
  return 'DECLARE CURSOR'
}

export async function fetchFrom(
  state: SessionState,
  { signal }: StatementRun,
  statement: FetchStmt,
): Promise<StatementResult> {
  const cursor = requireCursor(state, statement.portalname ?? '')
  const rows = await cursor.within(signal, () => cursor.fetch(stepOf(statement)))
  if (statement.ismove === true) return { kind: 'command', tag: `MOVE ${rows.length}` }
  return rowsInMemory(cursor.columns, rows, `FETCH ${rows.length}`)
}

export async function closeCursor(state: SessionState, name: string | undefined): Promise<string> {
  if (name === undefined) {
    for (const cursor of state.cursors.values()) await cursor.close()
    state.cursors.clear()
    return 'CLOSE CURSOR ALL'
  }
  const cursor = requireCursor(state, name)
  state.cursors.delete(name)
  await cursor.close()
  return 'CLOSE CURSOR'
}

export function requireCursor({ cursors }: SessionState, name: string): Cursor {
  const cursor = cursors.get(name)
  if (cursor !== undefined) return cursor
  throw queryError('invalid_cursor_name', `cursor "${name}" does not exist`)
}

function stepOf({ direction, howMany }: FetchStmt): FetchStep {
  const given = BigInt(howMany ?? 0)
  const count = given >= ALL ? Infinity : given <= -ALL ? -Infinity : Number(given)
  switch (direction) {
    case 'FETCH_BACKWARD':
      return { kind: 'backward', count }
    case 'FETCH_ABSOLUTE':
      return { kind: 'absolute', position: count }
    case 'FETCH_RELATIVE':
      return { kind: 'relative', position: count }
    default:
      return { kind: 'forward', count }
  }
}
