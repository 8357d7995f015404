/**
 * Finds the order of the joins of a region. Leaves that conditions connect are put together first: by trying all orders
 * (dynamic programming over sets of leaves) while there are few, otherwise by joining again and again the two parts that
 * give the fewest rows. What no condition connects is multiplied in the end, the smallest parts first.
 */
import { assert } from '@orbit-ts/base'
import type { Estimator } from '../estimator.js'
import type { Goals } from '../goals.js'
import type { OrderFacts } from '../paths/order-facts.js'
import type { RegionJoin } from './join-region.js'
import { JoinSteps, type Step } from './join-steps.js'
import type { LeafSet } from './leaf-set.js'
import { PartJoiner } from './part-joiner.js'
import type { Part } from './part.js'

/** Leaves up to which all orders are tried. */
const EXHAUSTIVE_MAX = 12
/** Joins of two parts up to which all orders are tried. */
const STEPS_MAX = 2500
/** Leaves up to which products are tried at any place, where conditions alone do not lead to all of them. */
const PRODUCTS_MAX = 6

export class JoinOrder {
  readonly #joins: readonly RegionJoin[]
  readonly #steps: JoinSteps
  readonly #joiner: PartJoiner

  constructor(joins: readonly RegionJoin[], facts: OrderFacts, estimator: Estimator, goals: Goals) {
    this.#joins = joins
    this.#steps = new JoinSteps(joins)
    this.#joiner = new PartJoiner(joins, facts, estimator, goals)
  }

  find(leaves: readonly Part[]): Part {
    const parts = this.#connected(leaves).flatMap((group) => this.#joinConnected(group))
    const [whole] = this.#joinGreedily(parts, true)
    assert(whole !== undefined, 'a region has leaves')
    return whole
  }

