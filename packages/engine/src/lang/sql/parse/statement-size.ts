/**
 * How much there is to parse. The parser's tree takes about two hundred times the memory of a short token's text, so
 * that tokens are what has to be limited; their bytes, which may be one long literal, much less.
 */

/** More tokens than this are refused. */
export const TOKENS_MAX = 2_000_000
/** More UTF-16 code units than this are refused. */
export const TEXT_LENGTH_MAX = 128 * 1024 * 1024

/** Texts below this cannot hold too many tokens. */
const UNCOUNTED_LENGTH_MAX = TOKENS_MAX

/** Whether a text is too long to be parsed. */
export function isTooLarge(text: string): boolean {
  if (text.length > TEXT_LENGTH_MAX) return true
  return text.length > UNCOUNTED_LENGTH_MAX && countTokens(text) > TOKENS_MAX
}

/** About as many tokens as PostgreSQL sees; a quoted text is one, and so is a comment. */
export function countTokens(text: string): number {
  let count = 0
  let position = 0
  while (position < text.length) {
    const code = text.charCodeAt(position)
    if (isSpace(code)) {
      position++
      continue
    }
    count++
    position = tokenEnd(text, position, code)
  }
  return count
}

function tokenEnd(text: string, start: number, code: number): number {
  if (code === QUOTE || code === DOUBLE_QUOTE) return after(text, text[start] === "'" ? "'" : '"', start + 1)
  if (code === DOLLAR) return dollarQuoteEnd(text, start)
  if (code === DASH && text.charCodeAt(start + 1) === DASH) return after(text, '\n', start + 2)
  if (code === SLASH && text.charCodeAt(start + 1) === STAR) return after(text, '*/', start + 2)
  let end = start + 1
  if (isWord(code)) while (end < text.length && isWord(text.charCodeAt(end))) end++
  return end
}

/** Where what begins at `start` ends, with the mark that ends it. */
function after(text: string, mark: string, start: number): number {
  const at = text.indexOf(mark, start)
  return at < 0 ? text.length : at + mark.length
}

const DOLLAR_TAG = /\$[\p{L}_]?[\p{L}\p{N}_]*\$/uy

function dollarQuoteEnd(text: string, start: number): number {
  DOLLAR_TAG.lastIndex = start
  const tag = DOLLAR_TAG.exec(text)?.[0]
  return tag === undefined ? start + 1 : after(text, tag, start + tag.length)
}

const QUOTE = 39
const DOUBLE_QUOTE = 34
const DOLLAR = 36
const DASH = 45
const SLASH = 47
const STAR = 42

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isWord(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 95 ||
    code === 46 ||
    code >= 128
  )
}
