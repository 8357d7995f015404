/**
 * The joins of a statement that may be done in another order than they were written in: a tree of joins over leaves,
 * taken apart into what each join needs to have below it.
 *
 * Which orders are right follows from pairs of joins: "On the correct and complete enumeration of the core search
 * space" (Moerkotte, Fender, Eich; SIGMOD 2013), with conflict rules that name the tables a join has to wait for.
 */
import { assert } from '@orbit-ts/base'
import { conjunctsOf, operatorCall } from '../../expressions/conditions.js'
import { rejectedNulls } from '../../expressions/null-rejection.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { CallExpression, ColumnId, Expression } from '../../expression.js'
import { columnsOf } from '../../logical/free-columns.js'
import { Equivalences, type EquivalenceClass } from '../../logical/equivalences.js'
import type { JoinPlan, JoinType, LogicalPlan } from '../../logical-plan.js'
import { canExchange, type JoinLaw } from './join-laws.js'
import { isSingleLeaf, leafSet, type LeafSet } from './leaf-set.js'

export interface RegionLeaf {
  readonly plan: LogicalPlan
  /** What follows for it alone from conditions of the joins. */
  readonly conditions: Expression[]
  /** Joins may add rows of nulls in its place. */
  readonly isPadded: boolean
}

/** A join, or one of the conditions of an inner join: it takes effect where its tables first come together. */
export interface RegionJoin {
  readonly type: JoinType
  readonly conditions: readonly Expression[]
  readonly isNullAware: boolean
  /** Leaves that have to be there, of both sides. */
  readonly needs: LeafSet
  readonly left: LeafSet
  readonly right: LeafSet
  /** All leaves of either side as the join was written. */
  readonly leftAll: LeafSet
  readonly rightAll: LeafSet
  /** Where one of the first leaves is there, all of the second have to be. */
  readonly rules: readonly { readonly when: LeafSet; readonly then: LeafSet }[]
  /** Conditions with the same number follow from one another: one of them at a time is enough. */
  readonly equivalence: number | undefined
}

export interface Region {
  readonly leaves: readonly RegionLeaf[]
  readonly joins: readonly RegionJoin[]
  /** Equalities that hold for all rows in which their columns are there at all. */
  readonly equalities: readonly Expression[]
}

/** A join of the tree as it was written. */
interface Node {
  readonly plan: JoinPlan
  readonly left: Node | number
  readonly right: Node | number
  readonly leftSet: LeafSet
  readonly rightSet: LeafSet
  /** Inner joins with the same number hold for the same rows. */
  readonly scope: number
}

export function isReorderable(plan: LogicalPlan): plan is JoinPlan {
  return (
    plan.kind === 'join' &&
    plan.type !== 'right' &&
    !plan.isLateral &&
    !(plan.condition !== undefined && isVolatile(plan.condition))
  )
}

/**
 * Leaves of one region at most: finding an order takes a multiple of their number to the third power. In a larger tree
 * parts of that size are planned by themselves, and are leaves of what is above them.
 */
const LEAVES_MAX = 64

/** Adds the joins that are regions of their own. @returns leaves of the region that the plan belongs to */
function cutApart(plan: LogicalPlan, apart: Set<LogicalPlan>): number {
  if (!isReorderable(plan)) return 1
  const sides = [plan.left, plan.right].map((side) => ({ side, leaves: cutApart(side, apart) }))
  sides.sort((a, b) => b.leaves - a.leaves)
  let total = sides.reduce((sum, { leaves }) => sum + leaves, 0)
  for (const { side, leaves } of sides) {
    if (total <= LEAVES_MAX) break
    apart.add(side)
    total -= leaves - 1
  }
  return total
}

export function collectRegion(root: JoinPlan): Region {
  return new RegionCollector().collect(root)
}

class RegionCollector {
  readonly #leaves: RegionLeaf[] = []
  readonly #leafOfColumn = new Map<ColumnId, number>()
  readonly #nodes: Node[] = []
  /** Joins that are regions of their own. */
  readonly #apart = new Set<LogicalPlan>()
  readonly #joins: RegionJoin[] = []
  readonly #laws = new Map<Node, JoinLaw>()
  #lastScope = 0

