/** What the builders of all models have in common: one writer, and the parts that recur. */
import { type ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { type Datum, readDatum } from './datum.js'
import { ENTRY_ID_MARK } from './key-space.js'
import { writeUvarint } from './memcomparable.js'

/** Building a key is synchronous and never nested, so all builders write through one buffer. */
const WRITER = new ByteWriter(1024)

/** A key that begins with the byte of its model and, if it has one, the id of its collection, graph or series table. */
export function beginKey(space: number, id?: number, field?: string): ByteWriter {
  const writer = WRITER.reset()
  writer.byte(space)
  if (id !== undefined) writeUvarint(writer, id, field)
  return writer
}

/** Reads values up to the mark before the id or to the end; true when an id follows. */
export function readIndexDatums(reader: ByteReader): { datums: Datum[]; hasId: boolean } {
  const datums: Datum[] = []
  while (reader.remaining > 0) {
    if (reader.peek() === ENTRY_ID_MARK) {
      reader.take(1)
      return { datums, hasId: true }
    }
    datums.push(readDatum(reader))
  }
  return { datums, hasId: false }
}
