import { isUtf8 } from 'node:buffer'
import { OrbitError } from '@orbit-ts/base'
import type { RecordColumn } from '../records/record-target.js'
import { CsvRows, type CsvFault, type CsvRow } from './csv-rows.js'
import type { InputBuffer } from './input-buffer.js'
import type { InputRecord } from './input-record.js'

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
    for (const row of rows.take()) {
      const [start, first] = [offset, line]
      offset = base + row.end
      line += window.countLines(start, offset)
      if (columns === undefined) {
        if (!isEmptyLine(row)) columns = headerOf(row, window.slice(start, offset), options, first)
      } else if (columns.length === 1 || !isEmptyLine(row)) {
        const isText =
          !row.fields.some((field) => field.includes('\ufffd')) || isUtf8(window.slice(start, offset))
        yield { line: first, end: offset, ...recordOf(row, columns, options.emptyIsNull, isText) }
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

/** The names in the first row. @throws IMPORT_FAILED */
function headerOf(row: CsvRow, bytes: Buffer, options: CsvOptions, line: number): RecordColumn[] {
  if (!isUtf8(bytes)) throw badHeader(line, 'the line is not valid UTF-8')
  const columns = resolveHeader(row.fields, options, line)
  options.onHeader?.(row.fields)
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
function isEmptyLine({ fields, quoted }: CsvRow): boolean {
  return fields.length === 1 && fields[0] === '' && quoted[0] !== true
}

function recordOf(
  { fields, quoted }: CsvRow,
  columns: readonly RecordColumn[],
  emptyIsNull: boolean,
  isText: boolean,
): { record: unknown } | { problem: OrbitError } {
  if (!isText) {
    const at = fields.findIndex((field) => field.includes('\ufffd'))
    return { problem: problemIn(columns[at], 'the text is not valid UTF-8') }
  }
  if (fields.length !== columns.length) {
    const reason = `${fields.length === 1 ? 'one field' : `${fields.length} fields`} where the header names ${columns.length}`
    return { problem: new OrbitError('IMPORT_FAILED', reason) }
  }
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
  return { record: nest(entries) }
}

/** An object with own properties only, whatever their names are. */
function nest(entries: readonly (readonly [path: readonly string[], value: unknown])[]): object {
  const parts = new Map<string, [string, unknown][]>()
  const top: [string, unknown][] = []
  for (const [[first = '', second], value] of entries) {
    if (second === undefined) top.push([first, value])
    else if (parts.get(first)?.push([second, value]) === undefined) parts.set(first, [[second, value]])
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
