import { comparisonOf } from '../../expressions/conditions.js'
import type { ColumnId } from '../../expression.js'
import type { JoinType, LogicalPlan } from '../../logical-plan.js'
import { fixedColumns, isUniqueOn } from '../../logical/unique-keys.js'
import type { Expression } from '../../expression.js'
import type { Estimator } from '../estimator.js'
import { clampRows } from '../planned.js'
import { splitConditions } from './join-conditions.js'

export interface SizedSide {
  readonly columns: ReadonlySet<ColumnId>
  readonly rows: number
  /** The plan that it is, where it is a single one. */
  readonly plan: LogicalPlan | undefined
  /** Rows of the plan before its filters. */
  readonly baseRows: number
}

/** How many rows a join gives. */
export function joinRows(
  type: JoinType,
  left: SizedSide,
  right: SizedSide,
  conditions: readonly Expression[],
  estimator: Estimator,
): number {
  if (type === 'semi' || type === 'anti') {
    const share = matchShare(left, right, conditions, estimator)
    return clampRows(left.rows * (type === 'semi' ? share : 1 - share))
  }
  const inner = left.rows * right.rows * conditionShare(left, right, conditions, estimator)
  if (type === 'left') return clampRows(Math.max(inner, left.rows))
  if (type === 'right') return clampRows(Math.max(inner, right.rows))
  if (type === 'full') return clampRows(Math.max(inner, left.rows, right.rows))
  return clampRows(inner)
}

/** Which share of pairs meets the conditions; where they cover a unique key, one row of that side is met at most. */
function conditionShare(
  left: SizedSide,
  right: SizedSide,
  conditions: readonly Expression[],
  estimator: Estimator,
): number {
  const share = estimator.share(conditions)
  const { pairs, others } = splitConditions(conditions, left.columns, right.columns)
  let keyed = 0
  for (const side of [left, right]) {
    if (side.plan === undefined) continue
    const fixed = fixedColumns(
      pairs.map((pair) => pair.condition),
      side.columns,
    )
    if (isUniqueOn(side.plan, fixed)) keyed = Math.max(keyed, 1 / Math.max(1, side.baseRows))
  }
  return keyed === 0 ? share : Math.min(1, Math.max(share, keyed * estimator.share(others)))
}

/** Which share of the left rows has a match. */
function matchShare(
  left: SizedSide,
  right: SizedSide,
  conditions: readonly Expression[],
  estimator: Estimator,
): number {
  let share = 1
  const { pairs, others } = splitConditions(conditions, left.columns, right.columns)
  for (const pair of pairs) {
    const ofLeft = estimator.facts.distinctCount(pair.left, left.rows)
    const ofRight = estimator.facts.distinctCount(pair.right, right.rows)
    share *= Math.min(1, ofRight / ofLeft)
  }
  for (const condition of others) {
    const matches = right.rows * estimator.share([condition])
    share *= comparisonOf(condition) === undefined ? Math.min(1, matches) : Math.min(0.9, matches)
  }
  return Math.min(1, Math.max(0.001, share))
}
