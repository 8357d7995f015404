import { ByteReader } from './byte-reader.js'

/**
 * Restores what Snappy compressed (raw format). Only index blocks go through it, so it is short rather than fast.
 * Throws `RangeError` when the bytes are no such thing.
 */
export function uncompressSnappy(bytes: Buffer): Buffer {
  const reader = new ByteReader(bytes)
  const output = Buffer.alloc(reader.varint())
  let at = 0
  while (!reader.done) {
    const tag = reader.take(1).readUInt8()
    if ((tag & 3) === 0) {
      const literal = reader.take(literalLength(tag >>> 2, reader))
      if (at + literal.byteLength > output.byteLength) throw new RangeError('a literal is too long')
      at += literal.copy(output, at)
    } else {
      const { length, offset } = copyOf(tag, reader)
      if (offset === 0 || offset > at || at + length > output.byteLength)
        throw new RangeError('a copy is out of range')
      // Byte by byte: a copy may overlap what it writes.
      for (let i = 0; i < length; i++, at++) output.writeUInt8(output.readUInt8(at - offset), at)
    }
  }
  if (at !== output.byteLength) throw new RangeError('the output is too short')
  return output
}

function literalLength(code: number, reader: ByteReader): number {
  return code < 60 ? code + 1 : reader.take(code - 59).readUIntLE(0, code - 59) + 1
}

function copyOf(tag: number, reader: ByteReader): { length: number; offset: number } {
  switch (tag & 3) {
    case 1:
      return { length: ((tag >>> 2) & 7) + 4, offset: ((tag >>> 5) << 8) | reader.take(1).readUInt8() }
    case 2:
      return { length: (tag >>> 2) + 1, offset: reader.take(2).readUInt16LE() }
    default:
      return { length: (tag >>> 2) + 1, offset: reader.take(4).readUInt32LE() }
  }
}
