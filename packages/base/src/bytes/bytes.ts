/** Byte strings: `Uint8Array` compared as unsigned bytes, shorter first when one is a prefix of the other. */

export const EMPTY_BYTES: Uint8Array = new Uint8Array(0)

/** A `Buffer` over the same memory: no copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Negative, zero or positive, as `a` sorts before, with or after `b`. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}

/**
 * The bytes as a string of one character per byte. JavaScript compares such strings exactly as unsigned bytes and
 * hashes them once, so in-memory maps of keys use them.
 */
export function toBinaryString(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1')
}

export function fromBinaryString(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

export function toHex(bytes: Uint8Array, lengthMax: number = Number.POSITIVE_INFINITY): string {
  const cut = bytes.byteLength > lengthMax ? bytes.subarray(0, lengthMax) : bytes
  return asBuffer(cut).toString('hex') + (cut === bytes ? '' : '…')
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
}

export function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}

export function fromUtf8(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8')
}
