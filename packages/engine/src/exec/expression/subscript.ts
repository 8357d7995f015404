import type { SubscriptExpression } from '../../plan/expression.js'
import { SqlArray, type ArrayDimension } from '../../scalar/array/sql-array.js'
import { Jsonb, type JsonNode } from '../../scalar/json/jsonb.js'
import type { Value } from '../../scalar/value.js'
import type { Compile, Evaluator } from './evaluator.js'

/** A subscript: its bounds as they are for a row; undefined where the text leaves one out. */
interface Bounds {
  readonly lower: Evaluator | undefined
  readonly upper: Evaluator | undefined
}

/** A subscript of several dimensions gives null when any part of it is null or outside. */
export function compileSubscript(expression: SubscriptExpression, compile: Compile): Evaluator {
  const arg = compile(expression.arg)
  const subscripts = expression.subscripts.map(({ lower, upper }) => ({
    lower: lower && compile(lower),
    upper: upper && compile(upper),
  }))
  if (expression.isSlice) return compileSlice(arg, subscripts)
  const indexes = subscripts.flatMap(({ lower, upper }) => upper ?? lower ?? [])
  return (row, run) => {
    const value = arg(row, run)
    const keys = indexes.map((index) => index(row, run))
    if (value === null || keys.includes(null)) return null
    return value instanceof Jsonb
      ? jsonbAt(value, keys as (string | number)[])
      : arrayAt(value as SqlArray, keys as number[])
  }
}

function arrayAt(array: SqlArray, indexes: readonly number[]): Value {
  const { dimensions, elements } = array
  if (indexes.length !== dimensions.length) return null
  let at = 0
  for (const [depth, { length, lower }] of dimensions.entries()) {
    const offset = Number(indexes[depth]) - lower
    if (offset < 0 || offset >= length) return null
    at = at * length + offset
  }
  return elements[at] ?? null
}

function jsonbAt(value: Jsonb, path: readonly (string | number)[]): Value {
  let node: JsonNode | undefined = value.root
  for (const key of path) {
    node = stepInto(node, key)
    if (node === undefined) return null
  }
  return new Jsonb(node)
}

function stepInto(node: JsonNode, key: string | number): JsonNode | undefined {
  const text = String(key)
  if (node instanceof Map) return (node as ReadonlyMap<string, JsonNode>).get(text)
  if (!Array.isArray(node)) return undefined
  if (!/^\s*[+-]?\d+\s*$/.test(text)) return undefined
  const index = Number(text)
  return (node as readonly JsonNode[])[index < 0 ? node.length + index : index]
}

/** A lone subscript among slices stands for `1:n`. */
function compileSlice(arg: Evaluator, subscripts: readonly Bounds[]): Evaluator {
  return (row, run) => {
    const value = arg(row, run)
    const bounds: { lower: Value | undefined; upper: Value | undefined }[] = subscripts.map(
      ({ lower, upper }) => ({ lower: lower?.(row, run), upper: upper?.(row, run) }),
    )
    if (value === null || bounds.some(({ lower, upper }) => lower === null || upper === null)) return null
    return slice(
      value as SqlArray,
      bounds.map(({ lower, upper }) => ({
        lower: lower === undefined ? undefined : Number(lower),
        upper: upper === undefined ? undefined : Number(upper),
      })),
    )
  }
}

function slice(
  array: SqlArray,
  bounds: readonly { lower: number | undefined; upper: number | undefined }[],
): SqlArray {
  const { dimensions } = array
  if (dimensions.length < bounds.length) return new SqlArray([])
  const ranges = dimensions.map(({ length, lower }, depth) => {
    const wanted = bounds[depth]
    const from = Math.max(wanted?.lower ?? lower, lower) - lower
    const to = Math.min(wanted?.upper ?? lower + length - 1, lower + length - 1) - lower
    return { from, to }
  })
  if (ranges.some(({ from, to }) => to < from)) return new SqlArray([])
  const elements: Value[] = []
  collect(array, ranges, 0, 0, elements)
  const kept: ArrayDimension[] = ranges.map(({ from, to }) => ({ length: to - from + 1, lower: 1 }))
  return new SqlArray(elements, kept)
}

function collect(
  array: SqlArray,
  ranges: readonly { from: number; to: number }[],
  depth: number,
  base: number,
  into: Value[],
): void {
  const range = ranges[depth]
  if (range === undefined) {
    into.push(array.elements[base] ?? null)
    return
  }
  const length = array.dimensions[depth]?.length ?? 0
  for (let offset = range.from; offset <= range.to; offset++) {
    collect(array, ranges, depth + 1, base * length + offset, into)
  }
}
