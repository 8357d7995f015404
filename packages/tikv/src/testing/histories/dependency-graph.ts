import { defined } from '@orbit-ts/base'

/**
 * Why one transaction comes before another: it wrote the version before (`ww`), wrote what the other read (`wr`), read
 * the version before the other's (`rw`), or had been acknowledged when the other began (`rt`).
 */
export type DependencyKind = 'ww' | 'wr' | 'rw' | 'rt'

export interface Dependency {
  readonly from: number
  readonly to: number
  readonly kind: DependencyKind
  readonly key: string
}

/** A state of the search: a transaction, and whether it was reached by a `rw` dependency. */
interface State {
  readonly node: number
  readonly afterRw: boolean
}

interface Step {
  readonly state: State
  readonly by: Dependency
}

/**
 * Dependencies between transactions, and the cycles that an isolation level forbids.
 *
 * Under snapshot isolation a `ww`, `wr` or `rt` dependency says that one transaction committed before the other
 * started, and `rw` that one started before the other committed; so a cycle contradicts itself unless two `rw` follow
 * each other in it.
 */
export class DependencyGraph {
  readonly #from = new Map<number, Dependency[]>()

  add(from: number, to: number, kind: DependencyKind, key = ''): void {
    if (from === to) return
    const list = this.#from.get(from) ?? []
    this.#from.set(from, list)
    if (!list.some((known) => known.to === to && known.kind === kind)) list.push({ from, to, kind, key })
  }

  get dependencies(): readonly Dependency[] {
    return [...this.#from.values()].flat()
  }

  /** A shortest cycle of dependencies of these kinds. */
  findCycle(kinds: readonly DependencyKind[]): readonly Dependency[] | undefined {
    return this.#shortest(({ node }) =>
      this.#out(node)
        .filter(({ kind }) => kinds.includes(kind))
        .map((by) => ({ state: { node: by.to, afterRw: false }, by })),
    )
  }

  /** A shortest cycle in which no two `rw` follow each other. */
  findSnapshotCycle(): readonly Dependency[] | undefined {
    return this.#shortest(({ node, afterRw }) =>
      this.#out(node)
        .filter(({ kind }) => !(afterRw && kind === 'rw'))
        .map((by) => ({ state: { node: by.to, afterRw: by.kind === 'rw' }, by })),
    )
  }

  #out(node: number): readonly Dependency[] {
    return this.#from.get(node) ?? []
  }

  #shortest(next: (state: State) => readonly Step[]): readonly Dependency[] | undefined {
    let best: readonly Dependency[] | undefined
    if (!hasCycle([...this.#from.keys()], next)) return undefined
    for (const node of this.#from.keys()) {
      for (const afterRw of [false, true]) {
        const cycle = cycleThrough({ node, afterRw }, next, best?.length ?? Infinity)
        if (cycle !== undefined) best = cycle
      }
      if (best?.length === 2) return best
    }
    return best
  }
}

/** Almost every history has none: one walk over everything says so. */
function hasCycle(nodes: readonly number[], next: (state: State) => readonly Step[]): boolean {
  const done = new Map<string, boolean>()
  const visit = (state: State): boolean => {
    const id = idOf(state)
    const known = done.get(id)
    if (known !== undefined) return !known
    done.set(id, false)
    const found = next(state).some((step) => visit(step.state))
    done.set(id, true)
    return found
  }
  return nodes.some((node) => visit({ node, afterRw: false }) || visit({ node, afterRw: true }))
}

/** Breadth first; undefined when there is none shorter than `limit`. */
function cycleThrough(
  start: State,
  next: (state: State) => readonly Step[],
  limit: number,
): readonly Dependency[] | undefined {
  const reached = new Map<string, { readonly previous: State; readonly by: Dependency }>()
  let front: State[] = [start]
  for (let length = 1; front.length > 0 && length < limit; length++) {
    const following: State[] = []
    for (const state of front) {
      for (const { state: target, by } of next(state)) {
        if (idOf(target) === idOf(start)) return [...pathTo(state, start, reached), by]
        if (reached.has(idOf(target))) continue
        reached.set(idOf(target), { previous: state, by })
        following.push(target)
      }
    }
    front = following
  }
  return undefined
}

function pathTo(
  end: State,
  start: State,
  reached: ReadonlyMap<string, { readonly previous: State; readonly by: Dependency }>,
): Dependency[] {
  const path: Dependency[] = []
  for (let at = end; idOf(at) !== idOf(start);) {
    const step = defined(reached.get(idOf(at)), 'a step of the path')
    path.unshift(step.by)
    at = step.previous
  }
  return path
}

function idOf({ node, afterRw }: State): string {
  return `${node}${afterRw ? 'r' : ''}`
}

/** For example `T1 -ww k-> T2 -rw j-> T1`. */
export function describeCycle(cycle: readonly Dependency[]): string {
  const steps = cycle.map(({ from, kind, key }) => `T${from} -${key === '' ? kind : `${kind} ${key}`}-> `)
  return `${steps.join('')}T${cycle[0]?.from}`
}

/** The name of the anomaly that a cycle is. */
export function classifyCycle(cycle: readonly Dependency[]): string {
  const kinds = cycle.map(({ kind }) => kind)
  const antiDependencies = kinds.filter((kind) => kind === 'rw').length
  const suffix = kinds.includes('rt') ? '-realtime' : ''
  if (antiDependencies > 1) {
    const adjacent = kinds.some((kind, at) => kind === 'rw' && kinds[(at + 1) % kinds.length] === 'rw')
    return `${adjacent ? 'G2' : 'G-nonadjacent'}${suffix}`
  }
  if (antiDependencies === 1) return `G-single${suffix}`
  return `${kinds.includes('wr') ? 'G1c' : 'G0'}${suffix}`
}
