import { queryError } from '../../../scalar/condition.js'

/**
 * The parts of a name as it is written in SQL: folded unless they are quoted.
 * @throws invalid_name
 */
export function parseName(text: string): string[] {
  const parts: string[] = []
  let rest = text.trim()
  for (;;) {
    const match = /^\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/.exec(rest)
    if (match === null) throw queryError('invalid_name', 'invalid name syntax')
    const [whole, quoted, plain = '', end] = match
    parts.push(quoted === undefined ? plain.toLowerCase() : quoted.replaceAll('""', '"'))
    rest = rest.slice(whole.length)
    if (end === '') return parts
  }
}
