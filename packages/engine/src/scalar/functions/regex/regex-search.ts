/**
 * Tells fast whether an expression occurs in a text. The sets of states that the automaton gets into are kept, with the
 * set that follows for each character, so that most characters cost one look into a table.
 *
 * Works for expressions whose only conditions are the text's beginning and end; the caller falls back to
 * {@link Automaton.firstStart} for the others.
 */
import { defined } from '@orbit-ts/base'
import { workMeter } from '../../work-meter.js'
import type { Automaton, Part } from './automaton.js'
import type { RegexNode } from './regex-node.js'

/** Sets of states that are kept at most, and how many states they may have together; then all are forgotten. */
const SETS_MAX = 2000
const STATES_KEPT_MAX = 100_000
/** Following a state costs more than what a unit of work is. */
const STATES_PER_UNIT = 4

interface StateSet {
  /** The states reached by a character, before those that follow without one. */
  readonly kernel: readonly number[]
  /** All states but those behind the text's end. */
  readonly states: readonly number[]
  readonly isMatch: boolean
  isMatchAtEnd: boolean | undefined
  readonly ascii: (StateSet | undefined)[]
  readonly others: Map<number, StateSet>
}

export class RegexSearch {
  readonly #automaton: Automaton
  readonly #part: Part
  readonly #sets = new Map<string, StateSet>()
  readonly #initial: StateSet
  #statesKept = 0

  constructor(automaton: Automaton, root: RegexNode) {
    this.#automaton = automaton
    this.#part = automaton.partOf(root)
    this.#initial = this.#makeSet([this.#part.start], true)
  }

  static supports(node: RegexNode): boolean {
    switch (node.kind) {
      case 'set':
        return true
      case 'boundary':
        return node.boundary === 'text start' || node.boundary === 'text end'
      case 'look':
      case 'back':
        return false
      case 'concat':
        return node.items.every((item) => RegexSearch.supports(item))
      case 'or':
        return node.branches.every((branch) => RegexSearch.supports(branch))
      default:
        return RegexSearch.supports(node.item)
    }
  }

  occursIn(text: string): boolean {
    let set = this.#initial
    for (let at = 0; at < text.length; at++) {
      if (set.isMatch) return true
      const unit = text.charCodeAt(at)
      if (unit < 128) {
        set = set.ascii[unit] ?? this.#next(set, unit)
      } else {
        const code = text.codePointAt(at) ?? unit
        if (code > 0xffff) at++
        set = set.others.get(code) ?? this.#next(set, code)
      }
    }
    if (set.isMatch) return true
    set.isMatchAtEnd ??= this.#closure(set.kernel, set === this.#initial, true).includes(this.#part.end)
    return set.isMatchAtEnd
  }

  #next(set: StateSet, code: number): StateSet {
    workMeter.workOn((1 + set.states.length) / STATES_PER_UNIT)
    const kernel = new Set([this.#part.start])
    for (const state of set.states) {
      const step = this.#automaton.steps[state]
      if (step?.kind === 'set' && step.set.has(code)) kernel.add(step.next)
    }
    const ordered = [...kernel].sort((a, b) => a - b)
    const key = ordered.join(',')
    let next = this.#sets.get(key)
    if (next === undefined) {
      if (this.#sets.size >= SETS_MAX || this.#statesKept >= STATES_KEPT_MAX) this.#forget()
      next = this.#makeSet(ordered, false)
      this.#statesKept += next.states.length
      this.#sets.set(key, next)
    }
    if (code < 128) set.ascii[code] = next
    else if (set.others.size < SETS_MAX) set.others.set(code, next)
    return next
  }

  #forget(): void {
    for (const set of [this.#initial, ...this.#sets.values()]) {
      set.ascii.length = 0
      set.others.clear()
    }
    this.#sets.clear()
    this.#statesKept = 0
  }

  #makeSet(kernel: readonly number[], isAtStart: boolean): StateSet {
    const states = this.#closure(kernel, isAtStart, false)
    const isMatch = states.includes(this.#part.end)
    return { kernel, states, isMatch, isMatchAtEnd: undefined, ascii: [], others: new Map() }
  }

  #closure(kernel: readonly number[], isAtStart: boolean, isAtEnd: boolean): number[] {
    const seen = new Set<number>()
    const pending = [...kernel]
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (seen.has(state)) continue
      seen.add(state)
      const step = defined(this.#automaton.steps[state], 'the step of a state')
      if (step.kind === 'split') pending.push(...step.targets)
      else if (step.kind === 'boundary' && (step.boundary === 'text start' ? isAtStart : isAtEnd)) {
        pending.push(step.next)
      }
    }
    return [...seen]
  }
}
