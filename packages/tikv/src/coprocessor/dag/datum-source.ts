import { asBuffer, OrbitError, unreachable } from '@orbit-ts/base'
import { DATUM } from './datum-flags.js'
import type { DagType, DagValue } from './dag-plan.js'
import { decimalSize, decimalText } from './dag-decimal.js'
import { realAt } from './real-bytes.js'

const GROUP = 8
const GROUP_FULL = 0xff
const SHORT_TEXT = 24
const DURATION_MAX_NS = 3_020_399_999_999_999

/**
 * Takes datums from bytes, one after the other; of any form that servers answer with, sorting or not.
 *
 * Errors: `PROTOCOL_VIOLATION` for what is no datum, or none of the type that is asked for.
 */
export class DatumSource {
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = asBuffer(bytes)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  get position(): number {
    return this.#at
  }

  value(type: DagType): DagValue {
    const flag = this.#byte()
    if (flag === DATUM.null) return null
    switch (type.kind) {
      case 'int':
        return this.#integer(flag)
      case 'real':
        if (flag !== DATUM.float) throw unexpected(flag, 'a double')
        return realAt(this.#view, this.#pass(8))
      case 'decimal':
        if (flag !== DATUM.decimal) throw unexpected(flag, 'a decimal')
        return this.#decimal()
      case 'text':
        return this.#text(flag)
      case 'bytes':
        return new Uint8Array(this.#binary(flag))
      case 'duration':
        return this.#duration(flag)
      default:
        return unreachable(type, 'kind of type')
    }
  }

  /** Passes a datum of any type. */
  skip(): void {
    const flag = this.#byte()
    switch (flag) {
      case DATUM.null:
        break
      case DATUM.float:
      case DATUM.int:
      case DATUM.uint:
      case DATUM.duration:
        this.#pass(8)
        break
      case DATUM.varint:
      case DATUM.uvarint:
        this.#varint()
        break
      case DATUM.decimal:
        this.#decimal()
        break
      default:
        this.#binary(flag)
    }
  }

  #decimal(): string {
    const at = this.#pass(decimalSize(this.#bytes, this.#at))
    return decimalText(this.#bytes, at)
  }

  #integer(flag: number): number | bigint {
    switch (flag) {
      case DATUM.varint: {
        const zigzag = this.#varint()
        if (typeof zigzag === 'number') return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2
        return narrow((zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n))
      }
      case DATUM.uvarint:
        return this.#varint()
      case DATUM.int: {
        const at = this.#pass(8)
        const high = this.#view.getInt32(at) ^ 0x8000_0000
        const value = high * 0x1_0000_0000 + this.#view.getUint32(at + 4)
        if (Number.isSafeInteger(value)) return value
        return this.#view.getBigInt64(at) ^ -0x8000_0000_0000_0000n
      }
      case DATUM.uint: {
        const at = this.#pass(8)
        const value = this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
        return Number.isSafeInteger(value) ? value : this.#view.getBigUint64(at)
      }
      default:
        throw unexpected(flag, 'an integer')
    }
  }

  #duration(flag: number): number | bigint {
    const value = this.#integer(flag === DATUM.duration ? DATUM.int : flag)
    if (typeof value === 'number' && Math.abs(value) <= DURATION_MAX_NS) return value
    throw new OrbitError('PROTOCOL_VIOLATION', `Coprocessor: ${value} nanoseconds are no duration`)
  }

  #text(flag: number): string {
    if (flag !== DATUM.compactBytes) return asBuffer(this.#binary(flag)).toString('utf8')
    const end = this.#compactEnd()
    const start = this.#at
    this.#at = end
    if (end - start > SHORT_TEXT) return this.#bytes.toString('utf8', start, end)
    // Short texts are mostly ASCII, and then faster put together here than by a call into native code.
    let text = ''
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number
      if (byte > 0x7f) return this.#bytes.toString('utf8', start, end)
      text += String.fromCharCode(byte)
    }
    return text
  }

  #binary(flag: number): Uint8Array {
    if (flag === DATUM.compactBytes) {
      const end = this.#compactEnd()
      return this.#bytes.subarray(this.#pass(end - this.#at), end)
    }
    if (flag === DATUM.bytes) return this.#groups()
    throw unexpected(flag, 'text or bytes')
  }

  #compactEnd(): number {
    const size = Number(this.#integer(DATUM.varint))
    const end = this.#at + size
    if (size < 0 || end > this.#bytes.length) throw malformed('a text is longer than its answer')
    return end
  }

  #groups(): Uint8Array {
    const parts: Uint8Array[] = []
    for (;;) {
      const at = this.#pass(GROUP + 1)
      const padding = GROUP_FULL - (this.#bytes[at + GROUP] as number)
      if (padding > GROUP) throw malformed('a group of bytes ends in no valid mark')
      parts.push(this.#bytes.subarray(at, at + GROUP - padding))
      if (padding > 0) return Buffer.concat(parts)
    }
  }

  #varint(): number | bigint {
    let value = 0
    let factor = 1
    for (let i = 0; i < 7; i++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
    let wide = BigInt(value)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      wide |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return narrow(BigInt.asUintN(64, wide))
    }
    throw malformed('a number has more than ten bytes')
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw malformed('a row is cut short')
    return byte
  }

  /** Where the next `size` bytes begin, which are there. */
  #pass(size: number): number {
    const at = this.#at
    this.#at += size
    if (this.#at > this.#bytes.length) throw malformed('a row is cut short')
    return at
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const malformed = (why: string): OrbitError => new OrbitError('PROTOCOL_VIOLATION', `Coprocessor: ${why}`)

const unexpected = (flag: number, wanted: string): OrbitError =>
  malformed(`a value is of kind ${flag}, where the plan has ${wanted}`)
