/** What every text that a LIKE pattern matches begins with; `isExact`: the pattern matches that text only. */
export function likePrefix(pattern: string): { readonly prefix: string; readonly isExact: boolean } {
  let prefix = ''
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]
    if (character === '%' || character === '_') return { prefix, isExact: false }
    if (character === '\\') {
      at++
      if (at >= pattern.length) return { prefix, isExact: false }
    }
    prefix += pattern[at]
  }
  return { prefix, isExact: true }
}

/** The smallest text, by code points, that is greater than all that begin with a prefix; undefined when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix)
  while (points.length > 0) {
    const next = afterCodePoint(points.pop()?.codePointAt(0) ?? 0)
    if (next !== undefined) return points.join('') + next
  }
  return undefined
}

function afterCodePoint(point: number): string | undefined {
  if (point >= 0x10ffff) return undefined
  // Surrogates are no characters.
  return String.fromCodePoint(point + 1 === 0xd800 ? 0xe000 : point + 1)
}
