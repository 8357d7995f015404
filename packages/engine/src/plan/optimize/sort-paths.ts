import type { Expression, SortKey } from '../expression.js'
import { COST, sortCost } from './cost/costs.js'
import type { Estimator } from './estimator.js'
import type { RowLimit } from './goals.js'
import type { OrderFacts } from './paths/order-facts.js'
import { estimateOf, type Path } from './paths/path.js'

/** The path, sorted if it does not come in the order already; what it is sorted by already is made use of. */
export function sortedPath(
  input: Path,
  keys: readonly SortKey[],
  facts: OrderFacts,
  estimator: Estimator,
  limit?: RowLimit,
): Path {
  const essential = facts.essential(keys)
  const presorted = facts.satisfied(input.order, essential)
  if (presorted === essential.length) return input
  return sortPath(input, essential, usedPresorted(presorted, estimator), estimator, limit)
}

/** Of several inputs, the one that costs least in the order. */
export function cheapestSorted(
  inputs: readonly Path[],
  keys: readonly SortKey[],
  facts: OrderFacts,
  estimator: Estimator,
): Path | undefined {
  const essential = facts.essential(keys)
  let best: Path | undefined
  let bestCost = Infinity
  for (const input of inputs) {
    const presorted = facts.satisfied(input.order, essential)
    const { totalCost } =
      presorted === essential.length
        ? input
        : sortCosts(input, essential, usedPresorted(presorted, estimator), estimator, undefined)
    if (totalCost >= bestCost) continue
    best = input
    bestCost = totalCost
  }
  return best && sortedPath(best, keys, facts, estimator)
}

function usedPresorted(presorted: number, estimator: Estimator): number {
  return estimator.isDisabled('enable_incremental_sort') ? 0 : presorted
}

function sortPath(
  input: Path,
  keys: readonly SortKey[],
  presorted: number,
  estimator: Estimator,
  limit: RowLimit | undefined,
): Path {
  const { rows, width } = input
  const costs = { rows, width, ...sortCosts(input, keys, presorted, estimator, limit) }
  return {
    ...costs,
    order: keys,
    build: () => {
      const built = input.build()
      return {
        kind: 'sort',
        columns: built.columns,
        estimate: estimateOf(costs),
        input: built,
        keys,
        presorted,
        ...(limit?.expression && { limit: limit.expression }),
      }
    },
  }
}

function sortCosts(
  { rows, width, startupCost, totalCost }: Path,
  keys: readonly SortKey[],
  presorted: number,
  estimator: Estimator,
  limit: RowLimit | undefined,
): Pick<Path, 'startupCost' | 'totalCost'> {
  const limitRows = limit?.expression === undefined ? undefined : limit.rows
  const own = estimator.costOf(keys.map((key) => key.expression)) * rows
  const penalty = estimator.penalty('enable_sort')
  const { memoryBytes } = estimator
  if (presorted === 0) {
    const sorted = totalCost + own + sortCost(rows, width, limitRows, memoryBytes) + penalty
    return { startupCost: sorted, totalCost: sorted + (limitRows ?? rows) * COST.emit }
  }
  const expressions = keys.slice(0, presorted).map((key) => key.expression)
  const runs = estimator.groupCount(expressions, rows)
  const perRun = sortCost(rows / runs, width, undefined, memoryBytes) + COST.compare * 2
  return {
    startupCost: startupCost + (totalCost - startupCost) / runs + perRun + penalty,
    totalCost: totalCost + own + runs * perRun + penalty,
  }
}

/** Sort keys that bring equal values together. */
export function groupingKeys(expressions: readonly Expression[]): SortKey[] {
  return expressions.map((expression) => ({ expression, isDescending: false, nullsFirst: false }))
}
