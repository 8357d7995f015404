/** Turns literals of a statement into parameters, in its tree. */
import type { A_Const, Node, StatementTree } from '../parse/tree.js'
import type { Literal, ScannedText } from './scan-literals.js'

export interface LiftedTree {
  readonly tree: StatementTree
  /** The literal that each parameter stands for. */
  readonly lifted: readonly LiftedLiteral[]
}

/** A literal that became a parameter. */
export interface LiftedLiteral {
  /** Its place among the literals of the text. */
  readonly position: number
  /** A minus sign before it belongs to it. */
  readonly isNegative: boolean
}

/**
 * Literals that say what a statement is, and not what it works on, stay: numbers of columns after ORDER BY, modifiers
 * of types, and what the tree does not hold as a constant.
 */
export function liftLiterals(tree: StatementTree, scanned: ScannedText): LiftedTree {
  const lifting = new Lifting(tree, scanned)
  const node = lifting.node(tree.node)
  return { tree: { ...tree, node, text: scanned.shape }, lifted: lifting.found() }
}

/** Lists in which a bare number is the position of a column. */
const POSITION_LISTS: ReadonlySet<string> = new Set(['sortClause', 'groupClause', 'distinctClause'])
/** What stands between such a list and the number. */
const POSITION_KEYS: ReadonlySet<string> = new Set(['SortBy', 'node', 'GroupingSet', 'content'])

class Lifting {
  readonly #tree: StatementTree
  readonly #literals: ReadonlyMap<number, { readonly position: number; readonly literal: Literal }>
  readonly #found: LiftedLiteral[] = []

  constructor(tree: StatementTree, { literals }: ScannedText) {
    this.#tree = tree
    this.#literals = new Map(literals.map((literal, position) => [literal.index, { position, literal }]))
  }

  node(node: Node): Node {
    // A copy has nodes where the original has nodes.
    return this.#copy(node, false) as Node
  }

  found(): readonly LiftedLiteral[] {
    return this.#found
  }

  #copy(value: unknown, isPosition: boolean): unknown {
    if (Array.isArray(value)) return value.map((each: unknown) => this.#copy(each, isPosition))
    if (typeof value !== 'object' || value === null) return value
    if (isConstant(value)) return (isPosition ? undefined : this.#parameter(value.A_Const)) ?? value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]: [string, unknown]) => [
        key,
        TYPE_KEYS.has(key)
          ? inner
          : this.#copy(inner, POSITION_LISTS.has(key) || (isPosition && POSITION_KEYS.has(key))),
      ]),
    )
  }

  #parameter(constant: A_Const): Node | undefined {
    const { location = 0 } = constant
    const start = this.#tree.indexOf(location)
    const isNegative = this.#tree.source[start] === '-'
    const known = this.#literals.get(isNegative ? this.#afterSign(start) : start)
    if (known === undefined || !isSameKind(constant, known.literal)) return undefined
    this.#found.push({ position: known.position, isNegative })
    return { ParamRef: { number: this.#found.length, location } }
  }

  #afterSign(start: number): number {
    const { source } = this.#tree
    let index = start + 1
    while (/\s/.test(source.charAt(index))) index++
    return index
  }
}

/** The names of types, with modifiers. */
const TYPE_KEYS: ReadonlySet<string> = new Set(['TypeName', 'typeName'])

function isConstant(node: object): node is { readonly A_Const: A_Const } {
  return 'A_Const' in node
}

function isSameKind(constant: A_Const, { kind }: Literal): boolean {
  if (kind === 'text') return constant.sval !== undefined
  if (kind === 'integer')
    return constant.sval === undefined && constant.fval === undefined && isNumber(constant)
  return constant.fval !== undefined
}

/** The integer 0 leaves out its value. */
function isNumber({ isnull, boolval, bsval }: A_Const): boolean {
  return isnull !== true && boolval === undefined && bsval === undefined
}
