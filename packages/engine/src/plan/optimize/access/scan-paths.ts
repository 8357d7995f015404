import { cheapFirst } from '../../expressions/cheap-first.js'
import { allOf } from '../../expressions/conditions.js'
import { someExpression } from '../../expressions/each-argument.js'
import type { Expression, SortKey } from '../../expression.js'
import type { AccessPlan, TableScan } from '../../physical-plan.js'
import type { RelationIndex } from '../../../relation/relation.js'
import { rowCountOf } from '../../statistics/column-facts.js'
import { COST } from '../cost/costs.js'
import type { Goals } from '../goals.js'
import type { OrderFacts } from '../paths/order-facts.js'
import { estimateOf, type Path } from '../paths/path.js'
import type { Estimator } from '../estimator.js'
import { indexKeys, indexOrder, type IndexKey } from './index-keys.js'
import { implies } from './implies.js'
import type { LeafScan } from './leaf-scan.js'
import { matchIndex, wholeIndex, type IndexMatch } from './match-index.js'

export interface ScanContext {
  readonly estimator: Estimator
  readonly goals: Goals
  readonly facts: OrderFacts
  /** Of all conditions together. */
  readonly rows: number
  readonly width: number
}

/** All ways to read a relation that may be best for something. */
export function scanPaths(leaf: LeafScan, context: ScanContext): Path[] {
  const paths = [wholeScanPath(leaf, context)]
  for (const index of leaf.indexesFor(leaf.conditions)) paths.push(...indexPaths(leaf, index, context))
  return paths
}

function wholeScanPath(leaf: LeafScan, context: ScanContext): Path {
  const { estimator } = context
  const rowCount = rowCountOf(leaf.scan.relation)
  const parts = estimator.partsOf(leaf.scan.relation)
  const cost =
    parts * COST.open +
    rowCount * (COST.row + estimator.costOf(leaf.conditions)) +
    estimator.startupOf(leaf.conditions) +
    estimator.penalty('enable_seqscan')
  return finished(leaf, context, {
    access: { kind: 'all' },
    parts,
    isReverse: false,
    order: [],
    remaining: leaf.conditions,
    totalCost: cost,
  })
}

function indexPaths(leaf: LeafScan, index: RelationIndex, context: ScanContext): Path[] {
  const { relation } = leaf.scan
  let conditions = leaf.conditions
  let share = 1
  if (index.predicate !== undefined) {
    const predicate = leaf.columns.fromOrdinals(index.predicate)
    if (predicate === undefined || !implies(conditions, predicate)) return []
    share = context.estimator.share([predicate])
    // What the index is about need not be asked again.
    conditions = conditions.filter((condition) => !implies([predicate], condition))
  }
  const keys = indexKeys(index, leaf.columns)
  const matches = matchIndex({ index, keys, own: leaf.own }, conditions)
  const usesIndex = (match: IndexMatch): Path[] =>
    pathsOfMatch(leaf, index, keys, match, {
      ...context,
      indexRows: rowCountOf(relation) * share,
      conditions,
    })
  const paths = matches.flatMap(usesIndex)
  if (matches.length === 0 || context.goals.orders.length > 0) paths.push(...usesIndex(wholeIndex(index)))
  return paths
}

interface MatchContext extends ScanContext {
  /** Entries of the index. */
  readonly indexRows: number
  /** Those that the index does not settle by being what it is. */
  readonly conditions: readonly Expression[]
}

function pathsOfMatch(
  leaf: LeafScan,
  index: RelationIndex,
  keys: readonly IndexKey[],
  match: IndexMatch,
  context: MatchContext,
): Path[] {
  const isCovered = leaf.isCovered(index.covers)
  const isWhole = match.used.size === 0
  const parts = partsOfMatch(leaf, index, match, context)
  const paths: Path[] = []
  for (const isReverse of [false, true]) {
    const order = usefulOrder(indexOrder(keys, isReverse), context)
    const isUseful = order.length > 0
    // Reading all of an index helps for its order, or where it is narrower than the table.
    if (isReverse ? !isUseful : isWhole && !isUseful && !(isCovered && !index.isPrimary)) continue
    const access: AccessPlan =
      match.access.kind === 'ranges' ? { ...match.access, indexOnly: isCovered } : match.access
    paths.push(
      finished(leaf, context, {
        access,
        parts,
        isReverse,
        order,
        remaining: context.conditions.filter((condition) => !match.settled.has(condition)),
        totalCost: matchCost(match, isCovered, index, context) + (parts - 1) * COST.open,
      }),
    )
  }
  return paths
}

