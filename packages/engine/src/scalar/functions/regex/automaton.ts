/**
 * A nondeterministic automaton for the nodes of a regular expression. Each node that is asked for gets a part of its
 * own, from a state to begin with to one to end with. A part is run in all its states at once, so that it takes length
 * of the text × number of states at worst, whatever the expression is.
 */
import { workMeter } from '../../work-meter.js'
import { isAtBoundary } from './boundaries.js'
import type { CharacterSet } from './character-set.js'
import { regexError } from './regex-error.js'
import type { Boundary, RegexNode } from './regex-node.js'

/** States of one expression at most. */
export const STATES_MAX = 100_000
/** States that are gone through in a unit of work. */
const STATES_PER_UNIT = 16

/** What a state leads to. */
export type Step =
  | { readonly kind: 'set'; readonly set: CharacterSet; readonly next: number }
  | { readonly kind: 'boundary'; readonly boundary: Boundary; readonly next: number }
  | LookStep
  | { readonly kind: 'split'; readonly targets: readonly number[] }

interface LookStep {
  readonly kind: 'look'
  readonly isAhead: boolean
  readonly isNegated: boolean
  readonly part: Part
  readonly next: number
}

/** Where a node's part of the automaton begins and ends. */
export interface Part {
  readonly start: number
  readonly end: number
}

export class Automaton {
  readonly steps: Step[] = []
  readonly #parts = new Map<RegexNode, Part>()
  readonly #groups = new Map<number, RegexNode>()
  /** Those that are not in use. */
  readonly #runs: Run[] = []

  /** @param root all nodes that are asked for are within it, or are made of such nodes */
  constructor(root: RegexNode) {
    this.#collectGroups(root)
  }

  partOf(node: RegexNode): Part {
    let part = this.#parts.get(node)
    if (part === undefined) {
      const end = this.#state({ kind: 'split', targets: [] })
      part = { start: this.#build(node, end), end }
      this.#parts.set(node, part)
    }
    return part
  }

  /** All positions up to `limit` where the node can end that begins at `from`, ascending. */
  ends(node: RegexNode, text: readonly number[], from: number, limit: number): number[] {
    const { start, end } = this.partOf(node)
    const found: number[] = []
    const run = this.#begin(text)
    run.add(start, from, from)
    for (let at = from; ; at++) {
      if (run.startOf(end) >= 0) found.push(at)
      if (at >= limit || run.isEmpty) break
      run.step(text[at] ?? 0, at + 1)
    }
    this.#runs.push(run)
    return found
  }

  /** Whether the node can begin and end at just these positions. */
  spans(node: RegexNode, text: readonly number[], from: number, to: number): boolean {
    return this.ends(node, text, from, to).at(-1) === to
  }

  /** The first position from `from` on at which the node matches, or -1. */
  firstStart(node: RegexNode, text: readonly number[], from: number): number {
    const { start, end } = this.partOf(node)
    const run = this.#begin(text)
    let best = -1
    for (let at = from; ; at++) {
      if (best < 0) run.add(start, at, at)
      const found = run.startOf(end)
      if (found >= 0 && (best < 0 || found < best)) best = found
      if (at >= text.length || (best >= 0 && !run.hasStartBefore(best))) break
      run.step(text[at] ?? 0, at + 1)
    }
    this.#runs.push(run)
    return best
  }

  /** Puts into `pending` the states that a state leads to without a character. */
  follow(state: number, text: readonly number[], at: number, pending: number[]): void {
    const step = this.steps[state]
    if (step?.kind === 'split') pending.push(...step.targets)
    else if (step?.kind === 'boundary') {
      if (isAtBoundary(step.boundary, text, at)) pending.push(step.next)
    } else if (step?.kind === 'look') {
      if (this.#looks(step, text, at) !== step.isNegated) pending.push(step.next)
    }
  }

  #looks({ isAhead, part }: LookStep, text: readonly number[], at: number): boolean {
    const run = this.#begin(text)
    if (isAhead) run.add(part.start, at, at)
    for (let position = isAhead ? at : 0; ; position++) {
      if (!isAhead) run.add(part.start, position, position)
      if (isAhead ? run.startOf(part.end) >= 0 : position === at) break
      if (position >= text.length || (isAhead && run.isEmpty)) break
      run.step(text[position] ?? 0, position + 1)
    }
    const isFound = run.startOf(part.end) >= 0
    this.#runs.push(run)
    return isFound
  }

  /** One that was used before, unless states have been added since: nodes get theirs when they are asked for. */
  #begin(text: readonly number[]): Run {
    let run = this.#runs.pop()
    if (run === undefined || run.size < this.steps.length) run = new Run(this)
    run.begin(text)
    return run
  }

