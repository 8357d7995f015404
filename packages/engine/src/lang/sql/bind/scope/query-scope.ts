/**
 * One level of a query while it is bound: what names mean in it, and the calls in it that are not computed row by row.
 * The levels of nested queries are linked from the inside out.
 *
 * Invariants:
 * 1. `items` are those that names are looked up in now; `all` are all of this level, for hints of errors.
 * 2. Calls of aggregates, of window functions and of functions that give rows are registered here, and stand in
 *    expressions as columns: an expression below the operator that computes such a column never refers to it.
 */
import type { AggregateCall, ColumnId, Expression, WindowCall } from '../../../../plan/expression.js'
import type { TableFunction } from '../../../../scalar/functions/function.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { Relation } from '../../../../relation/relation.js'
import type { StatementState } from '../context/statement-state.js'
import type { WindowDef } from '../../parse/tree.js'
import { lockName, type LockRequest, type LockTarget } from './lock-request.js'
import type { CommonTable } from './common-table.js'
import type { Clause } from './clause.js'
import type { RangeItem } from './range-item.js'

export interface RegisteredAggregate {
  readonly id: ColumnId
  readonly location: number
  readonly call: AggregateCall
}

/** `GROUPING(…)`, to be resolved once the groups are known. */
export interface RegisteredGrouping {
  readonly id: ColumnId
  readonly args: readonly Expression[]
  readonly location: number | undefined
}

export interface RegisteredWindowCall {
  readonly id: ColumnId
  readonly call: Omit<WindowCall, 'frame'>
  /** Among `windows`. */
  readonly window: number
}

export interface RegisteredTableCall {
  /** One for each column of the function. */
  readonly columns: readonly { readonly id: ColumnId; readonly name: string; readonly type: DataType }[]
  readonly function: TableFunction
  readonly args: readonly Expression[]
  /** 1: its arguments hold no such call; 2: they hold one of level 1… */
  readonly level: number
}

/** A window as it is written, and as it is bound. */
export interface WindowDefinition {
  readonly definition: WindowDef
  readonly isNamed: boolean
}

/** Notes what is met while an expression is bound. */
export interface Watcher {
  readonly depth: number
  /** Depth of the innermost level, not below `depth`, that a column belongs to; -1: no column. */
  deepestColumn: number
  /** The same for calls of aggregates. */
  deepestAggregate: number
  /** Where the first aggregate of that depth is. */
  aggregateLocation: number | undefined
  windowLocation: number | undefined
  setLocation: number | undefined
  /** The deepest nesting of calls that give rows. */
  setLevel: number
}

export class QueryScope {
  readonly statement: StatementState
  readonly parent: QueryScope | undefined
  readonly depth: number
  clause: Clause = 'select'
  items: RangeItem[] = []
  readonly all: RangeItem[] = []
  /** The queries of its WITH clause. */
  readonly commons: CommonTable[] = []
  /** A LATERAL item, a function in FROM or a join's condition is being bound. */
  isLateralActive = false
  /** A side of an operation in which a recursion may not go on: `INTERSECT`, `EXCEPT`. */
  setMember: string | undefined = undefined
  /** FROM names the recursion that the query is the step of. */
  readsItself = false
  /** A query within an expression. */
  isSublink = false
  /** How many outer joins make up rows for what is being bound. */
  nullableDepth = 0
  /** Untyped literals of the SELECT list become text; not where they may still get the type of a column. */
  resolvesUnknown = true
  readonly aggregates: RegisteredAggregate[] = []
  /** By what is written, so that the same call is computed once. */
  readonly aggregatesByKey = new Map<string, RegisteredAggregate>()
  readonly groupings: RegisteredGrouping[] = []
  readonly windows: WindowDefinition[] = []
  readonly windowCalls: RegisteredWindowCall[] = []
  /** What FOR UPDATE and such ask for, and what has been found of it. */
  locking: readonly LockRequest[] = []
  readonly lockTargets: LockTarget[] = []
  /** Names of WITH queries that come later, for hints of errors. */
  readonly laterCommons = new Set<string>()
  readonly tableCalls: RegisteredTableCall[] = []

  constructor(statement: StatementState, parent: QueryScope | undefined) {
    this.statement = statement
    this.parent = parent
    this.depth = parent === undefined ? 0 : parent.depth + 1
  }

  nested(): QueryScope {
    return new QueryScope(this.statement, this)
  }

