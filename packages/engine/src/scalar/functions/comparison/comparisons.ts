import { assert } from '@orbit-ts/base'
import type { DataType } from '../../data-type.js'
import { bound, type TypedImplementation } from '../define/scalar-function.js'
import type { Comparison, ScalarFunction } from '../function.js'

/** What functions of two values of a type tell by its order. */
export type ComparisonKind = Comparison | 'cmp' | 'larger' | 'smaller'

export type ComparisonImplementations = Readonly<
  Record<ComparisonKind, (types: readonly DataType[]) => TypedImplementation>
>

/** Functions that compare, one a line: which kind it is, then its signature. */
export function comparisons(
  implementations: ComparisonImplementations,
  lines: string,
): readonly ScalarFunction[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [, kind, signature] = /^ *(\w+) (.*)$/.exec(line) ?? []
      assert(isKind(kind) && signature !== undefined, `no function that compares: ${line}`)
      return bound(signature, implementations[kind])
    })
}

const KINDS: ReadonlySet<string | undefined> = new Set([
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'cmp',
  'larger',
  'smaller',
] satisfies ComparisonKind[])

function isKind(kind: string | undefined): kind is ComparisonKind {
  return KINDS.has(kind)
}
