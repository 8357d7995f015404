/**
 * Queries made ready to run: bound, optimized, compiled. A plan is good for one version of the catalog, one search path
 * and one choice of planner settings; whoever holds one asks before each run whether it still is.
 */
import { clusterOf, relationalKeys, type StorageProvider } from '@orbit-ts/storage'
import { compilePlan } from '../../../exec/compile-plan.js'
import type { CompiledPlan } from '../../../exec/compiled-plan.js'
import { optimize } from '../../../plan/optimize/optimize.js'
import type { OptimizerOptions } from '../../../plan/optimizer.js'
import type { ExecutablePlan } from '../../../plan/physical-plan.js'
import type { Relation } from '../../../relation/relation.js'
import { TableRelation } from '../../../relation/table-relation.js'
import type { DataType } from '../../../scalar/data-type.js'
import { bindStatement } from '../bind/bind-statement.js'
import type { BindContext, BoundStatement } from '../bind/bind-context.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import type { StatementTree } from '../parse/tree.js'
import { sessionPath } from './search-path.js'
import type { SessionState } from './session-state.js'
import { PLANNER_SWITCHES, PUSHDOWN } from './setting-definitions.js'

export interface QueryPlan {
  readonly bound: BoundStatement
  readonly executable: ExecutablePlan
  readonly compiled: CompiledPlan
  /** What it is good for. */
  readonly key: string
}

/** What a plan depends on beside the statement itself. */
export function planKey(state: SessionState, catalog: CatalogSnapshot): string {
  const known = keys.get(state)
  const { user } = state
  const { version } = state.settings
  if (known?.catalog === catalog && known.version === version && known.user === user) return known.key
  const key = makeKey(state, catalog)
  keys.set(state, { catalog, version, user, key })
  return key
}

/** The last key of each session. */
const keys = new WeakMap<
  SessionState,
  { readonly catalog: CatalogSnapshot; readonly version: number; readonly user: string; readonly key: string }
>()

function makeKey(state: SessionState, catalog: CatalogSnapshot): string {
  const { settings } = state
  const switches = [...PLANNER_SWITCHES, PUSHDOWN].filter((name) => settings.get(name) === 'off').join()
  // Names may hold any sign, a line's end too.
  const names = JSON.stringify([state.user, ...sessionPath(state, catalog)])
  return `${catalog.version}\n${names}\n${settings.get('work_mem')}\n${switches}`
}

/** What the values of literals depend on. A prepared statement keeps those that its text had when it was read. */
export function literalKey({ settings }: SessionState): string {
  return `${settings.get('DateStyle')}|${settings.get('IntervalStyle')}|${settings.get('TimeZone')}`
}

/** @throws whatever is wrong with the query */
export function planQuery(
  state: SessionState,
  tree: StatementTree,
  parameterTypes: readonly (DataType | undefined)[],
  catalog: CatalogSnapshot,
  key: string,
): QueryPlan {
  const { engine } = state
  const cacheKey = `${parameterTypes.map((type) => `${type?.scalar.oid ?? 0}:${type?.modifier ?? -1}`).join()}\n${key}\n${literalKey(state)}\n${tree.text}`
  const known = engine.plans.get(cacheKey)
  if (known !== undefined) return known
  const { result: bound, isMomentary } = state.scalar.watchingTime(() =>
    bindStatement(tree, bindContext(state, catalog, parameterTypes)),
  )
  const executable = optimize(bound.plan, optimizerOptions(state))
  const plan = { bound, executable, compiled: compilePlan(executable), key }
  if (!isMomentary) engine.plans.set(cacheKey, plan)
  return plan
}

export function bindContext(
  state: SessionState,
  catalog: CatalogSnapshot,
  parameterTypes: readonly (DataType | undefined)[],
): BindContext {
  return {
    catalog,
    registry: state.engine.registry,
    searchPath: sessionPath(state, catalog),
    parameterTypes,
    scalar: state.scalar,
  }
}

export function optimizerOptions({ engine, settings, scalar }: SessionState): OptimizerOptions {
  return {
    scalar,
    workMemoryBytes: Number(settings.get('work_mem')) * 1024,
    pushdown: engine.database.storage.capabilities.pushdown === true && settings.get(PUSHDOWN) === 'on',
    partsOf: partsIn(engine.database.storage),
    disabled: new Set(PLANNER_SWITCHES.filter((name) => settings.get(name) === 'off')),
  }
}

/** The regions of a cluster that are known; asked once for each relation of a plan. */
function partsIn(storage: StorageProvider): (relation: Relation) => number {
  const cluster = clusterOf(storage)
  const known = new Map<Relation, number>()
  return (relation) => {
    if (cluster === undefined || !(relation instanceof TableRelation)) return 1
    let parts = known.get(relation)
    if (parts === undefined) {
      parts = cluster.cachedRegions(relationalKeys.rows(relation.layout.id))
      known.set(relation, parts)
    }
    return parts
  }
}
