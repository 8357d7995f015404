/** The text of a query inside of a statement that defines something. */
import { queryError } from '../../../../scalar/condition.js'

/**
 * What stands behind the first AS that is in no parentheses, quotes or comments: the query of CREATE VIEW.
 * @throws syntax_error
 */
export function textBehindAs(statement: string): string {
  let depth = 0
  for (let at = 0; at < statement.length;) {
    const next = skipQuoted(statement, at)
    if (next > at) {
      at = next
      continue
    }
    const character = statement[at] ?? ''
    if (character === '(') depth++
    else if (character === ')') depth--
    else if (/[a-z_]/i.test(character)) {
      const word = /^[\w$]+/.exec(statement.slice(at))?.[0] ?? character
      if (depth === 0 && word.toLowerCase() === 'as') return statement.slice(at + word.length).trim()
      at += word.length
      continue
    }
    at++
  }
  throw queryError('syntax_error', 'AS is expected before a query')
}

/** The query without WITH [LOCAL | CASCADED] CHECK OPTION behind it. */
export function withoutCheckOption(query: string): string {
  return query.replace(/\s+with\s+(?:(?:local|cascaded)\s+)?check\s+option\s*$/i, '')
}

/** The query without WITH [NO] DATA behind it. */
export function withoutData(query: string): string {
  return query.replace(/\s+with\s+(?:no\s+)?data\s*$/i, '')
}

/** Where what is quoted or a comment at `at` ends; `at` when nothing begins there. */
function skipQuoted(text: string, at: number): number {
  const rest = text.slice(at)
  if (rest.startsWith('--')) return at + (/^[^\n]*/.exec(rest)?.[0].length ?? 0)
  if (rest.startsWith('/*')) return at + commentLength(rest)
  const quoted = /^(?:[eE]'(?:[^'\\]|''|\\[\s\S])*'|[nNbBxX]?'(?:[^']|'')*'|"(?:[^"]|"")*")/.exec(rest)
  if (quoted !== null) return at + quoted[0].length
  const dollar = /^\$(?:[a-zA-Z_]\w*)?\$/.exec(rest)?.[0]
  if (dollar === undefined) return at
  const end = rest.indexOf(dollar, dollar.length)
  return end < 0 ? text.length : at + end + dollar.length
}

/** Comments nest. */
function commentLength(text: string): number {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('/*', at)) {
      depth++
      at++
    } else if (text.startsWith('*/', at)) {
      depth--
      at++
      if (depth === 0) return at + 1
    }
  }
  return text.length
}