  /** The leaves in groups that nothing connects: neither a condition nor an order in which joins have to be done. */
  #connected(leaves: readonly Part[]): readonly (readonly Part[])[] {
    let groups: { set: LeafSet; leaves: readonly Part[] }[] = leaves.map((leaf) => ({
      set: leaf.set,
      leaves: [leaf],
    }))
    for (const { needs, rules } of this.#joins) {
      const edge = rules.reduce((set, { when, then }) => set | when | then, needs)
      const touched = groups.filter(({ set }) => (set & edge) !== 0n)
      if (touched.length < 2) continue
      const set = touched.reduce((all, group) => all | group.set, 0n)
      const merged = touched.flatMap((group) => group.leaves)
      groups = [...groups.filter((group) => !touched.includes(group)), { set, leaves: merged }]
    }
    return groups.map((group) => group.leaves)
  }

  /** Gives more than one part where products are needed. */
  #joinConnected(leaves: readonly Part[]): readonly Part[] {
    if (leaves.length === 1) return leaves
    const steps = leaves.length <= EXHAUSTIVE_MAX ? this.#connectedSteps(leaves) : undefined
    if (steps !== undefined) {
      const found = this.#tryAll(leaves, steps, false)
      if (found !== undefined) return [found]
      if (leaves.length <= PRODUCTS_MAX) {
        const product = this.#tryAll(leaves, allSteps(leaves.length), true)
        if (product !== undefined) return [product]
      }
    }
    return this.#joinGreedily(leaves, false)
  }

  /** The ways to make connected sets of two smaller ones; undefined when they are too many. */
  #connectedSteps(leaves: readonly Part[]): readonly SetStep[] | undefined {
    const size = 1 << leaves.length
    const neighbours = new Int32Array(size)
    for (const { needs } of this.#joins) {
      let mask = 0
      for (const [at, leaf] of leaves.entries()) if ((needs & leaf.set) !== 0n) mask |= 1 << at
      for (let at = 0; at < leaves.length; at++) {
        if ((mask & (1 << at)) !== 0) neighbours[1 << at] = (neighbours[1 << at] ?? 0) | mask
      }
    }
    const isConnected = new Uint8Array(size)
    const steps: SetStep[] = []
    for (let set = 1; set < size; set++) {
      const lowest = set & -set
      if (set === lowest) {
        isConnected[set] = 1
        continue
      }
      neighbours[set] = (neighbours[lowest] ?? 0) | (neighbours[set ^ lowest] ?? 0)
      for (let first = (set - 1) & set; first > 0; first = (first - 1) & set) {
        if ((first & lowest) === 0 || isConnected[first] === 0 || isConnected[set ^ first] === 0) continue
        if (((neighbours[first] ?? 0) & (set ^ first)) === 0) continue
        isConnected[set] = 1
        if (steps.push({ set, first }) > STEPS_MAX) return undefined
      }
    }
    return steps
  }

  /** Undefined when there is no way. */
  #tryAll(leaves: readonly Part[], steps: readonly SetStep[], allowsCross: boolean): Part | undefined {
    const parts = new Map(leaves.map((leaf, at) => [1 << at, leaf]))
    for (const { set, first } of steps) {
      const a = parts.get(first)
      const b = parts.get(set ^ first)
      if (a === undefined || b === undefined) continue
      const best = parts.get(set)
      if (best !== undefined && isHopeless(a, b, best)) continue
      const step = this.#steps.stepOf(a.set, b.set, allowsCross)
      if (step !== undefined) parts.set(set, this.#joiner.join(a, b, step, best))
    }
    return parts.get((1 << leaves.length) - 1)
  }

  /** Joins until nothing is left to be joined. */
  #joinGreedily(start: readonly Part[], allowsCross: boolean): readonly Part[] {
    const sizes: PairSizes = new Map()
    let parts = start
    while (parts.length > 1) {
      const best =
        this.#smallestPair(parts, sizes, false) ??
        (allowsCross ? this.#smallestPair(parts, new Map(), true) : undefined)
      if (best === undefined) break
      const joined = this.#joiner.join(best.a, best.b, best.step, undefined)
      parts = [...parts.filter((part) => part !== best.a && part !== best.b), joined]
    }
    return parts
  }

  /** The two parts whose join gives the fewest rows. @param sizes what is known of pairs already */
  #smallestPair(parts: readonly Part[], sizes: PairSizes, allowsCross: boolean): Pair | undefined {
    let best: Pair | undefined
    for (const [at, a] of parts.entries()) {
      const known = sizes.get(a) ?? new Map<Part, Pair | undefined>()
      sizes.set(a, known)
      const near = this.#steps.neighboursOf(a.set)
      for (const b of parts.slice(at + 1)) {
        if (!allowsCross && (near & b.set) === 0n) continue
        let pair = known.get(b)
        if (pair === undefined && !known.has(b)) known.set(b, (pair = this.#pair(a, b, allowsCross)))
        if (pair !== undefined && (best === undefined || pair.rows < best.rows)) best = pair
      }
    }
    return best
  }

  #pair(a: Part, b: Part, allowsCross: boolean): Pair | undefined {
    const step = this.#steps.stepOf(a.set, b.set, allowsCross)
    if (step === undefined) return undefined
    const isReducing = step.type === 'semi' || step.type === 'anti'
    const rows = this.#joiner.rowsOf(a, b, step) - (isReducing ? a.rows + b.rows : 0)
    return { a, b, step, rows }
  }
}

/** A set of leaves, by their positions, and the part of it that is joined with the rest. */
interface SetStep {
  readonly set: number
  readonly first: number
}

interface Pair {
  readonly a: Part
  readonly b: Part
  readonly step: Step
  /** What the join gives; for joins that only take away, what they take away, below zero. */
  readonly rows: number
}

/** Pairs that have been looked at; undefined: they cannot be joined. */
type PairSizes = Map<Part, Map<Part, Pair | undefined>>

/** All ways to make sets of two smaller ones. */
function allSteps(leafCount: number): readonly SetStep[] {
  const steps: SetStep[] = []
  for (let set = 3; set < 1 << leafCount; set++) {
    const lowest = set & -set
    for (let first = (set - 1) & set; first > 0; first = (first - 1) & set) {
      if ((first & lowest) !== 0) steps.push({ set, first })
    }
  }
  return steps
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
