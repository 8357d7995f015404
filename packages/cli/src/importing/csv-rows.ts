import { parse, CsvError, type Parser } from 'csv-parse'
import { RECORD_SIZE_MAX_BYTES } from './input-buffer.js'

/** The fields of one line of a CSV file, or of several where a quoted field has line breaks. */
export interface CsvRow {
  readonly fields: readonly string[]
  /** The offset behind it, counted from where the parser began. */
  readonly end: number
}

/**
 * Takes bytes, gives rows. After a fault it is of no more use; the rows before the fault are there.
 *
 * Rows are caught as they are found and never pushed into the parser's readable side, which would drop those that wait
 * there when a later one is faulty.
 */
export class CsvRows {
  readonly #parser: Parser
  #rows: CsvRow[] = []

  constructor(delimiter: string) {
    this.#parser = parse({
      delimiter,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      max_record_size: RECORD_SIZE_MAX_BYTES,
      on_record: (fields: string[], { bytes }) => {
        this.#rows.push({ fields, end: bytes })
        return null
      },
    })
    // A fault is returned by `write` or `end`.
    this.#parser.on('error', () => undefined)
  }

  /** What is wrong with the first row that is not there, or undefined. */
  write(bytes: Buffer): Promise<CsvFault | undefined> {
    return new Promise((resolve, reject) => {
      this.#parser.write(bytes, (error) => settle(error, resolve, reject))
    })
  }

  /** As `write`, for the end of the input. */
  end(): Promise<CsvFault | undefined> {
    return new Promise((resolve, reject) => {
      this.#parser.end((error?: Error | null) => settle(error, resolve, reject))
    })
  }

  /** The rows found since the last call. */
  take(): CsvRow[] {
    const rows = this.#rows
    this.#rows = []
    return rows
  }
}

export interface CsvFault {
  readonly reason: string
  /** Number of the field from 0, where it is known. */
  readonly field: number | undefined
}

function settle(
  error: Error | null | undefined,
  resolve: (fault: CsvFault | undefined) => void,
  reject: (error: Error) => void,
): void {
  if (error === null || error === undefined) resolve(undefined)
  else if (error instanceof CsvError) resolve({ reason: reasonOf(error), field: fieldOf(error) })
  else reject(error)
}

function reasonOf({ code, message }: CsvError): string {
  switch (code) {
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'after a closing quote a delimiter or the end of the line is expected; a quote within a quoted field is written twice'
    case 'INVALID_OPENING_QUOTE':
      return 'a quote in the middle of a field; put the whole field in quotes, and write the quote twice'
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed'
    case 'CSV_MAX_RECORD_SIZE':
      return `the record is longer than ${RECORD_SIZE_MAX_BYTES / (1024 * 1024)} MiB; perhaps a quote is never closed`
    default:
      return message
  }
}

function fieldOf(error: CsvError): number | undefined {
  const field: unknown = error['column']
  return typeof field === 'number' ? field : undefined
}
