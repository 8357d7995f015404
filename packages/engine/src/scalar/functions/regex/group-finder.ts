/** Finds what the capturing groups of an expression have matched, once it is known what the whole has. */
import { defined } from '@orbit-ts/base'
import type { Automaton } from './automaton.js'
import { caseFolded } from './character-set.js'
import type { Range } from './regex-matcher.js'
import { preference, type Regex, type RegexNode, type RepeatNode } from './regex-node.js'
import { unitsOf } from './regex-units.js'

type SequenceNode = RegexNode & { kind: 'concat' }

export class GroupFinder {
  readonly #automaton: Automaton
  readonly #regex: Regex
  #text: readonly number[] = []
  #groups: (Range | undefined)[] = []
  /** Parts of sequences and repetitions that are left to match, by what they are left of. */
  readonly #rests = new Map<RegexNode, RegexNode[]>()
  readonly #units = new Map<RegexNode, readonly RegexNode[]>()

  constructor(automaton: Automaton, regex: Regex) {
    this.#automaton = automaton
    this.#regex = regex
  }

  /** Undefined when back references rule the match out. */
  find(text: readonly number[], start: number, end: number): readonly (Range | undefined)[] | undefined {
    this.#text = text
    this.#groups = new Array<Range | undefined>(this.#regex.groupCount).fill(undefined)
    return this.#dissect(this.#regex.root, start, end) ? this.#groups : undefined
  }

  /** Sets the groups within a node that spans the range. False only where back references do not fit. */
  #dissect(node: RegexNode, start: number, end: number): boolean {
    switch (node.kind) {
      case 'group':
        if (!this.#dissect(node.item, start, end)) return false
        this.#groups[node.index - 1] = { start, end }
        return true
      case 'back':
        return this.#repeats(this.#groups[node.index - 1], start, end, node.isCaseIgnored)
      case 'concat':
        return this.#dissectSequence(node, 0, start, end)
      case 'or':
        return node.branches.some(
          (branch) =>
            this.#automaton.spans(branch, this.#text, start, end) && this.#retry(branch, start, end),
        )
      case 'repeat':
        return this.#dissectRepeat(node, start, end)
      default:
        return true
    }
  }

  /** The same after another attempt has failed. */
  #retry(node: RegexNode, start: number, end: number): boolean {
    if (this.#regex.hasBackReferences) this.#forget(node)
    return this.#dissect(node, start, end)
  }

  #dissectSequence(node: SequenceNode, index: number, start: number, end: number): boolean {
    const units = this.#unitsOf(node)
    const unit = units[index]
    if (unit === undefined) return start === end
    // One run of parts without groups.
    if (units.length === 1 && unit.kind === 'concat') return true
    if (index === units.length - 1) return this.#dissect(unit, start, end)
    const rest = this.#rest(node, index, () => ({ kind: 'concat', items: units.slice(index + 1) }))
    for (const middle of this.#candidates(unit, start, end)) {
      if (!this.#automaton.spans(rest, this.#text, middle, end)) continue
      if (this.#retry(unit, start, middle) && this.#dissectSequence(node, index + 1, middle, end)) {
        return true
      }
      if (!this.#regex.hasBackReferences) return false
    }
    return false
  }

  #dissectRepeat(node: RepeatNode, start: number, end: number): boolean {
    const { item, min } = node
    const isEmpty = start === end && min === 0
    if (isEmpty && !this.#automaton.spans(item, this.#text, start, end)) return true
    if (isEmpty) return this.#dissect(item, start, end)
    if (this.#regex.hasBackReferences) return this.#dissectRounds(node, 1, start, end)
    return min > 0 ? this.#dissectLastRound(node, start, end) : this.#dissectEachRound(node, start, end)
  }

  /** Groups keep what they matched in the last round, so that all rounds before it can be matched as one. */
  #dissectLastRound(node: RepeatNode, start: number, end: number): boolean {
    const { item, min, max } = node
    const before = this.#rest(node, 0, () => ({ ...node, min: Math.max(min - 1, 0), max: max - 1 }))
    for (const middle of this.#candidates(before, start, end)) {
      if (this.#automaton.spans(item, this.#text, middle, end)) return this.#dissect(item, middle, end)
    }
    return false
  }

  /** Each round takes what it prefers; the groups are those of the last. */
  #dissectEachRound(node: RepeatNode, start: number, end: number): boolean {
    for (let round = 1; ; round++) {
      const rest = this.#rest(node, node.max === Infinity ? 0 : round, () => ({
        ...node,
        max: node.max - round,
      }))
      const next = this.#candidates(node.item, start, end).find(
        (middle) => middle > start && this.#automaton.spans(rest, this.#text, middle, end),
      )
      if (next === undefined || next === end) return this.#dissect(node.item, start, end)
      start = next
    }
  }

  /** Round after round, as each decides what a back reference in the next can match. */
  #dissectRounds(node: RepeatNode, round: number, start: number, end: number): boolean {
    const { item, min, max } = node
    const rest = this.#rest(node, Math.min(round, max === Infinity ? min : max), () => ({
      ...node,
      min: Math.max(min - round, 0),
      max: max - round,
    }))
    for (const middle of this.#candidates(item, start, end)) {
      // Beyond what has to be, a round takes at least one character.
      const isLast = middle === end && round >= min
      if (!isLast && (round >= max || (middle === start && round >= min))) continue
      if (!isLast && !this.#automaton.spans(rest, this.#text, middle, end)) continue
      this.#forget(item)
      if (!this.#dissect(item, start, middle)) continue
      if (isLast || this.#dissectRounds(node, round + 1, middle, end)) return true
    }
    return false
  }

  /** Where a node that begins at `start` may end, what it prefers first. */
  #candidates(node: RegexNode, start: number, end: number): readonly number[] {
    const ends = this.#automaton.ends(node, this.#text, start, end)
    return preference(node) === true ? ends : ends.reverse()
  }

  #unitsOf(node: SequenceNode): readonly RegexNode[] {
    let units = this.#units.get(node)
    if (units === undefined) this.#units.set(node, (units = unitsOf(node)))
    return units
  }

  #rest(node: RegexNode, index: number, make: () => RegexNode): RegexNode {
    const rests = this.#rests.get(node) ?? []
    this.#rests.set(node, rests)
    return (rests[index] ??= make())
  }

  #repeats(group: Range | undefined, start: number, end: number, isCaseIgnored: boolean): boolean {
    if (group === undefined || group.end - group.start !== end - start) return false
    for (let offset = 0; offset < end - start; offset++) {
      const a = defined(this.#text[group.start + offset], 'a character')
      const b = defined(this.#text[start + offset], 'a character')
      if (a !== b && !(isCaseIgnored && caseFolded(a) === caseFolded(b))) return false
    }
    return true
  }

  #forget(node: RegexNode): void {
    if (node.kind === 'group') this.#groups[node.index - 1] = undefined
    if (node.kind === 'concat') for (const item of node.items) this.#forget(item)
    else if (node.kind === 'or') for (const branch of node.branches) this.#forget(branch)
    else if ('item' in node) this.#forget(node.item)
  }
}
