import { queryError } from '../../condition.js'
import { bound, scalar, type TypedImplementation } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { toLower } from './change-case.js'
import { LikePattern } from './like-pattern.js'
import { characterCount } from './characters.js'

/** Binds a test of a text by a pattern; the last pattern is kept, as it mostly is the same for all rows. */
function matcher(isCaseIgnored: boolean, isNegated: boolean): () => TypedImplementation {
  return () => {
    let lastText: string | undefined
    let pattern = new LikePattern('')
    return (_, text: string, patternText: string) => {
      if (patternText !== lastText) {
        pattern = new LikePattern(isCaseIgnored ? toLower(patternText) : patternText)
        lastText = patternText
      }
      return pattern.matches(isCaseIgnored ? toLower(text) : text) !== isNegated
    }
  }
}

const like = matcher(false, false)
const notLike = matcher(false, true)
const ilike = matcher(true, false)
const notIlike = matcher(true, true)

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

function bytesLike(_: unknown, bytes: Uint8Array, pattern: Uint8Array): boolean {
  return new LikePattern(latin1(pattern)).matches(latin1(bytes))
}

/** `pattern` with `escape` as its escape character (none when empty), written with a backslash instead. */
export function withBackslash(pattern: string, escape: string): string {
  if (characterCount(escape) > 1) {
    throw queryError('invalid_escape_sequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    })
  }
  if (escape === '\\') return pattern
  let result = ''
  let isEscaped = false
  for (const character of pattern) {
    if (character === escape && !isEscaped) {
      result += '\\'
      isEscaped = true
    } else if (character === '\\' && !isEscaped) result += '\\\\'
    else {
      result += character
      isEscaped = false
    }
  }
  return result
}

export const likeFunctions: readonly ScalarFunction[] = [
  bound('850 textlike(text,text) bool', like),
  bound('851 textnlike(text,text) bool', notLike),
  bound('1569 like(text,text) bool', like),
  bound('1570 notlike(text,text) bool', notLike),
  bound('858 namelike(name,text) bool', like),
  bound('859 namenlike(name,text) bool', notLike),
  bound('1571 like(name,text) bool', like),
  bound('1572 notlike(name,text) bool', notLike),
  bound('1631 bpcharlike(bpchar,text) bool', like),
  bound('1632 bpcharnlike(bpchar,text) bool', notLike),
  bound('1633 texticlike(text,text) bool', ilike),
  bound('1634 texticnlike(text,text) bool', notIlike),
  bound('1635 nameiclike(name,text) bool', ilike),
  bound('1636 nameicnlike(name,text) bool', notIlike),
  bound('1660 bpchariclike(bpchar,text) bool', ilike),
  bound('1661 bpcharicnlike(bpchar,text) bool', notIlike),
  scalar('2005 bytealike(bytea,bytea) bool', bytesLike),
  scalar('2007 like(bytea,bytea) bool', bytesLike),
  scalar('2006 byteanlike(bytea,bytea) bool', (_, a: Uint8Array, b: Uint8Array) => !bytesLike(_, a, b)),
  scalar('2008 notlike(bytea,bytea) bool', (_, a: Uint8Array, b: Uint8Array) => !bytesLike(_, a, b)),
  scalar('1637 like_escape(text,text) text', (_, pattern: string, escape: string) =>
    withBackslash(pattern, escape),
  ),
  scalar('2009 like_escape(bytea,bytea) bytea', (_, pattern: Uint8Array, escape: Uint8Array) =>
    Buffer.from(withBackslash(latin1(pattern), latin1(escape)), 'latin1'),
  ),
]
