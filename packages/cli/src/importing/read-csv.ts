import { isUtf8 } from 'node:buffer'
import { OrbitError } from '@orbit-ts/base'
import type { RecordColumn } from '../records/record-target.js'
import { CsvRows, type CsvFault } from './csv-rows.js'
import type { InputBuffer } from './input-buffer.js'
import type { InputRecord } from './input-record.js'
import { quotedFields } from './quoted-fields.js'

const LINE_FEED = 0x0a
const QUOTE = 0x22
/** What bytes that are not UTF-8 are read as. */
const REPLACEMENT = '\ufffd'

export interface CsvOptions {
  readonly delimiter: string
  /** The names of the columns; undefined: the first line has them. */
  readonly header: readonly string[] | undefined
  /** Told the header once it is known. */
  readonly onHeader?: (header: readonly string[]) => void
  /** @throws INVALID_ARGUMENT when there may be no such column */
  readonly column: (header: string) => RecordColumn
  /** An empty field is null; otherwise it is left out of the record. */
  readonly emptyIsNull: boolean
}

/** Records of a CSV file (RFC 4180), the header not among them. */
export async function* readCsv(input: InputBuffer, options: CsvOptions): AsyncGenerator<InputRecord> {
  const { window } = input
  let offset = await input.textStart()
  let { line } = window.committed
  let columns = options.header === undefined ? undefined : resolveHeader(options.header, options, line)
  let rows = new CsvRows(options.delimiter)
  let base = offset
  for (let fed = offset; ;) {
    const isMore = window.end > fed || (await input.readMore())
    const fault = isMore ? await rows.write(window.slice(fed, window.end)) : await rows.end()
    fed = window.end
    for (const { fields, end } of rows.take()) {
      const row: Row = { fields, bytes: window.slice(offset, base + end), line, end: base + end }
      offset = row.end
      line += lineFeeds(row.bytes)
      if (columns === undefined) {
        if (!isEmptyLine(row)) columns = headerOf(row, options)
      } else if (columns.length === 1 || !isEmptyLine(row)) {
        yield { line: row.line, end: row.end, ...recordOf(row, columns, options) }
      }
    }
    if (fault !== undefined) {
      if (columns === undefined) throw badHeader(line, fault.reason)
      // Take up again at the next line: a fault in quotes says nothing about where its record ends.
      const end = await input.lineEnd(offset)
      yield { line, end, problem: faultOf(fault, columns) }
      offset = base = fed = end
      line++
      rows = new CsvRows(options.delimiter)
    } else if (!isMore) {
      if (columns === undefined)
        throw new OrbitError(
          'IMPORT_FAILED',
          'there is nothing in it, not even a line that names the columns',
        )
      return
    }
  }
}

/** A row with the place where it stands. */
interface Row {
  readonly fields: readonly string[]
  readonly bytes: Buffer
  readonly line: number
  readonly end: number
}

function lineFeeds(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return count
}

/** The names in the first row. @throws IMPORT_FAILED */
function headerOf({ fields, bytes, line }: Row, options: CsvOptions): RecordColumn[] {
  if (!isUtf8(bytes)) throw badHeader(line, 'the line is not valid UTF-8')
  const columns = resolveHeader(fields, options, line)
  options.onHeader?.(fields)
  return columns
}

function resolveHeader(header: readonly string[], { column }: CsvOptions, line: number): RecordColumn[] {
  const seen = new Map<string, string>()
  return header.map((name, at) => {
    if (name === '') throw badHeader(line, `column ${at + 1} has no name`)
    try {
      const found = column(name)
      const id = JSON.stringify(found.path)
      if (seen.has(id)) throw new OrbitError('INVALID_ARGUMENT', `the column "${name}" is there twice`)
      seen.set(id, name)
      return found
    } catch (error) {
      throw badHeader(line, OrbitError.from(error).reason)
    }
  })
}

function badHeader(line: number, reason: string): OrbitError {
  return new OrbitError(
    'IMPORT_FAILED',
    `line ${line}: ${reason}. The first line must name the columns; when it does not, --columns does`,
    { line },
  )
}

/** A line without any character; in a file of one column that is a row. */
function isEmptyLine({ fields, bytes }: Row): boolean {
  return fields.length === 1 && fields[0] === '' && !bytes.includes(QUOTE)
}

function recordOf(
  { fields, bytes }: Row,
  columns: readonly RecordColumn[],
  { delimiter, emptyIsNull }: CsvOptions,
): { record: unknown } | { problem: OrbitError } {
  const replaced = fields.findIndex((field) => field.includes(REPLACEMENT))
  if (replaced >= 0 && !isUtf8(bytes)) {
    return { problem: problemIn(columns[replaced], 'the text is not valid UTF-8') }
  }
  if (fields.length !== columns.length) {
    const reason = `${fields.length === 1 ? 'one field' : `${fields.length} fields`} where the header names ${columns.length}`
    return { problem: new OrbitError('IMPORT_FAILED', reason) }
  }
  const looksAtQuotes = fields.includes('') || columns.some(({ codec }) => codec.looksAtQuotes === true)
  const quoted = looksAtQuotes && bytes.includes(QUOTE) ? quotedFields(bytes, delimiter) : []
  const entries: [readonly string[], unknown][] = []
  for (const [at, column] of columns.entries()) {
    const text = fields[at] ?? ''
    const isQuoted = quoted[at] === true
    if (text === '' && !isQuoted) {
      if (emptyIsNull) entries.push([column.path, null])
      continue
    }
    try {
      entries.push([column.path, column.codec.parse(text, isQuoted)])
    } catch (error) {
      return { problem: problemIn(column, OrbitError.from(error).reason) }
    }
  }
  return { record: nest(columns, entries) }
}

/** An object with own properties only, whatever their names are, and with every part that columns belong to. */
function nest(
  columns: readonly RecordColumn[],
  entries: readonly (readonly [path: readonly string[], value: unknown])[],
): object {
  const top: [string, unknown][] = []
  const parts = new Map<string, [string, unknown][]>()
  for (const { path } of columns) if (path.length > 1) parts.set(path[0] ?? '', [])
  for (const [[first = '', second], value] of entries) {
    if (second === undefined) top.push([first, value])
    else parts.get(first)?.push([second, value])
  }
  for (const [part, inner] of parts) top.push([part, Object.fromEntries(inner)])
  return Object.fromEntries(top)
}

function faultOf({ reason, field }: CsvFault, columns: readonly RecordColumn[]): OrbitError {
  return problemIn(field === undefined ? undefined : columns[field], reason)
}

function problemIn(column: RecordColumn | undefined, reason: string): OrbitError {
  if (column === undefined) return new OrbitError('IMPORT_FAILED', reason)
  return new OrbitError('IMPORT_FAILED', `column "${column.header}": ${reason}`, { column: column.header })
}
