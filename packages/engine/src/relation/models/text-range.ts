/** Ranges of texts by code points, which is the order of their bytes in the store. */
import { compareCodePoints } from '../../scalar/collation/code-points.js'
import { plainText } from '../../scalar/value.js'
import type { IndexRange } from '../relation.js'

/** From `from` on, up to and without `to`; undefined: open. */
export interface TextRange {
  readonly from?: string
  readonly to?: string
}

/**
 * What a range says of the key at a position, which is a text and never null.
 * @returns undefined: no text is in it.
 */
export function textRange({ prefix, lower, upper }: IndexRange, position: number): TextRange | undefined {
  const point = prefix[position]
  if (point === null) return undefined
  if (point !== undefined) return { from: plainText(point), to: after(plainText(point)) }
  if (position > prefix.length) return {}
  if (lower?.value === null || upper?.value === null) return undefined
  const from = lower && (lower.isInclusive ? plainText(lower.value) : after(plainText(lower.value)))
  const to = upper && (upper.isInclusive ? after(plainText(upper.value)) : plainText(upper.value))
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

export function isInTextRange(text: string, { from, to }: TextRange): boolean {
  if (from !== undefined && compareCodePoints(text, from) < 0) return false
  return to === undefined || compareCodePoints(text, to) < 0
}

/** The text that a range holds as its only one. */
export function onlyText({ from, to }: TextRange): string | undefined {
  return from !== undefined && to === after(from) ? from : undefined
}

/** The least text after another. */
function after(text: string): string {
  return `${text}\0`
}