  collect(root: JoinPlan): Region {
    cutApart(root, this.#apart)
    this.#visit(root, 0, false)
    for (const node of this.#nodes) if (node.plan.type !== 'inner') this.#joins.push(this.#outerJoin(node))
    const equalities: Expression[] = []
    for (let scope = 0; scope <= this.#lastScope; scope++) equalities.push(...this.#innerJoins(scope))
    return { leaves: this.#leaves, joins: this.#joins, equalities }
  }

  #visit(plan: LogicalPlan, scope: number, isPadded: boolean): Node | number {
    if (!isReorderable(plan) || this.#apart.has(plan)) return this.#addLeaf(plan, isPadded)
    const { type } = plan
    const left = this.#visit(
      plan.left,
      type === 'full' ? ++this.#lastScope : scope,
      isPadded || type === 'full',
    )
    const leftSet = this.#setOf(left)
    const right = this.#visit(
      plan.right,
      type === 'inner' ? scope : ++this.#lastScope,
      isPadded || type === 'full' || type === 'left',
    )
    const node: Node = { plan, left, right, leftSet, rightSet: this.#setOf(right), scope }
    this.#nodes.push(node)
    return node
  }

  #addLeaf(plan: LogicalPlan, isPadded: boolean): number {
    const leaf = this.#leaves.length
    this.#leaves.push({ plan, conditions: [], isPadded })
    for (const { id } of plan.columns) this.#leafOfColumn.set(id, leaf)
    return leaf
  }

  #setOf(node: Node | number): LeafSet {
    return typeof node === 'number' ? leafSet(node) : node.leftSet | node.rightSet
  }

  #tablesOf(expression: Expression): LeafSet {
    let tables = 0n
    for (const column of columnsOf(expression)) {
      const leaf = this.#leafOfColumn.get(column)
      if (leaf !== undefined) tables |= leafSet(leaf)
    }
    return tables
  }

