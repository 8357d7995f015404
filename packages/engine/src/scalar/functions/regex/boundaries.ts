import { CharacterSetBuilder } from './character-set.js'
import type { Boundary } from './regex-node.js'

const NEWLINE = 10

const word = new CharacterSetBuilder(false)
word.addClass('word')
const WORD = word.build(false, false)

/** Whether a boundary is at a position of a text of code points. */
export function isAtBoundary(boundary: Boundary, text: readonly number[], at: number): boolean {
  switch (boundary) {
    case 'text start':
      return at === 0
    case 'text end':
      return at === text.length
    case 'line start':
      return at === 0 || text[at - 1] === NEWLINE
    case 'line end':
      return at === text.length || text[at] === NEWLINE
    case 'word start':
      return !isWord(text, at - 1) && isWord(text, at)
    case 'word end':
      return isWord(text, at - 1) && !isWord(text, at)
    case 'word edge':
      return isWord(text, at - 1) !== isWord(text, at)
    case 'no word edge':
      return isWord(text, at - 1) === isWord(text, at)
  }
}

function isWord(text: readonly number[], at: number): boolean {
  const code = text[at]
  return code !== undefined && WORD.has(code)
}
