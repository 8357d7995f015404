/** Walks over bytes in LevelDB's encodings. Throws `RangeError` at the end of the bytes or on an impossible number. */
export class ByteReader {
  readonly #bytes: Buffer
  #position: number

  constructor(bytes: Buffer, position = 0) {
    this.#bytes = bytes
    this.#position = position
  }

  get done(): boolean {
    return this.#position >= this.#bytes.byteLength
  }

  get position(): number {
    return this.#position
  }

  /** A number of up to 53 bits in groups of seven bits, lowest first. */
  varint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.#position++)
      value += (byte & 0x7f) * factor
      if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large')
      if (byte < 0x80) return value
    }
  }

  take(length: number): Buffer {
    const end = this.#position + length
    if (end > this.#bytes.byteLength) throw new RangeError('the bytes end too early')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }

  lengthPrefixed(): Buffer {
    return this.take(this.varint())
  }
}
