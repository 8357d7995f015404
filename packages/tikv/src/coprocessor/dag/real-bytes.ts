const SIGN = 0x80

/** A double in the eight bytes that it has in rows and keys: they sort as doubles do, -0 before 0, NaN last. */
export function realBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  if (Number.isNaN(value)) view.setUint32(0, 0xfff8_0000)
  else {
    view.setFloat64(0, value)
    // Eight bytes are there.
    if ((bytes[0] as number) < SIGN) bytes[0] = (bytes[0] as number) | SIGN
    else for (const [at, byte] of bytes.entries()) bytes[at] = byte ^ 0xff
  }
  return bytes
}

/** What `realBytes` made eight bytes of. */
export function bytesReal(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return realAt(view, 0)
}

const SCRATCH = new DataView(new ArrayBuffer(8))

export function realAt(view: DataView, at: number): number {
  const [high, low] = [view.getUint32(at), view.getUint32(at + 4)]
  const positive = high >= 0x8000_0000
  SCRATCH.setUint32(0, (positive ? high ^ 0x8000_0000 : ~high) >>> 0)
  SCRATCH.setUint32(4, (positive ? low : ~low) >>> 0)
  return SCRATCH.getFloat64(0)
}
