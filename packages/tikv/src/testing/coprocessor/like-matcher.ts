import { asBuffer } from '@orbit-ts/base'

type Piece =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'exactly'; readonly character: string }

/** Whether texts are like a pattern: `%`, `_` and characters, case-sensitive. */
export function likeMatcher(pattern: Uint8Array, escape: number): (text: Uint8Array) => boolean {
  const pieces = piecesOf(asBuffer(pattern).toString('utf8'), String.fromCodePoint(escape))
  return (text) => matches(pieces, Array.from(asBuffer(text).toString('utf8')))
}

function piecesOf(pattern: string, escape: string): Piece[] {
  const pieces: Piece[] = []
  let isEscaped = false
  for (const character of pattern) {
    if (isEscaped) pieces.push({ kind: 'exactly', character })
    else if (character === '%') pieces.push({ kind: 'any' })
    else if (character === '_') pieces.push({ kind: 'one' })
    else if (character !== escape) pieces.push({ kind: 'exactly', character })
    isEscaped = !isEscaped && character === escape
  }
  if (isEscaped) pieces.push({ kind: 'exactly', character: escape })
  return pieces
}

function matches(pieces: readonly Piece[], text: readonly string[]): boolean {
  let [at, piece] = [0, 0]
  /** Behind the last `%`, and how much of the text it is tried to take. */
  let [resumePiece, resumeAt] = [-1, 0]
  while (at < text.length) {
    const next = pieces[piece]
    if (next?.kind === 'any') {
      resumePiece = ++piece
      resumeAt = at
    } else if (next !== undefined && (next.kind === 'one' || next.character === text[at])) {
      piece++
      at++
    } else if (resumePiece >= 0) {
      piece = resumePiece
      at = ++resumeAt
    } else return false
  }
  return pieces.slice(piece).every(({ kind }) => kind === 'any')
}
