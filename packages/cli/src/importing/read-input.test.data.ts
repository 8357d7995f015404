import { textCell } from '../records/cell-codec.js'
import { ByteWindow } from './byte-window.js'
import { InputBuffer } from './input-buffer.js'
import { isBad, type InputRecord } from './input-record.js'
import { readCsv, type CsvOptions } from './read-csv.js'
import { readJsonl } from './read-jsonl.js'

/** A buffer over bytes that come in chunks of this size. */
export function bufferOf(input: string | Buffer, chunkSize = 7): InputBuffer {
  const bytes = Buffer.from(input)
  let at = 0
  return new InputBuffer(new ByteWindow(), () => {
    const chunk = bytes.subarray(at, at + chunkSize)
    at += chunkSize
    return Promise.resolve(chunk.byteLength === 0 ? undefined : Buffer.from(chunk))
  })
}

/** Good records as `[line, end, record]`, bad ones as `[line, end, reason, character]`. */
export async function collect(records: AsyncIterable<InputRecord>): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const record of records) {
    const { line, end, character } = record
    if (!isBad(record)) found.push([line, end, record.record])
    else found.push([line, end, record.problem.reason, ...(character === undefined ? [] : [character])])
  }
  return found
}

/** Long numbers as text. */
export function jsonlOf(input: string | Buffer, chunkSize?: number): Promise<unknown[]> {
  return collect(readJsonl(bufferOf(input, chunkSize), (record, exact) => exact ?? record))
}

/** Long numbers as JavaScript has them. */
export function plainJsonlOf(input: string | Buffer, chunkSize?: number): Promise<unknown[]> {
  return collect(readJsonl(bufferOf(input, chunkSize), (record) => record))
}

/** Every column holds text. */
export function csvOf(
  input: string | Buffer,
  options: Partial<CsvOptions> = {},
  chunkSize?: number,
): Promise<unknown[]> {
  return collect(
    readCsv(bufferOf(input, chunkSize), {
      delimiter: ',',
      header: undefined,
      column: (header) => ({ header, path: [header], codec: textCell }),
      emptyIsNull: true,
      ...options,
    }),
  )
}
