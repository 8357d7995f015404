import { textCell } from '../records/cell-codec.js'
import type { JsonRecord } from '../records/record-target.js'
import { ByteWindow } from './byte-window.js'
import type { FileFormat } from './file-format.js'
import { InputBuffer } from './input-buffer.js'
import { isBad } from './input-record.js'
import type { InputSource } from './input-source.js'
import { readCsv } from './read-csv.js'
import { readJsonl } from './read-jsonl.js'

/** The first records of an input. */
export interface InputSample {
  /** Columns in order; of JSONL all names that come up. */
  readonly names: readonly string[]
  readonly records: readonly JsonRecord[]
  /** Values are the fields of a CSV file: text, or null. */
  readonly isText: boolean
}

const SAMPLE_BYTES = 1024 * 1024

/** Reads ahead in the input, which stays to be read. Faulty records are left out. @throws IMPORT_FAILED: no header */
export async function readSample(
  source: InputSource,
  options: {
    readonly format: FileFormat
    readonly delimiter: string
    readonly columns: readonly string[] | undefined
  },
): Promise<InputSample> {
  const { bytes, whole } = await source.sample(SAMPLE_BYTES)
  // What is cut off in the middle is no record.
  const complete = whole ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
  let isGiven = false
  const input = new InputBuffer(new ByteWindow(), () => {
    const chunk = isGiven ? undefined : complete
    isGiven = true
    return Promise.resolve(chunk)
  })
  let header = options.columns
  const reader =
    options.format === 'jsonl'
      ? readJsonl(input, (record) => record)
      : readCsv(input, {
          delimiter: options.delimiter,
          header,
          onHeader: (names) => {
            header = names
          },
          column: (name) => ({ header: name, path: [name], codec: textCell }),
          emptyIsNull: true,
        })
  const records: JsonRecord[] = []
  for await (const record of reader) if (!isBad(record)) records.push(record.record as JsonRecord)
  const names = header ?? [...new Set(records.flatMap((record) => Object.keys(record)))]
  return { names, records, isText: options.format === 'csv' }
}
