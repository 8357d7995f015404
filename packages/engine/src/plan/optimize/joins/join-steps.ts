import type { Expression } from '../../expression.js'
import type { JoinType } from '../../logical-plan.js'
import type { RegionJoin } from './join-region.js'
import type { LeafSet } from './leaf-set.js'

/** What joins two parts. */
export interface Step {
  readonly type: JoinType
  readonly conditions: readonly Expression[]
  readonly isNullAware: boolean
  /** The second part is the left side. */
  readonly isSwapped: boolean
}

/** Tells how parts of a region can be joined. */
export class JoinSteps {
  readonly #joins: readonly RegionJoin[]
  readonly #neighbours = new Map<LeafSet, LeafSet>()

  constructor(joins: readonly RegionJoin[]) {
    this.#joins = joins
  }

  /** Leaves that a condition names together with one of the set, and the set itself where there are such. */
  neighboursOf(set: LeafSet): LeafSet {
    let found = this.#neighbours.get(set)
    if (found === undefined) {
      found = 0n
      for (const { needs } of this.#joins) if ((needs & set) !== 0n) found |= needs
      this.#neighbours.set(set, found)
    }
    return found
  }

  /** How two parts can be joined; undefined: not at all. */
  stepOf(first: LeafSet, second: LeafSet, allowsCross: boolean): Step | undefined {
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
    const isCutOff = (side: LeafSet): boolean => (set & side) !== 0n && (set & ~side) !== 0n
    return this.#joins.every(({ type, needs, leftAll, rightAll }) => {
      if (type === 'inner' || (needs & first) === needs || (needs & second) === needs) return true
      return !isCutOff(rightAll) && !(type === 'full' && isCutOff(leftAll))
    })
  }
}

function isAllowed(join: RegionJoin, set: LeafSet): boolean {
  return join.rules.every((rule) => (rule.when & set) === 0n || (rule.then & set) === rule.then)
}

function sideOf(join: RegionJoin, first: LeafSet, second: LeafSet): 'straight' | 'swapped' | undefined {
  const { left, right, type } = join
  if (type === 'inner') return 'straight'
  if ((left & first) === left && (right & second) === right) return 'straight'
  return (left & second) === left && (right & first) === right ? 'swapped' : undefined
}
