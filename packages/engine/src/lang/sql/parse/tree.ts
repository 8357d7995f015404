/**
 * The parser's trees. A node is an object with one property, the kind; in what it holds, zero, `false`, empty lists and
 * empty strings are left out.
 */
import { queryError } from '../../../scalar/condition.js'
import type { Node } from '@pgsql/types'

export type * from '@pgsql/types'

/** A statement taken apart. Immutable, and shared between all who parse the same text. */
export interface StatementTree {
  readonly node: Node
  /** The statement alone, without the semicolon. */
  readonly text: string
  /** Code points before it in the text that was parsed. */
  readonly offset: number
  /** Code points before a location of the tree; undefined where the parser knows none. */
  offsetOf(location: number | undefined): number | undefined
  /** The index in {@link StatementTree.source} of a location of the tree. */
  indexOf(location: number | undefined): number
  /** The whole text that was parsed. */
  readonly source: string
}

/** `A_Expr`, `SelectStmt`, … */
export function nodeKind(node: Node): string {
  for (const kind in node) return kind
  return ''
}

/** The text of a `String` node; undefined for others. */
export function stringOf(node: Node | undefined): string | undefined {
  return node !== undefined && 'String' in node ? (node.String.sval ?? '') : undefined
}

/** The texts of a list of `String` nodes: a qualified name. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map((node) => {
    const text = stringOf(node)
    if (text === undefined)
      throw queryError('syntax_error', 'improper qualified name (too many dotted names)')
    return text
  })
}

/** The nodes of a `List` node; a node of any other kind alone. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined) return []
  return 'List' in node ? (node.List.items ?? []) : [node]
}

/** The leftmost location in a tree; undefined where it has none. */
export function rawLocation(node: Node): number | undefined {
  let first: number | undefined
  for (const inner of Object.values(node) as readonly { readonly location?: number }[]) {
    const own = inner.location ?? 0
    if (own >= 0) first = own
    for (const child of childrenOf(inner)) {
      const location = rawLocation(child)
      if (location !== undefined && (first === undefined || location < first)) first = location
    }
  }
  return first
}

/** What stands inside an expression, before its own sign perhaps. */
function childrenOf(inner: object): Node[] {
  const { lexpr, arg, args } = inner as { lexpr?: Node; arg?: Node; args?: readonly Node[] }
  return [...(lexpr === undefined ? [] : [lexpr]), ...(arg === undefined ? [] : [arg]), ...(args ?? [])]
}
