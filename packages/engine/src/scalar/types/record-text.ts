/** Records as text: `(1,"a b",)`; nothing stands for null. */
import { queryError } from '../condition.js'
import type { ScalarContext } from '../scalar-context.js'
import type { RecordField, RecordValue } from '../record-value.js'
import type { Value } from '../value.js'

const NEEDS_QUOTES = /^$|["\\(), \t\n\v\f\r]/

export function formatRecord(record: RecordValue, context: ScalarContext): string {
  const parts = record.values.map((value, index) => {
    const field = record.fields[index]
    if (value === null || field === undefined) return ''
    const text = field.type.scalar.format(value, context)
    return NEEDS_QUOTES.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text
  })
  return `(${parts.join(',')})`
}

/** @throws invalid_text_representation; what the fields' types throw */
export function parseRecord(text: string, fields: readonly RecordField[], context: ScalarContext): Value[] {
  const start = text.search(/[^ \t\n\v\f\r]/)
  if (text[start] !== '(') throw malformed(text, 'Missing left parenthesis.')
  const values: Value[] = []
  let at = start + 1
  for (const [index, { type }] of fields.entries()) {
    if (index > 0) {
      if (text[at] !== ',') throw malformed(text, 'Too few columns.')
      at++
    }
    const item = readItem(text, at)
    at = item.end
    values.push(item.text === null ? null : type.scalar.parse(item.text, type.modifier, context))
  }
  if (fields.length === 0 && text[at] !== ')') throw malformed(text, 'Too many columns.')
  if (text[at] !== ')') throw malformed(text, 'Too many columns.')
  if (/[^ \t\n\v\f\r]/.test(text.slice(at + 1))) throw malformed(text, 'Junk after right parenthesis.')
  return values
}

/** One field from a position up to the comma or parenthesis after it; null when nothing is there. */
function readItem(text: string, start: number): { text: string | null; end: number } {
  if (text[start] === ',' || text[start] === ')') return { text: null, end: start }
  let item = ''
  let isQuoted = false
  let at = start
  for (; ; at++) {
    const next = text[at]
    if (next === undefined) throw malformed(text, 'Unexpected end of input.')
    if (!isQuoted && (next === ',' || next === ')')) return { text: item, end: at }
    if (next === '\\') {
      at++
      const escaped = text[at]
      if (escaped === undefined) throw malformed(text, 'Unexpected end of input.')
      item += escaped
    } else if (next !== '"') {
      item += next
    } else if (isQuoted && text[at + 1] === '"') {
      item += '"'
      at++
    } else {
      isQuoted = !isQuoted
    }
  }
}

function malformed(text: string, detail: string): Error {
  return queryError('invalid_text_representation', `malformed record literal: "${text}"`, { detail })
}
