/** The language of SQL/JSON paths, taken apart. */
import type { Numeric } from '../../numeric/numeric.js'

export interface JsonPath {
  /** `lax` unwraps arrays and passes over what is not there. */
  readonly isStrict: boolean
  readonly root: PathNode
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type PathMethod = 'type' | 'size' | 'abs' | 'floor' | 'ceiling' | 'double' | 'keyvalue' | 'datetime'

/** What a path begins with, and the steps after it. */
export type PathNode =
  | { readonly kind: 'steps'; readonly start: PathNode; readonly steps: readonly PathStep[] }
  | { readonly kind: 'root' | 'current' | 'last' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: null | boolean | string | Numeric }
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: PathNode
      readonly right: PathNode
    }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly arg: PathNode }
  | PathPredicate

export type PathPredicate =
  | {
      readonly kind: 'comparison'
      readonly operator: ComparisonOperator
      readonly left: PathNode
      readonly right: PathNode
    }
  | { readonly kind: 'and' | 'or'; readonly left: PathPredicate; readonly right: PathPredicate }
  | { readonly kind: 'not' | 'unknown'; readonly arg: PathPredicate }
  | { readonly kind: 'exists'; readonly arg: PathNode }
  | { readonly kind: 'starts'; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'regex'; readonly left: PathNode; readonly pattern: string; readonly flags: string }

export type PathStep =
  | { readonly kind: 'key'; readonly name: string }
  | { readonly kind: 'any key' | 'any element' }
  | {
      readonly kind: 'subscripts'
      readonly ranges: readonly { readonly from: PathNode; readonly to: PathNode | undefined }[]
    }
  /** `.**{from to to}`; infinity is `last`. */
  | { readonly kind: 'descend'; readonly from: number; readonly to: number }
  | { readonly kind: 'filter'; readonly predicate: PathPredicate }
  | { readonly kind: 'method'; readonly name: PathMethod; readonly template?: string }

const PREDICATES: ReadonlySet<string> = new Set([
  ...['comparison', 'and', 'or', 'not', 'unknown', 'exists', 'starts', 'regex'],
])

export function isPredicate(node: PathNode): node is PathPredicate {
  return PREDICATES.has(node.kind)
}
