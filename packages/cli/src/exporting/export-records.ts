import { OrbitError } from '@orbit-ts/base'
import type { DatabaseTransaction } from '@orbit-ts/engine'
import type { FileFormat } from '../importing/file-format.js'
import { quoteField, type CellCodec } from '../records/cell-codec.js'
import { plainJson } from '../records/plain-json.js'
import type { RecordColumn, RecordQuery, RecordTarget } from '../records/record-target.js'
import { countOf, formatSize } from '../terminal/format-count.js'
import type { Progress } from '../terminal/progress.js'
import type { Output } from './output.js'

export interface ExportOptions {
  readonly format: FileFormat
  readonly query: RecordQuery
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Writes the records that `tx` sees; returns how many. @throws ABORTED by the signal */
export async function exportRecords(
  tx: DatabaseTransaction,
  target: RecordTarget,
  output: Output,
  { format, query, signal, progress }: ExportOptions,
): Promise<number> {
  const columns = format === 'csv' ? await target.columns(tx, query) : []
  if (format === 'csv') await output.write(`${columns.map(({ header }) => quoteField(header)).join(',')}\n`)
  const lineOf = format === 'csv' ? (record: object) => csvLine(record, columns) : plainJson
  let count = 0
  for await (const chunk of target.scan(tx, query)) {
    if (signal.aborted) throw new OrbitError('ABORTED', 'the export was interrupted; nothing was written')
    await output.write(`${chunk.map(lineOf).join('\n')}\n`)
    count += chunk.length
    progress.update(count, `${countOf(count, 'record')}, ${formatSize(output.sizeBytes)}`)
  }
  return count
}

function csvLine(record: object, columns: readonly RecordColumn[]): string {
  return columns.map(({ path, codec }) => fieldOf(valueAt(record, path), codec)).join(',')
}

function fieldOf(value: unknown, codec: CellCodec): string {
  if (value === undefined) return ''
  return value === null ? (codec.nullField ?? '') : codec.format(value)
}

function valueAt(record: object, path: readonly string[]): unknown {
  let value: unknown = record
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}
