/** How values stand in a field of a CSV file, and back. */
import { OrbitError } from '@orbit-ts/base'
import { parseMoment } from './moment.js'
import { plainBytes, plainJson, plainNumber } from './plain-json.js'

export interface CellCodec {
  /**
   * @param quoted whether the field stood in quotes; known where the field is empty, or `looksAtQuotes` is true
   * @throws TYPE_MISMATCH, without the column
   */
  parse(text: string, quoted: boolean): unknown
  /** What a field means depends on its quotes. */
  readonly looksAtQuotes?: true
  /** The field as it stands in the file, quotes included. Never called for null and undefined. */
  format(value: unknown): string
  /** The field of a null that is more than a missing value. Default: an empty field, as for a missing one. */
  readonly nullField?: string
}

/** In quotes where a reader would take it for something else; an empty text always, because an empty field is null. */
export function quoteField(text: string): string {
  return text === '' || /[",;\t\r\n\ufeff]|^\s|\s$/.test(text) ? inQuotes(text) : text
}

function inQuotes(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

/** Text as it is. */
export const textCell: CellCodec = {
  parse: (text) => text,
  format: (value) => quoteField(String(value)),
}

/** The text forms of PostgreSQL, which the table itself reads. */
export const columnCell: CellCodec = {
  parse: (text) => text,
  format(value) {
    if (value instanceof Date) return value.toISOString()
    if (value instanceof Uint8Array) return plainBytes(value)
    return typeof value === 'number' ? plainNumber(value) : quoteField(String(value))
  },
}

/** Any JSON value, and what the models add to it. */
export const jsonCell: CellCodec = {
  parse(text) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw mismatch(text, 'JSON')
    }
  },
  format: (value) => quoteField(plainJson(value)),
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/

export const numberCell: CellCodec = {
  parse(text) {
    const number = NUMBER.test(text.trim()) ? Number(text) : Number.NaN
    if (!Number.isFinite(number)) throw mismatch(text, 'a number')
    return number
  },
  format: (value) => plainNumber(Number(value)),
}

export const int64Cell: CellCodec = {
  parse(text) {
    if (!/^[+-]?\d{1,20}$/.test(text.trim())) throw mismatch(text, 'a whole number')
    return BigInt(text)
  },
  format: String,
}

export const booleanCell: CellCodec = {
  parse(text) {
    const word = text.trim().toLowerCase()
    if (word === 'true' || word === 'false') return word === 'true'
    throw mismatch(text, 'true or false')
  },
  format: String,
}

/** Milliseconds since the epoch, as a number of them or in ISO 8601. */
export const momentCell: CellCodec = {
  parse: (text) => parseMoment(text),
  format: (value) => new Date(Number(value)).toISOString(),
}

/** One name, or several: `A;B` or `["A","B"]`. */
export const namesCell: CellCodec = {
  parse(text) {
    return text.startsWith('[') ? jsonCell.parse(text, true) : text.split(';')
  },
  format(value) {
    const names = value as readonly string[]
    const plain =
      names.length > 0 && names.every((name) => name !== '' && !name.includes(';') && !name.startsWith('['))
    return quoteField(plain ? names.join(';') : JSON.stringify(names))
  },
}

const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/**
 * A JSON value whose type no definition says: a field without quotes that is a number, `true`, `false` or `null` is
 * that value; one that begins like an array, an object or a JSON string and is one is that; anything else is text.
 */
export const untypedCell: CellCodec = {
  looksAtQuotes: true,
  nullField: 'null',
  parse(text, quoted) {
    if (!quoted && LITERAL.test(text)) return JSON.parse(text) as unknown
    return /^[[{"]/.test(text) ? (tryJson(text) ?? text) : text
  },
  format(value) {
    if (typeof value !== 'string') return quoteField(plainJson(value))
    return inQuotes(/^[[{"]/.test(value) ? JSON.stringify(value) : value)
  },
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function mismatch(text: string, expected: string): OrbitError {
  return new OrbitError('TYPE_MISMATCH', `${JSON.stringify(text.slice(0, 64))} is not ${expected}`)
}
