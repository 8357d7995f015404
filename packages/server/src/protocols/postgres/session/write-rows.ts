import type { ResultColumn, Row, ScalarContext } from '@orbit-ts/engine/sql'
import type { MessageWriter } from '../wire/message-writer.js'

/** Writes DataRow messages for rows of certain columns. */
export type RowWriter = (writer: MessageWriter, row: Row) => void

/** @param formatOf 0 text, 1 binary, by position. */
export function rowWriter(
  columns: readonly ResultColumn[],
  formatOf: (at: number) => number,
  scalar: ScalarContext,
): RowWriter {
  const cells = columns.map(({ type: { scalar: type } }, at) =>
    formatOf(at) === 1
      ? (writer: MessageWriter, value: Exclude<Row[number], null>) => type.encode(writer.bytes, value, scalar)
      : (writer: MessageWriter, value: Exclude<Row[number], null>) => {
          writer.bytes.text(type.format(value, scalar))
        },
  )
  const count = cells.length
  return (writer, row) => {
    writer.begin('D')
    writer.int16(count)
    const { bytes } = writer
    for (let at = 0; at < count; at++) {
      const value = row[at]
      const start = bytes.reserve(4)
      if (value === null || value === undefined) {
        bytes.view.setInt32(start, -1)
        continue
      }
      // There are as many cells as columns.
      cells[at]?.(writer, value)
      bytes.view.setInt32(start, bytes.length - start - 4)
    }
    writer.end()
  }
}
