import { OrbitError } from '@orbit-ts/base'

const joined = new BigUint64Array(1)
const halves = new Uint32Array(joined.buffer)
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

const GROUP_DEPTH_MAX = 100

/**
 * Reads protobuf from bytes that stay where they are. Byte fields are views of them.
 *
 * A field is read in two steps: `tag()`, then the value method of its type. Fields that are not known are passed with
 * `skip(tag)`.
 *
 * Errors: `PROTOCOL_VIOLATION` for what is no well-formed message.
 */
export class WireReader {
  readonly bytes: Uint8Array
  position: number

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes
    this.position = position
  }

  tag(): number {
    return this.uint32()
  }

  /** The position where the nested message that begins here ends. */
  end(): number {
    const length = this.uint32()
    const end = this.position + length
    if (end > this.bytes.length) throw malformed('a field is longer than its message', this.position)
    return end
  }

  /** After the last field of a message that ends at `end`. */
  close(end: number): void {
    if (this.position !== end) throw malformed('a field is longer than its message', this.position)
  }

  bytesValue(): Uint8Array {
    const end = this.end()
    const value = this.bytes.subarray(this.position, end)
    this.position = end
    return value
  }

  stringValue(): string {
    const end = this.end()
    const { buffer, byteOffset } = this.bytes
    const text = Buffer.from(buffer, byteOffset + this.position, end - this.position).toString('utf8')
    this.position = end
    return text
  }

  bool(): boolean {
    return this.uint32() !== 0
  }

  /** The lower 32 bits of a varint, unsigned. */
  uint32(): number {
    const { bytes } = this
    let at = this.position
    let byte = bytes[at++] ?? this.#ended()
    if (byte < 0x80) {
      this.position = at
      return byte
    }
    let value = byte & 0x7f
    for (let shift = 7; shift < 70; shift += 7) {
      byte = bytes[at++] ?? this.#ended()
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.position = at
        return value >>> 0
      }
    }
    throw malformed('a number has more than ten bytes', this.position)
  }

  /** An enumeration's or int32's value. */
  int32(): number {
    return this.uint32() | 0
  }

  uint64(): bigint {
    const low = this.#varint64()
    if (this.#high === 0) return BigInt(low)
    halves[LOW] = low
    halves[HIGH] = this.#high
    return joined[0] ?? 0n
  }

  /** As `uint64`, as a number where that is exact. */
  uint64Number(): number | bigint {
    const low = this.#varint64()
    const high = this.#high
    if (high <= 0x1f_ffff) return high * 0x1_0000_0000 + low
    halves[LOW] = low
    halves[HIGH] = high
    return joined[0] ?? 0n
  }

  /** A repeated number: packed, as TiKV writes it, or one by one. */
  uint64List(tag: number, into: bigint[]): void {
    if ((tag & 7) !== 2) {
      into.push(this.uint64())
      return
    }
    for (const end = this.end(); this.position < end;) into.push(this.uint64())
  }

  boolList(tag: number, into: boolean[]): void {
    if ((tag & 7) !== 2) {
      into.push(this.bool())
      return
    }
    for (const end = this.end(); this.position < end;) into.push(this.bool())
  }

  /** Passes the value of a field whose tag was just read. */
  skip(tag: number, depth = 0): void {
    if (tag >>> 3 === 0) throw malformed('a field has the number 0', this.position)
    switch (tag & 7) {
      case 0:
        this.#varint64()
        return
      case 1:
        this.#pass(8)
        return
      case 2:
        this.position = this.end()
        return
      case 3:
        this.#skipGroup(tag, depth)
        return
      case 5:
        this.#pass(4)
        return
      default:
        throw malformed(`wire type ${tag & 7} does not exist`, this.position)
    }
  }

  /** The upper 32 bits of what `#varint64` read last. */
  #high = 0

  #varint64(): number {
    const { bytes } = this
    let at = this.position
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++] ?? this.#ended()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) {
        this.position = at
        this.#high = high >>> 0
        return low >>> 0
      }
    }
    throw malformed('a number has more than ten bytes', this.position)
  }

  #skipGroup(tag: number, depth: number): void {
    if (depth >= GROUP_DEPTH_MAX) throw malformed('groups are nested too deeply', this.position)
    for (;;) {
      const inner = this.tag()
      if ((inner & 7) === 4) {
        if (inner >>> 3 !== tag >>> 3) throw malformed('a group ends that did not begin', this.position)
        return
      }
      this.skip(inner, depth + 1)
    }
  }

  #pass(size: number): void {
    this.position += size
    if (this.position > this.bytes.length) this.#ended()
  }

  #ended(): never {
    throw malformed('the message ends inside a field', this.position)
  }
}

function malformed(what: string, position: number): OrbitError {
  return new OrbitError('PROTOCOL_VIOLATION', `a protobuf message is malformed: ${what} (byte ${position})`, {
    position,
  })
}
