import type { ByteReader, ByteWriter } from '@orbit-ts/storage'

/** A whole number from 0, seven bits in a byte, the lowest first. */
export function writeLength(writer: ByteWriter, value: number): void {
  let rest = value
  while (rest >= 128) {
    writer.byte((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  writer.byte(rest)
}

export function readLength(reader: ByteReader): number {
  let value = 0
  let unit = 1
  for (;;) {
    const byte = reader.byte()
    value += (byte & 127) * unit
    if (byte < 128) return value
    unit *= 128
  }
}

export function writeText(writer: ByteWriter, value: string): void {
  const at = writer.reserve(4)
  const size = writer.text(value)
  writer.view.setUint32(at, size)
}

export function readText(reader: ByteReader): string {
  const size = reader.uint32BE()
  const at = reader.take(size)
  return reader.buffer.toString('utf8', at, at + size)
}

const SIGN = 1n << 63n

/** Any integer: eight bytes when it fits into 64 bits, otherwise its digits. */
export function writeBigint(writer: ByteWriter, value: bigint): void {
  if (value >= -SIGN && value < SIGN) {
    writer.byte(8)
    const at = writer.reserve(8)
    writer.view.setBigInt64(at, value)
    return
  }
  writer.byte(0)
  writeText(writer, value.toString(16))
}

export function readBigint(reader: ByteReader): bigint {
  if (reader.byte() === 8) return reader.buffer.readBigInt64BE(reader.take(8))
  const text = readText(reader)
  return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`)
}
