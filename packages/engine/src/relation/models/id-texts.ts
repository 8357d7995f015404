/** Texts that queries compare ids with. */
import { isWellFormed } from '@orbit-ts/storage'
import type { TextRange } from './text-range.js'

/** Bytes of UTF-8 that an id has at most, in every model. */
const ID_SIZE_MAX = 512

/** Others identify nothing. */
export function isId(text: string): boolean {
  return text !== '' && (text.length * 3 <= ID_SIZE_MAX || Buffer.byteLength(text) <= ID_SIZE_MAX)
}

/** A text that is longer than any id stands between the same ids when it is cut behind their length. */
export function boundedIds({ from, to }: TextRange): TextRange {
  return {
    ...(from === undefined ? {} : { from: cut(from) }),
    ...(to === undefined ? {} : { to: cut(to) }),
  }
}

function cut(text: string): string {
  if (text.length <= ID_SIZE_MAX + 2) return text
  const start = text.slice(0, ID_SIZE_MAX + 2)
  return isWellFormed(start) ? start : start.slice(0, -1)
}
