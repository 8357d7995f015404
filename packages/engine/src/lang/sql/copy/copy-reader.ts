import { isUtf8 } from 'node:buffer'
import { queryError } from '../../../scalar/condition.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { decodeText } from '../../../scalar/types/text-types.js'
import type { Row, Value } from '../../../scalar/value.js'
import { BinaryReader } from './binary-reader.js'
import type { CopyOptions } from './copy-options.js'
import { csvFields, quoteTracker } from './csv-fields.js'
import { LineSplitter } from './line-splitter.js'
import { textFields } from './text-fields.js'

export interface CopyColumn {
  readonly name: string
  readonly type: DataType
}

/** Turns the bytes of a COPY FROM into rows, with one value for each of its columns. */
export interface CopyReader {
  /** The rows that are whole by now. @throws bad_copy_file_format, and what the types throw */
  push(chunk: Uint8Array): Iterable<Row>
  end(): Iterable<Row>
  /** `COPY t, line 3`: where the reader stands, for the context of errors. */
  readonly place: string
}

export function copyReader(
  table: string,
  columns: readonly CopyColumn[],
  options: CopyOptions,
  scalar: ScalarContext,
): CopyReader {
  if (options.format === 'binary') return new BinaryReader(table, columns, scalar)
  return new LineReader(table, columns, options, scalar)
}

class LineReader implements CopyReader {
  readonly #table: string
  readonly #columns: readonly CopyColumn[]
  readonly #options: CopyOptions
  readonly #scalar: ScalarContext
  readonly #lines: LineSplitter
  readonly #forceNull: ReadonlySet<string>
  readonly #forceNotNull: ReadonlySet<string>
  #line = 0
  #column: string | undefined
  /** The field, or the line, that is being read. */
  #shown = ''
  #hasEnded = false

  constructor(table: string, columns: readonly CopyColumn[], options: CopyOptions, scalar: ScalarContext) {
    this.#table = table
    this.#columns = columns
    this.#options = options
    this.#scalar = scalar
    this.#lines = new LineSplitter(options.format === 'csv' ? quoteTracker(options) : undefined)
    this.#forceNull = new Set(options.forceNull)
    this.#forceNotNull = new Set(options.forceNotNull)
  }

  get place(): string {
    const line = `COPY ${this.#table}, line ${this.#line}`
    if (this.#column !== undefined) return `${line}, column ${this.#column}: "${shortened(this.#shown)}"`
    return this.#shown === '' ? line : `${line}: "${shortened(this.#shown)}"`
  }

  *push(chunk: Uint8Array): Iterable<Row> {
    for (const line of this.#lines.push(chunk)) yield* this.#rows(line)
  }

  *end(): Iterable<Row> {
    const line = this.#lines.end()
    if (line !== undefined) yield* this.#rows(line)
  }

  *#rows(line: Buffer): Iterable<Row> {
    this.#line++
    this.#column = undefined
    // What follows the end marker is no data.
    if (this.#hasEnded) return
    if (line.length === 2 && line.toString('latin1') === '\\.') {
      this.#hasEnded = true
      return
    }
    this.#shown = ''
    requireText(line)
    const fields = this.#options.format === 'csv' ? this.#csv(line) : this.#text(line)
    if (this.#line === 1 && this.#options.header !== 'none') this.#checkHeader(fields)
    else yield this.#row(fields, line)
  }

  #text(line: Buffer): (string | null)[] {
    return textFields(line, this.#options.delimiter, this.#options.null)
  }

  #csv(line: Buffer): (string | null)[] {
    const { null: nullText } = this.#options
    return csvFields(line, this.#options).map(({ text, isQuoted }, at) => {
      if (text !== nullText) return text
      const name = this.#columns[at]?.name ?? ''
      return (isQuoted ? this.#forceNull.has(name) : !this.#forceNotNull.has(name)) ? null : text
    })
  }

  #checkHeader(fields: readonly (string | null)[]): void {
    if (this.#options.header !== 'match') return
    if (fields.length !== this.#columns.length) {
      throw queryError(
        'bad_copy_file_format',
        `wrong number of fields in header line: got ${fields.length}, expected ${this.#columns.length}`,
      )
    }
    for (const [at, { name }] of this.#columns.entries()) {
      if (fields[at] === name) continue
      throw queryError(
        'bad_copy_file_format',
        `column name mismatch in header line field ${at + 1}: got "${fields[at] ?? 'null'}", expected "${name}"`,
      )
    }
  }

  #row(fields: readonly (string | null)[], line: Buffer): Row {
    const row: Value[] = []
    for (const [at, { name, type }] of this.#columns.entries()) {
      const field = fields[at]
      if (field === undefined) {
        this.#showLine(line)
        throw queryError('bad_copy_file_format', `missing data for column "${name}"`)
      }
      this.#column = name
      this.#shown = field ?? ''
      row.push(field === null ? null : type.scalar.parse(field, type.modifier, this.#scalar))
    }
    this.#column = undefined
    if (fields.length > this.#columns.length && !(this.#columns.length === 0 && fields[0] === '')) {
      this.#showLine(line)
      throw queryError('bad_copy_file_format', 'extra data after last expected column')
    }
    return row
  }

  #showLine(line: Buffer): void {
    this.#column = undefined
    this.#shown = line.toString()
  }
}

/** @throws character_not_in_repertoire where bytes are no characters, or a zero, which no text may hold */
function requireText(line: Buffer): void {
  if (!isUtf8(line) || line.includes(0)) decodeText(line)
}

/** Characters of data that errors show: as PostgreSQL's. */
const SHOWN_CHARACTERS_MAX = 100

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text
}
