import { allOf, isConstant } from '../../expressions/conditions.js'
import { cheapFirst } from '../../expressions/cheap-first.js'
import { hasSubquery, isVolatile } from '../../expressions/volatility.js'
import type { ColumnId, Expression } from '../../expression.js'
import type { JoinType } from '../../logical-plan.js'
import type { IndexJoin } from '../../physical-plan.js'
import type { RelationIndex } from '../../../relation/relation.js'
import { rowCountOf } from '../../statistics/column-facts.js'
import { implies } from '../access/implies.js'
import { indexKeys } from '../access/index-keys.js'
import { keyCondition } from '../access/key-conditions.js'
import type { LeafScan } from '../access/leaf-scan.js'
import { entryCost } from '../access/scan-paths.js'
import { COST } from '../cost/costs.js'
import { estimateOf } from '../paths/path.js'
import { joinedColumns } from './joined-columns.js'
import type { JoinRequest } from './join-paths.js'

/** Adds paths that find the rows of a relation, the right side, through an index by the values of each left row. */
export function addIndexJoinPaths(request: JoinRequest, leaf: LeafScan): void {
  const { type } = request
  if (request.isNullAware || !isIndexJoinType(type)) return
  for (const index of leaf.indexesFor([...request.conditions, ...leaf.conditions])) {
    const probe = matchProbe(request, leaf, index)
    if (probe !== undefined) addProbePaths(request, leaf, index, type, probe)
  }
}

type IndexJoinType = IndexJoin['type']

function isIndexJoinType(type: JoinType): type is IndexJoinType {
  return type !== 'right' && type !== 'full'
}

interface Probe {
  readonly keys: readonly Expression[]
  readonly used: readonly Expression[]
  readonly residual: readonly Expression[]
  /** Share of the relation's rows that the index holds. */
  readonly share: number
  readonly isUnique: boolean
}

function matchProbe(request: JoinRequest, leaf: LeafScan, index: RelationIndex): Probe | undefined {
  const own: ReadonlySet<ColumnId> = leaf.own
  let conditions = [...request.conditions, ...leaf.conditions]
  let share = 1
  if (index.predicate !== undefined) {
    const predicate = leaf.columns.fromOrdinals(index.predicate)
    if (predicate === undefined || !implies(conditions, predicate)) return undefined
    share = request.estimator.share([predicate])
    conditions = conditions.filter((condition) => !implies([predicate], condition))
  }
  const used: Expression[] = []
  const keys: Expression[] = []
  for (const key of indexKeys(index, leaf.columns)) {
    const found = equalTo(conditions, (condition) => keyCondition(condition, key, own))
    if (found === undefined) break
    used.push(found.condition)
    keys.push(found.value)
  }
  // Something of the left side has to be looked up, or this is no better than reading the relation by itself.
  if (!used.some((condition) => request.conditions.includes(condition))) return undefined
  const residual =
    index.isLossy === true ? conditions : conditions.filter((condition) => !used.includes(condition))
  return { keys, used, residual, share, isUnique: index.isUnique && keys.length === index.keys.length }
}

function equalTo(
  conditions: readonly Expression[],
  say: (condition: Expression) => ReturnType<typeof keyCondition>,
): { readonly condition: Expression; readonly value: Expression } | undefined {
  for (const condition of conditions) {
    const said = say(condition)
    if (said?.kind !== 'equal' || hasSubquery(said.value) || isVolatile(said.value)) continue
    if (!isConstant(said.value, null)) return { condition, value: said.value }
  }
  return undefined
}

function addProbePaths(
  request: JoinRequest,
  leaf: LeafScan,
  index: RelationIndex,
  type: IndexJoinType,
  probe: Probe,
): void {
  const { left, estimator, rows, width } = request
  const isCovered = leaf.isCovered(index.covers)
  const entries = Math.max(1, rowCountOf(leaf.scan.relation) * probe.share)
  const matches = probe.isUnique ? 1 : Math.max(1, entries * estimator.share(probe.used))
  const perMatch = entryCost(isCovered, index) + estimator.costOf(probe.residual)
  const run =
    left.rows * (COST.point + estimator.costOf(probe.keys) + matches * perMatch) +
    estimator.startupOf(probe.residual) +
    rows * COST.emit +
    estimator.penalty('enable_nestloop') +
    estimator.penalty(isCovered ? 'enable_indexonlyscan' : 'enable_indexscan')
  for (const outer of left.paths.all) {
    const startupCost = outer.startupCost + COST.point
    const costs = { rows, width, startupCost, totalCost: outer.totalCost + run }
    request.target.offer(costs, outer.order, (): IndexJoin => {
      const built = outer.build()
      const { relation, alias, columns, ordinals } = leaf.scan
      return {
        kind: 'index-join',
        type,
        columns: joinedColumns(type, built.columns, columns),
        estimate: estimateOf(costs),
        left: built,
        relation,
        alias,
        index: index.name,
        keys: probe.keys,
        right: columns,
        ordinals,
        indexOnly: isCovered,
        residual: allOf(cheapFirst(probe.residual)),
      }
    })
  }
}
