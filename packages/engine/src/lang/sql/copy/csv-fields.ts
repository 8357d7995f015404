import { queryError } from '../../../scalar/condition.js'
import type { CopyOptions } from './copy-options.js'

/** A field of CSV: its text, and whether any of it was quoted. */
export interface CsvField {
  readonly text: string
  readonly isQuoted: boolean
}

/** Tells after each piece of a line whether a quoted field is open at its end. */
export function quoteTracker({
  quote,
  escape,
}: Pick<CopyOptions, 'quote' | 'escape'>): (piece: Buffer) => boolean {
  const [quoteByte, escapeByte] = [quote.charCodeAt(0), escape.charCodeAt(0)]
  let isOpen = false
  let isAfterEscape = false
  return (piece) => {
    for (const byte of piece) {
      if (isAfterEscape) {
        isAfterEscape = false
        if (byte === quoteByte || byte === escapeByte) continue
      }
      if (isOpen && escapeByte !== quoteByte && byte === escapeByte) isAfterEscape = true
      else if (byte === quoteByte) isOpen = !isOpen
    }
    return isOpen
  }
}

/** The fields of a whole line (which may hold newlines within quotes). */
export function csvFields(
  line: Buffer,
  options: Pick<CopyOptions, 'delimiter' | 'quote' | 'escape'>,
): CsvField[] {
  const text = line.toString('utf8')
  const { delimiter, quote, escape } = options
  if (!text.includes(quote)) return text.split(delimiter).map((field) => ({ text: field, isQuoted: false }))
  const fields: CsvField[] = []
  let at = 0
  for (;;) {
    let field = ''
    let isQuoted = false
    while (at < text.length && text[at] !== delimiter) {
      if (text[at] !== quote) {
        field += text[at++] ?? ''
        continue
      }
      isQuoted = true
      const [inner, next] = quoted(text, at + 1, quote, escape)
      field += inner
      at = next
    }
    fields.push({ text: field, isQuoted })
    if (at >= text.length) return fields
    at++
  }
}

/** What stands between quotes, and where it goes on. */
function quoted(text: string, from: number, quote: string, escape: string): [inner: string, next: number] {
  let inner = ''
  for (let at = from; at < text.length; at++) {
    const next = text[at + 1]
    if (text[at] === escape && (next === quote || (next === escape && escape !== quote))) {
      inner += next
      at++
    } else if (text[at] === quote) return [inner, at + 1]
    else inner += text[at] ?? ''
  }
  throw queryError('bad_copy_file_format', 'unterminated CSV quoted field')
}