  #collectGroups(node: RegexNode): void {
    if (node.kind === 'group') this.#groups.set(node.index, node.item)
    if (node.kind === 'concat') for (const item of node.items) this.#collectGroups(item)
    else if (node.kind === 'or') for (const branch of node.branches) this.#collectGroups(branch)
    else if ('item' in node) this.#collectGroups(node.item)
  }

  /** Builds a node's states, the last of which lead to `next`. Gives the first. */
  #build(node: RegexNode, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.#state({ kind: 'set', set: node.set, next })
      case 'boundary':
        return this.#state({ kind: 'boundary', boundary: node.boundary, next })
      case 'look': {
        const { isAhead, isNegated } = node
        return this.#state({ kind: 'look', isAhead, isNegated, part: this.partOf(node.item), next })
      }
      case 'concat':
        return node.items.reduceRight((following, item) => this.#build(item, following), next)
      case 'or':
        return this.#split(node.branches.map((branch) => this.#build(branch, next)))
      case 'repeat':
        return this.#repeat(node.item, node.min, node.max, next)
      case 'group':
        return this.#build(node.item, next)
      case 'back': {
        // Whatever the group could match. What it really has matched is compared when groups are looked for.
        const item = this.#groups.get(node.index)
        return item === undefined ? next : this.#build(item, next)
      }
    }
  }

  #repeat(item: RegexNode, min: number, max: number, next: number): number {
    let start = next
    if (max === Infinity) {
      const targets = [next]
      start = this.#split(targets)
      targets.push(this.#build(item, start))
    } else {
      for (let count = min; count < max; count++) start = this.#split([this.#build(item, start), next])
    }
    for (let count = 0; count < min; count++) start = this.#build(item, start)
    return start
  }

  #split(targets: readonly number[]): number {
    return this.#state({ kind: 'split', targets })
  }

  #state(step: Step): number {
    if (this.steps.length >= STATES_MAX) throw regexError('regular expression is too complex')
    return this.steps.push(step) - 1
  }
}

/** The states that are alive at one position, each with the earliest position that it was reached from. */
class Run {
  readonly #automaton: Automaton
  #text: readonly number[] = []
  /** By state; -1: not alive. */
  readonly #starts: Int32Array
  #states: number[] = []

  constructor(automaton: Automaton) {
    this.#automaton = automaton
    this.#starts = new Int32Array(automaton.steps.length).fill(-1)
  }

  /** How many states it has room for. */
  get size(): number {
    return this.#starts.length
  }

  /** Nothing is alive. */
  begin(text: readonly number[]): void {
    workMeter.workOn(1)
    this.#text = text
    for (const state of this.#states) this.#starts[state] = -1
    this.#states = []
  }

  get isEmpty(): boolean {
    return this.#states.length === 0
  }

  startOf(state: number): number {
    return this.#starts[state] ?? -1
  }

  hasStartBefore(start: number): boolean {
    return this.#states.some((state) => this.startOf(state) < start)
  }

  /** Adds a state and all that it leads to without a character. */
  add(state: number, at: number, start: number): void {
    const pending = [state]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const known = this.startOf(next)
      if (known >= 0 && known <= start) continue
      if (known < 0) this.#states.push(next)
      this.#starts[next] = start
      this.#automaton.follow(next, this.#text, at, pending)
    }
  }

  step(code: number, at: number): void {
    const states = this.#states
    workMeter.workOn((1 + states.length) / STATES_PER_UNIT)
    const alive: number[] = []
    for (const state of states) {
      const step = this.#automaton.steps[state]
      if (step?.kind === 'set' && step.set.has(code)) alive.push(step.next, this.startOf(state))
      this.#starts[state] = -1
    }
    this.#states = []
    for (let each = 0; each < alive.length; each += 2) {
      // Pairs of a state and where it began.
      this.add(alive[each] as number, at, alive[each + 1] as number)
    }
  }
}
