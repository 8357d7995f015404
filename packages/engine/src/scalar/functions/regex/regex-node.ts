import type { CharacterSet } from './character-set.js'

/** What holds between two characters, or does not. */
export type Boundary =
  | 'text start'
  | 'text end'
  | 'line start'
  | 'line end'
  | 'word start'
  | 'word end'
  | 'word edge'
  | 'no word edge'

/** A regular expression taken apart. */
export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'boundary'; readonly boundary: Boundary }
  | {
      readonly kind: 'look'
      readonly isAhead: boolean
      readonly isNegated: boolean
      readonly item: RegexNode
    }
  | { readonly kind: 'concat'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'or'; readonly branches: readonly RegexNode[] }
  | RepeatNode
  | { readonly kind: 'group'; readonly index: number; readonly item: RegexNode }
  /** What a group has matched, again. */
  | { readonly kind: 'back'; readonly index: number; readonly isCaseIgnored: boolean }

export interface RepeatNode {
  readonly kind: 'repeat'
  readonly item: RegexNode
  readonly min: number
  /** Infinity: any number. */
  readonly max: number
  /** Left out for `{m}`: as the item does. */
  readonly prefersShort: boolean | undefined
}

export interface Regex {
  readonly root: RegexNode
  /** Of the capturing groups, which are numbered from 1. */
  readonly groupCount: number
  readonly hasBackReferences: boolean
}

/**
 * Whether a node takes as little as it can (true), as much as it can (false), or cannot choose (undefined): a sequence
 * goes by its first part that has a preference; alternatives always take as much as they can.
 */
export function preference(node: RegexNode): boolean | undefined {
  switch (node.kind) {
    case 'repeat':
      return node.prefersShort ?? preference(node.item)
    case 'group':
      return preference(node.item)
    case 'or':
      return false
    case 'concat':
      for (const item of node.items) {
        const own = preference(item)
        if (own !== undefined) return own
      }
      return undefined
    default:
      return undefined
  }
}
