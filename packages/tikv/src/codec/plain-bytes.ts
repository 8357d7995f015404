/**
 * The same bytes as a plain `Uint8Array`, without a copy. Node's sockets give `Buffer`s; a view into one would be a
 * `Buffer` too, whose `slice()` shares memory where that of a `Uint8Array` copies.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
