/** Which expressions of SQL lead to a path of a document, whatever way they are written in. */
import type { Expression } from '../../plan/expression.js'
import { SqlArray } from '../../scalar/array/sql-array.js'

/**
 * How a value at a path is compared: as `jsonb`, as text, or as a number made of the text or of the `jsonb`. `rounded`: to a
 * whole one.
 */
export type PathForm = 'jsonb' | 'text' | 'number' | 'rounded'

export interface DocumentPath {
  readonly keys: readonly string[]
  readonly form: PathForm
}

/** `typname` of what numbers are made: without a loss of order. */
const NUMBERS: ReadonlySet<string> = new Set(['int4', 'int8', 'numeric', 'float8'])

/** @returns undefined for what leads to no path: `document -> 'a' ->> 'b'` and `(document #>> '{a,b}')::int` do. */
export function documentPath(
  expression: Expression,
  isDocument: (expression: Expression) => boolean,
): DocumentPath | undefined {
  if (expression.kind === 'cast') return castPath(expression, isDocument)
  if (expression.kind !== 'call' || expression.operator === undefined) return undefined
  const [left, right] = expression.args
  if (left === undefined || right?.kind !== 'constant') return undefined
  const { name } = expression.operator
  const form = name.endsWith('>>') ? 'text' : 'jsonb'
  const steps = stepsOf(name, right.value)
  if (steps === undefined) return undefined
  const inner = isDocument(left) ? [] : innerKeys(documentPath(left, isDocument))
  return inner && { keys: [...inner, ...steps], form }
}

const innerKeys = (path: DocumentPath | undefined): readonly string[] | undefined =>
  path?.form === 'jsonb' ? path.keys : undefined

function stepsOf(operator: string, value: unknown): readonly string[] | undefined {
  if (operator === '->' || operator === '->>') return typeof value === 'string' ? [value] : undefined
  if (operator !== '#>' && operator !== '#>>') return undefined
  if (!(value instanceof SqlArray) || value.dimensions.length > 1) return undefined
  const keys = value.elements.filter((key) => typeof key === 'string')
  // A number picks an element of an array, from either end.
  const isPlain = keys.length === value.elements.length && keys.every((key) => !/^\s*[-+]?\d/.test(key))
  return isPlain ? keys : undefined
}

function castPath(
  { arg, type, element }: Extract<Expression, { kind: 'cast' }>,
  isDocument: (expression: Expression) => boolean,
): DocumentPath | undefined {
  const { name } = type.scalar
  if (!NUMBERS.has(name) || type.modifier !== -1 || element !== undefined) return undefined
  const inner = documentPath(arg, isDocument)
  if (inner === undefined || (inner.form !== 'text' && inner.form !== 'jsonb')) return undefined
  return { keys: inner.keys, form: inner.form === 'jsonb' && name.startsWith('int') ? 'rounded' : 'number' }
}
