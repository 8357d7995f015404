import { OrbitError } from '@orbit-ts/base'

export const LIKE_PATTERN_LENGTH_MAX = 1024

type Token = string | typeof RUN | typeof ONE
const RUN = Symbol('%')
const ONE = Symbol('_')

/** What is known of the texts that a pattern matches. */
export interface LikeShape {
  /** Every match begins with this. */
  readonly prefix: string
  /** `equal`: only the prefix itself matches. `prefix`: all that begins with it does. `other`: less than that. */
  readonly kind: 'equal' | 'prefix' | 'other'
}

/** @throws INVALID_ARGUMENT when the pattern is too long or ends in the escape character. */
export function checkLike(pattern: string, where: string): void {
  if (pattern.length > LIKE_PATTERN_LENGTH_MAX) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${where} is a pattern of ${pattern.length} characters; at most ${LIKE_PATTERN_LENGTH_MAX} are accepted`,
      { path: where, limit: LIKE_PATTERN_LENGTH_MAX },
    )
  }
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(pattern)) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${where} ends in the escape character "\\"; write "\\\\" to match a backslash`,
      { path: where },
    )
  }
}

/**
 * A matcher for a LIKE pattern. Time is at most proportional to pattern × text: it keeps one point to go back to, the
 * latest `%`.
 */
export function compileLike(pattern: string, ignoreCase: boolean): (text: string) => boolean {
  const tokens = tokenize(ignoreCase ? foldCase(pattern) : pattern)
  const match = simpleMatcher(tokens) ?? ((text: string) => matchTokens(tokens, text))
  return ignoreCase ? (text) => match(foldCase(text)) : match
}

export function likeShape(pattern: string): LikeShape {
  const tokens = tokenize(pattern)
  const special = tokens.findIndex((token) => typeof token !== 'string')
  if (special < 0) return { prefix: tokens.join(''), kind: 'equal' }
  const prefix = tokens.slice(0, special).join('')
  const onlyRuns = tokens.slice(special).every((token) => token === RUN)
  return { prefix, kind: onlyRuns ? 'prefix' : 'other' }
}

/** Code points, so that `_` is one character whatever its encoding takes. */
function tokenize(pattern: string): Token[] {
  const tokens: Token[] = []
  const characters = Array.from(pattern)
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? ''
    if (character === '\\') tokens.push(characters[++i] ?? '\\')
    else if (character === '_') tokens.push(ONE)
    else if (character !== '%') tokens.push(character)
    else if (tokens.at(-1) !== RUN) tokens.push(RUN)
  }
  return tokens
}

/** The common shapes `abc`, `abc%`, `%abc` and `%abc%` by the engine's own search. */
function simpleMatcher(tokens: readonly Token[]): ((text: string) => boolean) | undefined {
  const open = tokens[0] === RUN
  const close = tokens.length > 1 && tokens.at(-1) === RUN
  const inner = tokens.slice(open ? 1 : 0, close ? -1 : undefined)
  if (!inner.every((token) => typeof token === 'string')) return undefined
  const literal = inner.join('')
  if (open && (close || literal === '')) return (text) => text.includes(literal)
  if (open) return (text) => text.endsWith(literal)
  if (close) return (text) => text.startsWith(literal)
  return (text) => text === literal
}

function matchTokens(tokens: readonly Token[], text: string): boolean {
  let at = 0
  let next = 0
  let runToken = -1
  let runAt = 0
  while (at < text.length) {
    const token = tokens[next]
    if (token === RUN) {
      runToken = next++
      runAt = at
    } else if (token === ONE) {
      at += sizeAt(text, at)
      next++
    } else if (token !== undefined && text.startsWith(token, at)) {
      at += token.length
      next++
    } else if (runToken >= 0) {
      runAt += sizeAt(text, runAt)
      at = runAt
      next = runToken + 1
    } else {
      return false
    }
  }
  return tokens.slice(next).every((token) => token === RUN)
}

/** UTF-16 units of the code point there. */
function sizeAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

/** One code point for one, without regard to its neighbours, so that texts of equal letters stay equal. */
function foldCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  let folded = ''
  for (const character of text) folded += foldCharacter(character)
  return folded
}

function foldCharacter(character: string): string {
  if (character === 'ς') return 'σ'
  const lower = character.toLowerCase()
  return lower.length === character.length ? lower : character
}