/** Ranges of the rows themselves lie in as many parts as their share of the rows; where entries lie is not known. */
function partsOfMatch(
  { scan: { relation } }: LeafScan,
  { isPrimary }: RelationIndex,
  { access, used, openings }: IndexMatch,
  { estimator, conditions }: MatchContext,
): number {
  if (!isPrimary || access.kind !== 'ranges' || openings > 1) return 1
  const share = estimator.share(conditions.filter((condition) => used.has(condition)))
  return Math.max(1, Math.round(estimator.partsOf(relation) * share))
}

/** Reading a table by ranges of its key is a little slower than reading all of it. */
const ORDERED_FACTOR = 1.05

/** What reading one row through an index costs; a primary one that holds all columns is the table itself. */
export function entryCost(isCovered: boolean, index: RelationIndex): number {
  if (!isCovered) return COST.entry + COST.lookup
  return index.isPrimary ? COST.row * ORDERED_FACTOR : COST.entry
}

function matchCost(
  match: IndexMatch,
  isCovered: boolean,
  index: RelationIndex,
  context: MatchContext,
): number {
  const { estimator, conditions } = context
  const used = conditions.filter((condition) => match.used.has(condition))
  const found = Math.max(1, context.indexRows * estimator.share(used))
  const entries = match.isUniquePoint ? Math.min(found, match.openings) : found
  const remaining = conditions.filter((condition) => !match.settled.has(condition))
  const perRow = entryCost(isCovered, index) + estimator.costOf(remaining)
  const opening = match.access.kind === 'ranges' ? COST.open : COST.point
  return (
    match.openings * opening +
    entries * perRow +
    estimator.startupOf(remaining) +
    estimator.penalty(isCovered ? 'enable_indexonlyscan' : 'enable_indexscan')
  )
}

/** The order, if anybody above has a use for it. */
export function usefulOrder(
  order: readonly SortKey[],
  { goals, facts }: Pick<ScanContext, 'goals' | 'facts'>,
): readonly SortKey[] {
  const isUseful =
    goals.orders.some((wanted) => {
      const essential = facts.essential(wanted)
      return essential.length > 0 && facts.satisfied(order, essential) > 0
    }) || goals.groups.some((group) => facts.isGrouped(order, group))
  return isUseful ? order : []
}

interface ScanChoice {
  readonly access: AccessPlan
  readonly parts: number
  readonly isReverse: boolean
  readonly order: readonly SortKey[]
  /** Conditions that are still to be checked. */
  readonly remaining: readonly Expression[]
  readonly totalCost: number
}

function finished(leaf: LeafScan, context: ScanContext, choice: ScanChoice): Path {
  const { scan } = leaf
  const { rows, width, goals } = context
  const { access, parts, isReverse, remaining, order, totalCost } = choice
  const startupCost = Math.min(COST.open, totalCost)
  const costs = { rows, width, startupCost, totalCost }
  return {
    ...costs,
    order,
    build: (): TableScan => {
      const residual = allOf(cheapFirst(remaining))
      const limit = residual === undefined ? limitOf(goals) : undefined
      return {
        kind: 'table-scan',
        columns: scan.columns,
        estimate: estimateOf(costs),
        relation: scan.relation,
        alias: scan.alias,
        ordinals: scan.ordinals,
        access,
        ...(parts > 1 ? { parts } : {}),
        isReverse,
        ...(residual && { residual }),
        ...(limit && { limit }),
      }
    },
  }
}

/** A limit whose value does not depend on rows that come and go. */
function limitOf(goals: Goals): Expression | undefined {
  const limit = goals.limit?.expression
  if (limit === undefined) return undefined
  return someExpression(limit, (part) => part.kind === 'column' || part.kind === 'subquery')
    ? undefined
    : limit
}