  #outerJoin(node: Node): RegionJoin {
    return this.#join(node, conjunctsOf(node.plan.condition), undefined)
  }

  /** The conditions of the inner joins of a scope, each a join of its own; equalities with all that follows from them. */
  #innerJoins(scope: number): Expression[] {
    const nodes = this.#nodes.filter((node) => node.scope === scope && node.plan.type === 'inner')
    const conditions = nodes.flatMap((node) =>
      conjunctsOf(node.plan.condition).map((condition) => ({ node, condition })),
    )
    const known = new Equivalences(
      conditions.map(({ condition }) => condition).filter((condition) => this.#isBetweenTwo(condition)),
      () => false,
    )
    const classes = known.classes()
    const closed = new Set(classes.filter((found) => this.#comeTogether(found, nodes)))
    for (const { node, condition } of conditions) {
      const found = known.used.has(condition) ? classOf(condition, known) : undefined
      if (found === undefined || !closed.has(found))
        this.#joins.push(this.#join(node, [condition], undefined))
    }
    for (const [at, found] of classes.entries()) {
      if (closed.has(found)) this.#addEqualities(found, nodes, scope * 1000 + at)
    }
    return [...known.used].filter((condition) => {
      const found = classOf(condition, known)
      return found !== undefined && closed.has(found)
    })
  }

  /** Whether each two members of different leaves come together at one of the joins: an outer one asks for nothing. */
  #comeTogether({ members }: EquivalenceClass, nodes: readonly Node[]): boolean {
    const leaves = [...new Set(members.map((member) => this.#tablesOf(member)))]
    return leaves.every((a, at) => leaves.slice(at + 1).every((b) => joinOf(a, b, nodes) !== undefined))
  }

  #addEqualities(
    { members, operator, conditionType }: EquivalenceClass,
    nodes: readonly Node[],
    equivalence: number,
  ): void {
    members.forEach((first, position) => {
      for (const second of members.slice(position + 1)) {
        this.#addEquality(operatorCall(operator, first, second, conditionType), nodes, equivalence)
      }
    })
  }

  /** An equality whose sides are made of one leaf each. */
  #isBetweenTwo(condition: Expression): boolean {
    if (condition.kind !== 'call') return false
    return condition.args.every((side) => isSingleLeaf(this.#tablesOf(side)))
  }

  #addEquality(condition: CallExpression, nodes: readonly Node[], equivalence: number): void {
    const tables = this.#tablesOf(condition)
    if (isSingleLeaf(tables)) {
      this.#leaves[tables.toString(2).length - 1]?.conditions.push(condition)
      return
    }
    const [a = 0n, b = 0n] = condition.args.map((side) => this.#tablesOf(side))
    const node = joinOf(a, b, nodes)
    assert(node !== undefined, 'the inner join at which two leaves come together')
    this.#joins.push(this.#join(node, [condition], equivalence))
  }

  #join(node: Node, conditions: readonly Expression[], equivalence: number | undefined): RegionJoin {
    const { plan, leftSet, rightSet } = node
    let needs = 0n
    for (const condition of conditions) needs |= this.#tablesOf(condition)
    needs &= leftSet | rightSet
    // What says nothing of one of the sides waits for all of it.
    if ((needs & leftSet) === 0n) needs |= leftSet
    if ((needs & rightSet) === 0n) needs |= rightSet
    const own: JoinLaw = this.#law(node, conditions)
    const rules: { when: LeafSet; then: LeafSet }[] = []
    for (const below of this.#nodesOf(node.left)) {
      const law = this.#lawOf(below)
      if (!canExchange.assoc(law, own)) rules.push(this.#rule(below, below.rightSet, below.leftSet))
      if (!canExchange.leftAsscom(law, own)) rules.push(this.#rule(below, below.leftSet, below.rightSet))
    }
    for (const below of this.#nodesOf(node.right)) {
      const law = this.#lawOf(below)
      if (!canExchange.assoc(own, law)) rules.push(this.#rule(below, below.leftSet, below.rightSet))
      if (!canExchange.rightAsscom(own, law)) rules.push(this.#rule(below, below.rightSet, below.leftSet))
    }
    return {
      type: plan.type,
      conditions,
      isNullAware: plan.isNullAware === true,
      needs,
      left: needs & leftSet,
      right: needs & rightSet,
      leftAll: leftSet,
      rightAll: rightSet,
      rules,
      equivalence,
    }
  }

  /** A rule need not ask for more than what the other join's condition is about. */
  #rule(below: Node, when: LeafSet, then: LeafSet): { when: LeafSet; then: LeafSet } {
    let tables = 0n
    for (const condition of conjunctsOf(below.plan.condition)) tables |= this.#tablesOf(condition)
    return { when, then: (then & tables) === 0n ? then : then & tables }
  }

  #lawOf(node: Node): JoinLaw {
    let law = this.#laws.get(node)
    if (law === undefined) {
      law = this.#law(node, conjunctsOf(node.plan.condition))
      this.#laws.set(node, law)
    }
    return law
  }

  #law(node: Node, conditions: readonly Expression[]): JoinLaw {
    let rejected = 0n
    for (const condition of conditions) {
      for (const column of rejectedNulls(condition)) {
        const leaf = this.#leafOfColumn.get(column)
        if (leaf !== undefined) rejected |= leafSet(leaf)
      }
    }
    return {
      type: node.plan.type,
      left: node.leftSet,
      right: node.rightSet,
      rejected,
    }
  }

  #nodesOf(node: Node | number): readonly Node[] {
    if (typeof node === 'number') return []
    return [node, ...this.#nodesOf(node.left), ...this.#nodesOf(node.right)]
  }
}

/** The join that has the leaves `a` on one side and `b` on the other. */
function joinOf(a: LeafSet, b: LeafSet, nodes: readonly Node[]): Node | undefined {
  return nodes.find(
    ({ leftSet, rightSet }) =>
      ((leftSet & a) !== 0n && (rightSet & b) !== 0n) || ((leftSet & b) !== 0n && (rightSet & a) !== 0n),
  )
}

function classOf(condition: Expression, known: Equivalences): EquivalenceClass | undefined {
  const [left] = condition.kind === 'call' ? condition.args : []
  return left === undefined ? undefined : known.classOf(left)
}