  /** For a query within an expression. */
  sublink(): QueryScope {
    const scope = this.nested()
    scope.isSublink = true
    return scope
  }

  /** The level itself or one around it. */
  atDepth(depth: number): QueryScope {
    if (depth >= this.depth || this.parent === undefined) return this
    return this.parent.atDepth(depth)
  }

  /** Notes an entry of FROM, whether names can mean it now or not. */
  addItem(item: RangeItem): void {
    if (this.all.length >= ITEMS_MAX) {
      throw this.statement.error(
        'program_limit_exceeded',
        `too many range table entries: at most ${ITEMS_MAX} are allowed`,
      )
    }
    this.all.push(item)
  }

  /** Locks a relation's rows where a clause asks for it. */
  lock(item: RangeItem, relation: Relation, rowId: () => ColumnId): void {
    for (const { strength, wait } of this.locksOf(item.name)) {
      const known = this.lockTargets.findIndex((target) => target.rowId === rowId())
      this.statement.effects.isLocking = true
      const target: LockTarget = { relation, rowId: rowId(), strength, wait }
      if (known < 0) this.lockTargets.push(target)
      else this.lockTargets[known] = stronger(this.lockTargets[known] ?? target, target)
    }
    if (item.used !== undefined && this.locksOf(item.name).length > 0) {
      this.statement.privileges.needClass(item.used, 'update', 'columns', this.statement.role)
    }
  }

  /** What concerns the entry of FROM with that name, as requests for all that is within it. */
  locksOf(name: string | undefined): readonly LockRequest[] {
    return this.locking
      .filter(({ names }) => names === undefined || names.some((one) => one.name === name))
      .map((request) => ({ ...request, names: undefined }))
  }

  /** @throws feature_not_supported when a clause names what has no rows to lock */
  refuseLock(item: RangeItem, what: string): void {
    for (const request of this.locking) {
      const named = request.names?.find((one) => one.name === item.name)
      if (named === undefined) continue
      throw this.statement.error(
        'feature_not_supported',
        `${lockName(request)} cannot be applied to ${what}`,
        named.location,
      )
    }
  }

  /** Calls `work` while expressions stand in another clause. */
  in<T>(clause: Clause, work: () => T): T {
    const before = this.clause
    this.clause = clause
    try {
      return work()
    } finally {
      this.clause = before
    }
  }

  /** Calls `work` and says what was met. */
  watch<T>(work: () => T): { readonly result: T; readonly met: Watcher } {
    const met: Watcher = {
      depth: this.depth,
      deepestColumn: -1,
      deepestAggregate: -1,
      aggregateLocation: undefined,
      windowLocation: undefined,
      setLocation: undefined,
      setLevel: 0,
    }
    const { watchers } = this.statement
    watchers.push(met)
    try {
      return { result: work(), met }
    } finally {
      watchers.pop()
    }
  }

  metColumn(): void {
    for (const watcher of this.statement.watchers) {
      if (this.depth <= watcher.depth) watcher.deepestColumn = Math.max(watcher.deepestColumn, this.depth)
    }
  }

  metAggregate(location: number): void {
    for (const watcher of this.statement.watchers) {
      if (this.depth > watcher.depth || this.depth <= watcher.deepestAggregate) continue
      watcher.deepestAggregate = this.depth
      watcher.aggregateLocation = location
    }
  }

  metWindow(location: number | undefined): void {
    for (const watcher of this.statement.watchers) {
      if (watcher.depth === this.depth) watcher.windowLocation ??= location ?? 0
    }
  }

  metSet(level: number, location: number | undefined): void {
    for (const watcher of this.statement.watchers) {
      if (watcher.depth !== this.depth) continue
      watcher.setLocation ??= location ?? 0
      watcher.setLevel = Math.max(watcher.setLevel, level)
    }
  }
}

/** More tables than this no query joins. */
const ITEMS_MAX = 10_000

const STRENGTHS = ['key share', 'share', 'no key update', 'update']
const WAITS = ['block', 'skip', 'nowait']

function stronger(one: LockTarget, other: LockTarget): LockTarget {
  const isOther = STRENGTHS.indexOf(other.strength) > STRENGTHS.indexOf(one.strength)
  const wait = WAITS.indexOf(other.wait) > WAITS.indexOf(one.wait) ? other.wait : one.wait
  return { ...(isOther ? other : one), wait }
}
