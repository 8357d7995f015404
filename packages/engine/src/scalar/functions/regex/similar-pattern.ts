import { queryError } from '../../condition.js'
import { characterCount } from '../text/characters.js'

/**
 * A pattern of SIMILAR TO as a regular expression for the whole text. With two separators (`escape "`), as SUBSTRING …
 * SIMILAR takes it, the part between them becomes the group.
 *
 * @param escape its escape character; empty: none
 */
export function similarToRegex(pattern: string, escape: string): string {
  if (characterCount(escape) > 1) {
    throw queryError('invalid_escape_sequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    })
  }
  let result = '^(?:'
  let separators = 0
  let isEscaped = false
  let isInSet = false
  for (const character of pattern) {
    if (isEscaped) {
      if (character === '"' && !isInSet) {
        // The parts around are to take as little as they can, so that the group takes all it can.
        if (separators === 0) result = `^(?:${result.slice(4)}){1,1}?(`
        else if (separators === 1) result += '){1,1}(?:'
        else {
          throw queryError(
            'invalid_use_of_escape_character',
            'SQL regular expression may not contain more than two escape-double-quote separators',
          )
        }
        separators++
      } else result += `\\${character}`
      isEscaped = false
    } else if (character === escape) isEscaped = true
    else if (isInSet) {
      result += character === '\\' ? '\\\\' : character
      if (character === ']') isInSet = false
    } else {
      result += translated(character)
      if (character === '[') isInSet = true
    }
  }
  return `${result})$`
}

function translated(character: string): string {
  switch (character) {
    case '%':
      return '.*'
    case '_':
      return '.'
    case '(':
      return '(?:'
    case '\\':
    case '.':
    case '^':
    case '$':
      return `\\${character}`
    default:
      return character
  }
}
