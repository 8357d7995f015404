import { columnExpression } from '../../expressions/conditions.js'
import type { JoinType } from '../../logical-plan.js'
import { COST } from '../cost/costs.js'
import type { Estimator } from '../estimator.js'
import type { Goals } from '../goals.js'
import { withoutRelabel } from '../../expressions/type-families.js'
import { headOfCode, type OrderFacts } from '../paths/order-facts.js'
import { estimateOf, PathSet, type Path } from '../paths/path.js'
import { addIndexJoinPaths } from './index-join-paths.js'
import { splitConditions } from './join-conditions.js'
import { equalSides } from './join-keys.js'
import { addJoinPaths, type JoinRequest } from './join-paths.js'
import type { RegionJoin } from './join-region.js'
import { joinRows } from './join-sizes.js'
import type { Step } from './join-steps.js'
import type { LeafSet } from './leaf-set.js'
import { PartTarget, type Part, type PartGoals } from './part.js'

/** Finds the ways to join two parts of a region. */
export class PartJoiner {
  readonly #joins: readonly RegionJoin[]
  readonly #facts: OrderFacts
  readonly #estimator: Estimator
  readonly #goals: Goals
  readonly #heads: readonly string[]
  /** Of each join: what orders by its keys begin with. */
  readonly #keyHeads: readonly (readonly string[])[]

  constructor(joins: readonly RegionJoin[], facts: OrderFacts, estimator: Estimator, goals: Goals) {
    this.#joins = joins
    this.#facts = facts
    this.#estimator = estimator
    this.#goals = goals
    this.#heads = goals.orders.flatMap((order) => facts.codesOf(order).slice(0, 1).map(headOfCode))
    this.#keyHeads = joins.map(({ conditions }) =>
      conditions.flatMap(equalSides).map((side) => facts.headOf(withoutRelabel(side))),
    )
  }

  rowsOf(a: Part, b: Part, step: Step): number {
    const [left, right] = step.isSwapped ? [b, a] : [a, b]
    return joinRows(step.type, left, right, step.conditions, this.#estimator)
  }

  /** @param known the part that other joins of the same leaves have been added to */
  join(a: Part, b: Part, step: Step, known: Part | undefined): Part {
    const [left, right] = step.isSwapped ? [b, a] : [a, b]
    const isLeftOnly = step.type === 'semi' || step.type === 'anti'
    const part: Part = known ?? {
      set: a.set | b.set,
      columns: isLeftOnly ? left.columns : new Set([...left.columns, ...right.columns]),
      rows: this.rowsOf(a, b, step),
      width: isLeftOnly ? left.width : left.width + right.width,
      baseRows: 0,
      paths: new PathSet(this.#facts),
      goals: this.#goalsOf(a.set | b.set),
      leaf: undefined,
      plan: undefined,
    }
    this.#addPaths(left, right, step, part)
    return part
  }

  /** What orders are good for: what is wanted above, and the joins that are still to come. */
  #goalsOf(set: LeafSet): PartGoals {
    const heads = new Set(this.#heads)
    this.#joins.forEach(({ needs }, at) => {
      const isPending = (needs & set) !== 0n && (needs & set) !== needs
      if (isPending) for (const head of this.#keyHeads[at] ?? []) heads.add(head)
    })
    return { heads, groups: this.#goals.groups }
  }

  #addPaths(left: Part, right: Part, step: Step, part: Part): void {
    const { type } = step
    this.#addOneWay(type, left, right, step, part)
    switch (type) {
      case 'inner':
      case 'full':
        return void this.#addOneWay(type, right, left, step, part)
      case 'left':
        return void this.#addOneWay('right', right, left, step, part)
      case 'semi': {
        const unique = this.#withoutRepeats(left, right, step)
        if (unique === undefined) return
        this.#addOneWay('inner', left, unique, step, part)
        return void this.#addOneWay('inner', unique, left, step, part)
      }
      default:
    }
  }

  #addOneWay(type: JoinType, left: Part, right: Part, { conditions, isNullAware }: Step, part: Part): void {
    const { rows, width } = part
    const facts = this.#facts
    const { pairs, others } = splitConditions(conditions, left.columns, right.columns)
    const request: JoinRequest = {
      pairs,
      others,
      type,
      left,
      right,
      conditions,
      isNullAware,
      rows,
      width,
      facts,
      estimator: this.#estimator,
      target: new PartTarget(part, facts),
    }
    addJoinPaths(request)
    if (right.leaf !== undefined) addIndexJoinPaths(request, right.leaf)
  }

  /** The right side of a semi join with each combination of its keys once, so that it can be joined like any other. */
  #withoutRepeats(left: Part, right: Part, step: Step): Part | undefined {
    const { pairs, others } = splitConditions(step.conditions, left.columns, right.columns)
    const isUsable = others.length === 0 && pairs.every((pair) => pair.isHashable && !pair.nullsEqual)
    const keys = pairs.map((pair) => pair.right)
    const columns = keys.flatMap((key) =>
      key.kind === 'column' ? [{ id: key.column, name: key.name, type: key.type }] : [],
    )
    if (!isUsable || keys.length === 0 || columns.length < keys.length) return undefined
    const unique = columns.filter((column, at) => columns.findIndex((other) => other.id === column.id) === at)
    const rows = this.#estimator.groupCount(keys, right.rows)
    const input = right.paths.cheapest
    const width = this.#estimator.widthOf(unique)
    const totalCost = input.totalCost + right.rows * COST.group + this.#estimator.penalty('enable_hashagg')
    const projected = { rows: right.rows, width, startupCost: input.startupCost, totalCost: input.totalCost }
    const costs = { rows, width, startupCost: totalCost, totalCost: totalCost + rows * COST.emit }
    const path: Path = {
      ...costs,
      order: [],
      build: () => ({
        kind: 'distinct',
        strategy: 'hash',
        columns: unique,
        estimate: estimateOf(costs),
        input: {
          kind: 'project',
          columns: unique,
          estimate: estimateOf(projected),
          input: input.build(),
          expressions: unique.map(columnExpression),
        },
      }),
    }
    return {
      ...right,
      columns: new Set(unique.map((column) => column.id)),
      rows,
      width,
      paths: new PathSet(this.#facts, [path]),
      leaf: undefined,
      plan: undefined,
    }
  }
}
