import type { SortKey } from '../../expression.js'
import type { Estimate, PhysicalPlan } from '../../physical-plan.js'
import { sharedCodes, type OrderFacts } from './order-facts.js'

/** A way to compute the rows of a plan, not written out yet. */
export interface Path {
  readonly rows: number
  readonly width: number
  readonly startupCost: number
  readonly totalCost: number
  /** The order in which the rows come; empty: none that can be relied on. */
  readonly order: readonly SortKey[]
  build(): PhysicalPlan
}

export function estimateOf(path: Omit<Path, 'build' | 'order'>): Estimate {
  const { rows, startupCost, totalCost, width } = path
  return { rows: Math.max(0, Math.round(rows)), startupCost, totalCost, width: Math.round(width) }
}

/** Paths that cost less than this much more are not told apart. */
const FUZZ = 1.01
const PATHS_MAX = 12

/** The paths of one plan of which each is best in something: in all, for the first rows, or for the order that it gives. */
export class PathSet {
  readonly #facts: OrderFacts
  #paths: Path[] = []
  /** Of the orders of the paths. */
  #codes: (readonly string[])[] = []

  constructor(facts: OrderFacts, paths: Iterable<Path> = []) {
    this.#facts = facts
    for (const path of paths) this.add(path)
  }

  get all(): readonly Path[] {
    return this.#paths
  }

  /** At least one has been added. */
  get cheapest(): Path {
    return this.best((path) => path.totalCost)
  }

  best(cost: (path: Path) => number): Path {
    let best: Path | undefined
    for (const path of this.#paths) if (best === undefined || cost(path) < cost(best)) best = path
    if (best === undefined) throw new RangeError('a plan without paths')
    return best
  }

  /** The path that costs least for so many of its rows. */
  cheapestFor(rows: number): Path {
    return this.best((path) => costOfRows(path, rows))
  }

  add(path: Path): void {
    const codes = this.#facts.codesOf(path.order)
    if (!this.#isWanted(path.startupCost, path.totalCost, codes)) return
    if (this.#paths.some((other, at) => dominates(path, codes, other, this.#codes[at] ?? []))) {
      const kept = this.#paths.filter((other, at) => !dominates(path, codes, other, this.#codes[at] ?? []))
      this.#paths = kept
      this.#codes = kept.map(({ order }) => this.#facts.codesOf(order))
    }
    this.#paths.push(path)
    this.#codes.push(codes)
    if (this.#paths.length > PATHS_MAX) this.#dropWorst()
  }

  /** Whether a path with these costs and this order would be better than the others in something. */
  isWanted(startupCost: number, totalCost: number, order: readonly SortKey[]): boolean {
    return this.#isWanted(startupCost, totalCost, this.#facts.codesOf(order))
  }

  #isWanted(startupCost: number, totalCost: number, codes: readonly string[]): boolean {
    for (let at = 0; at < this.#paths.length; at++) {
      const other = this.#paths[at]
      if (other === undefined) continue
      const isCheaper = other.totalCost <= totalCost * FUZZ && other.startupCost <= startupCost * FUZZ
      if (isCheaper && coversOrder(this.#codes[at] ?? [], codes)) return false
    }
    return true
  }

  #dropWorst(): void {
    let worst = this.#paths[0]
    for (const path of this.#paths) if (worst === undefined || path.totalCost > worst.totalCost) worst = path
    this.#paths = this.#paths.filter((path) => path !== worst)
    this.#codes = this.#paths.map(({ order }) => this.#facts.codesOf(order))
  }
}

/** Whether nothing speaks for `b` when `a` is there. */
function dominates(a: Path, aCodes: readonly string[], b: Path, bCodes: readonly string[]): boolean {
  return (
    a.totalCost <= b.totalCost * FUZZ && a.startupCost <= b.startupCost * FUZZ && coversOrder(aCodes, bCodes)
  )
}

function coversOrder(given: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length === 0 || sharedCodes(given, wanted) === wanted.length
}

export function costOfRows(path: Path, rows: number): number {
  const share = path.rows <= 0 ? 1 : Math.min(1, rows / path.rows)
  return path.startupCost + share * (path.totalCost - path.startupCost)
}
