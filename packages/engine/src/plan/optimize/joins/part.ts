import type { ColumnId, SortKey } from '../../expression.js'
import type { LogicalPlan } from '../../logical-plan.js'
import type { LeafScan } from '../access/leaf-scan.js'
import type { Goals } from '../goals.js'
import { headOfCode, type OrderFacts } from '../paths/order-facts.js'
import type { Path, PathSet } from '../paths/path.js'
import type { JoinTarget, PathCosts } from './join-paths.js'
import type { SizedSide } from './join-sizes.js'
import type { LeafSet } from './leaf-set.js'

/** A part of the region, joined. */
export interface Part extends SizedSide {
  readonly set: LeafSet
  readonly columns: ReadonlySet<ColumnId>
  readonly rows: number
  readonly width: number
  readonly paths: PathSet
  /** Of single leaves that can be reached through an index. */
  readonly goals: PartGoals
  readonly leaf: LeafScan | undefined
  readonly plan: LogicalPlan | undefined
}

/** What the orders of a part's rows may be good for. */
export interface PartGoals {
  /** What the first code of a useful order says of its expression. */
  readonly heads: ReadonlySet<string>
  readonly groups: Goals['groups']
}

/** Takes paths that are better than those that a part has; orders that nobody needs any more are forgotten. */
export class PartTarget implements JoinTarget {
  readonly #part: Part
  readonly #facts: OrderFacts

  constructor(part: Part, facts: OrderFacts) {
    this.#part = part
    this.#facts = facts
  }

  offer(costs: PathCosts, order: readonly SortKey[], build: Path['build']): void {
    const { paths, goals } = this.#part
    const useful = order.length === 0 || this.#isUseful(order, goals) ? order : NO_ORDER
    const { rows, width, startupCost, totalCost } = costs
    if (paths.isWanted(startupCost, totalCost, useful))
      paths.add({ rows, width, startupCost, totalCost, order: useful, build })
  }

  #isUseful(order: readonly SortKey[], { heads, groups }: PartGoals): boolean {
    const [first] = this.#facts.codesOf(order)
    if (first !== undefined && heads.has(headOfCode(first))) return true
    return groups.some((group) => this.#facts.isGrouped(order, group))
  }
}

const NO_ORDER: readonly SortKey[] = []
