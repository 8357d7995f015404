/**
 * Finds the order of the joins of a region: by trying all (dynamic programming over sets of leaves) while there are few,
 * otherwise by joining again and again the two parts that give the cheapest join.
 */
import { assert } from '@orbit-ts/base'
import { columnExpression } from '../../expressions/conditions.js'
import type { ColumnId, Expression, SortKey } from '../../expression.js'
import type { JoinType, LogicalPlan } from '../../logical-plan.js'
import type { LeafScan } from '../access/leaf-scan.js'
import { COST } from '../cost/costs.js'
import type { Estimator } from '../estimator.js'
import type { OrderFacts } from '../paths/order-facts.js'
import { equalSides } from './join-keys.js'
import type { Goals } from '../goals.js'
import { estimateOf, PathSet, type Path } from '../paths/path.js'
import { splitConditions } from './join-conditions.js'
import { addJoinPaths, type JoinRequest, type JoinTarget, type PathCosts } from './join-paths.js'
import { addIndexJoinPaths } from './index-join-paths.js'
import type { LeafSet, RegionJoin } from './join-region.js'
import { joinRows, type SizedSide } from './join-sizes.js'

/** Leaves up to which all orders are tried. */
const EXHAUSTIVE_MAX = 12
/** Joins of two parts up to which all orders are tried. */
const STEPS_MAX = 2500

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
  /** Codes that useful orders begin with. */
  readonly firstCodes: ReadonlySet<string>
  readonly groups: Goals['groups']
}

/** What joins two parts. */
interface Step {
  readonly type: JoinType
  readonly conditions: readonly Expression[]
  readonly isNullAware: boolean
  /** The second part is the left side. */
  readonly isSwapped: boolean
}

/** Takes paths that are better than those that a part has; orders that nobody needs any more are forgotten. */
class PartTarget implements JoinTarget {
  readonly #part: Part
  readonly #facts: OrderFacts

  constructor(part: Part, facts: OrderFacts) {
    this.#part = part
    this.#facts = facts
  }

  offer(costs: PathCosts, order: readonly SortKey[], build: Path['build']): void {
    const { paths, goals } = this.#part
    const useful = order.length === 0 || this.#isUseful(order, goals) ? order : NO_ORDER
    const { startupCost, totalCost } = costs
    if (paths.isWanted({ startupCost, totalCost, order: useful }))
      paths.add({ ...costs, order: useful, build })
  }

  #isUseful(order: readonly SortKey[], { firstCodes, groups }: PartGoals): boolean {
    const [first] = this.#facts.codesOf(order)
    if (first !== undefined && firstCodes.has(first)) return true
    return groups.some((group) => this.#facts.isGrouped(order, group))
  }
}

const NO_ORDER: readonly SortKey[] = []

export class JoinOrder {
  readonly #joins: readonly RegionJoin[]
  readonly #facts: OrderFacts
  readonly #estimator: Estimator
  readonly #goals: Goals
  readonly #firstCodes: readonly string[]
  /** Of each join: what orders by its keys begin with. */
  readonly #keyCodes: readonly (readonly string[])[]

  constructor(joins: readonly RegionJoin[], facts: OrderFacts, estimator: Estimator, goals: Goals) {
    this.#joins = joins
    this.#facts = facts
    this.#estimator = estimator
    this.#goals = goals
    this.#firstCodes = goals.orders.flatMap((order) => facts.codesOf(order).slice(0, 1))
    this.#keyCodes = joins.map(({ conditions }) =>
      conditions.flatMap(equalSides).flatMap((side) => keyCodes(side, facts)),
    )
  }

  find(leaves: readonly Part[]): Part {
    if (leaves.length <= EXHAUSTIVE_MAX && this.#countSteps(leaves.length) <= STEPS_MAX) {
      const found = this.#tryAll(leaves, false) ?? this.#tryAll(leaves, true)
      if (found !== undefined) return found
    }
    return this.#joinGreedily(leaves)
  }

  /** How many joins of two connected parts there are, at most. */
  #countSteps(leafCount: number): number {
    const neighbours = new Int32Array(1 << leafCount)
    for (let leaf = 0; leaf < leafCount; leaf++) {
      for (const { needs } of this.#joins) {
        if ((needs & (1 << leaf)) !== 0) neighbours[1 << leaf] = (neighbours[1 << leaf] ?? 0) | needs
      }
    }
    const isConnected = new Uint8Array(1 << leafCount)
    let count = 0
    for (let set = 1; set < 1 << leafCount; set++) {
      const lowest = set & -set
      const rest = set ^ lowest
      if (rest === 0) {
        isConnected[set] = 1
        continue
      }
      neighbours[set] = (neighbours[lowest] ?? 0) | (neighbours[rest] ?? 0)
      for (let first = (set - 1) & set; first > 0; first = (first - 1) & set) {
        if ((first & lowest) === 0 || isConnected[first] === 0 || isConnected[set ^ first] === 0) continue
        if (((neighbours[first] ?? 0) & (set ^ first)) === 0) continue
        isConnected[set] = 1
        count++
      }
    }
    return count
  }

  /** Undefined when there is no way. */
  #tryAll(leaves: readonly Part[], allowsCross: boolean): Part | undefined {
    const all = (1 << leaves.length) - 1
    const parts: (Part | undefined)[] = new Array<Part | undefined>(all + 1)
    for (const leaf of leaves) parts[leaf.set] = leaf
    for (let set = 3; set <= all; set++) {
      const lowest = set & -set
      if (set === lowest) continue
      let best: Part | undefined
      for (let first = (set - 1) & set; first > 0; first = (first - 1) & set) {
        if ((first & lowest) === 0) continue
        const a = parts[first]
        const b = parts[set ^ first]
        if (a === undefined || b === undefined) continue
        const step = this.#stepOf(a.set, b.set, allowsCross)
        if (step === undefined || (best !== undefined && isHopeless(a, b, best))) continue
        best = this.#join(a, b, step, best)
      }
      parts[set] = best
    }
    return parts[all]
  }

  #joinGreedily(leaves: readonly Part[]): Part {
    let parts = [...leaves]
    while (parts.length > 1) {
      const best = this.#cheapestPair(parts, false) ?? this.#cheapestPair(parts, true)
      assert(best !== undefined, 'two parts that can be joined')
      parts = [...parts.filter((part) => (part.set & best.set) === 0), best]
    }
    const [whole] = parts
    assert(whole !== undefined, 'a region has leaves')
    return whole
  }

  /** The two parts whose join gives the fewest rows; of equal ones, that costs least. */
  #cheapestPair(parts: readonly Part[], allowsCross: boolean): Part | undefined {
    let best: { rows: number; a: Part; b: Part; step: Step } | undefined
    for (const [at, a] of parts.entries()) {
      for (const b of parts.slice(at + 1)) {
        const step = this.#stepOf(a.set, b.set, allowsCross)
        if (step === undefined) continue
        const rows = this.#rowsOf(a, b, step) - (isReducing(step.type) ? a.rows + b.rows : 0)
        if (best === undefined || rows < best.rows) best = { rows, a, b, step }
      }
    }
    return best === undefined ? undefined : this.#join(best.a, best.b, best.step, undefined)
  }

  /** How two parts can be joined; undefined: not at all. */
  #stepOf(first: LeafSet, second: LeafSet, allowsCross: boolean): Step | undefined {
    const set = first | second
    const conditions: Expression[] = []
    const settled = new Set<number>()
    const open = new Set<number>()
    let outer: { join: RegionJoin; isSwapped: boolean } | undefined
    let isInner = false
    for (const join of this.#joins) {
      const { needs, equivalence } = join
      if ((needs & set) !== needs || (needs & first) === needs || (needs & second) === needs) continue
      if (equivalence !== undefined && settled.has(equivalence)) continue
      const side = isAllowed(join, set) ? sideOf(join, first, second) : undefined
      if (side === undefined) {
        if (equivalence === undefined) return undefined
        open.add(equivalence)
        continue
      }
      if (equivalence !== undefined) settled.add(equivalence)
      if (join.type === 'inner') {
        isInner = true
        conditions.push(...join.conditions)
      } else if (outer === undefined) outer = { join, isSwapped: side === 'swapped' }
      else return undefined
    }
    for (const equivalence of open) if (!settled.has(equivalence)) return undefined
    if (outer !== undefined) {
      const { join, isSwapped } = outer
      if (isInner) return undefined
      return { type: join.type, conditions: join.conditions, isNullAware: join.isNullAware, isSwapped }
    }
    if (!isInner && !(allowsCross && this.#canCross(first, second))) return undefined
    return { type: 'inner', conditions, isNullAware: false, isSwapped: false }
  }

  /** Parts that no condition connects may be put together if neither is waiting for an outer join of its own. */
  #canCross(first: LeafSet, second: LeafSet): boolean {
    const set = first | second
    const isCutOff = (side: LeafSet): boolean => (set & side) !== 0 && (set & ~side) !== 0
    return this.#joins.every(({ type, needs, leftAll, rightAll }) => {
      if (type === 'inner' || (needs & first) === needs || (needs & second) === needs) return true
      return !isCutOff(rightAll) && !(type === 'full' && isCutOff(leftAll))
    })
  }

  #rowsOf(a: Part, b: Part, step: Step): number {
    const [left, right] = step.isSwapped ? [b, a] : [a, b]
    return joinRows(step.type, left, right, step.conditions, this.#estimator)
  }

  #join(a: Part, b: Part, step: Step, known: Part | undefined): Part {
    const [left, right] = step.isSwapped ? [b, a] : [a, b]
    const isLeftOnly = step.type === 'semi' || step.type === 'anti'
    const part: Part = known ?? {
      set: a.set | b.set,
      columns: isLeftOnly ? left.columns : new Set([...left.columns, ...right.columns]),
      rows: this.#rowsOf(a, b, step),
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
    const firstCodes = new Set(this.#firstCodes)
    this.#joins.forEach(({ needs }, at) => {
      const isPending = (needs & set) !== 0 && (needs & set) !== needs
      if (isPending) for (const code of this.#keyCodes[at] ?? []) firstCodes.add(code)
    })
    return { firstCodes, groups: this.#goals.groups }
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
    const request: JoinRequest = {
      ...splitConditions(conditions, left.columns, right.columns),
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

/** Whether reading the inputs alone costs clearly more than the best join of the same leaves. */
function isHopeless(a: Part, b: Part, best: Part): boolean {
  const costs = [a, b].map((part) => part.paths.cheapest.totalCost) as [number, number]
  // Through an index only what matches is read.
  const least = a.leaf === undefined && b.leaf === undefined ? costs[0] + costs[1] : Math.min(...costs)
  return least > best.paths.cheapest.totalCost * HOPELESS_FACTOR
}

/** An order may be worth this much. */
const HOPELESS_FACTOR = 1.5

/** Codes of the orders by a key, in both directions. */
function keyCodes(expression: Expression, facts: OrderFacts): string[] {
  const orders = [true, false].flatMap((isDescending) =>
    [true, false].map((nullsFirst): SortKey[] => [{ expression, isDescending, nullsFirst }]),
  )
  return orders.flatMap((order) => [...facts.codesOf(order)])
}

function isReducing(type: JoinType): boolean {
  return type === 'semi' || type === 'anti'
}

function isAllowed(join: RegionJoin, set: LeafSet): boolean {
  return join.rules.every((rule) => (rule.when & set) === 0 || (rule.then & set) === rule.then)
}

function sideOf(join: RegionJoin, first: LeafSet, second: LeafSet): 'straight' | 'swapped' | undefined {
  const { left, right, type } = join
  if (type === 'inner') return 'straight'
  if ((left & first) === left && (right & second) === right) return 'straight'
  return (left & second) === left && (right & first) === right ? 'swapped' : undefined
}
