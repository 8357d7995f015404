import { unreachable } from '@orbit-ts/base'
import { DATUM } from './datum-flags.js'
import { realBytes } from './real-bytes.js'

/** A value that is not null, in the form in which datums hold it. */
export type PlainDatum =
  | { readonly kind: 'int' | 'uint' | 'duration'; readonly value: number | bigint }
  | { readonly kind: 'real'; readonly value: number }
  /** Encoded: precision, scale and digits. */
  | { readonly kind: 'decimal'; readonly value: Uint8Array }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }

/** Collects datums: those that do not sort, as TiDB writes them in rows and answers. */
export class DatumSink {
  #buffer = Buffer.allocUnsafe(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What was collected, in memory of its own; the sink is empty then. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#buffer.subarray(0, this.#length))
    this.#length = 0
    return bytes
  }

  null(): void {
    this.#byte(DATUM.null)
  }

  datum(datum: PlainDatum): void {
    switch (datum.kind) {
      case 'int':
        this.#byte(DATUM.varint)
        this.#varint(zigzag(datum.value))
        break
      case 'uint':
        this.#byte(DATUM.uvarint)
        this.#varint(datum.value)
        break
      case 'duration':
        this.#byte(DATUM.duration)
        this.bytes(orderedInt(datum.value))
        break
      case 'real':
        this.#byte(DATUM.float)
        this.bytes(realBytes(datum.value))
        break
      case 'decimal':
        this.#byte(DATUM.decimal)
        this.bytes(datum.value)
        break
      case 'bytes':
        this.#byte(DATUM.compactBytes)
        this.#varint(zigzag(datum.value.length))
        this.bytes(datum.value)
        break
      default:
        unreachable(datum, 'kind of datum')
    }
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = byte
  }

  #varint(value: number | bigint): void {
    this.#reserve(10)
    let rest = value
    if (typeof rest === 'bigint' && rest <= 0x1f_ffff_ffff_ffffn) rest = Number(rest)
    if (typeof rest === 'number') {
      for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#buffer[this.#length++] = (rest % 0x80) | 0x80
      this.#buffer[this.#length++] = rest
      return
    }
    for (; rest > 0x7fn; rest >>= 7n) this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80
    this.#buffer[this.#length++] = Number(rest)
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

const HALF_SAFE = 2 ** 52

/** Small negative numbers become small ones. */
function zigzag(value: number | bigint): number | bigint {
  if (typeof value === 'number' && Math.abs(value) < HALF_SAFE) return value < 0 ? -value * 2 - 1 : value * 2
  const whole = BigInt(value)
  return BigInt.asUintN(64, (whole << 1n) ^ (whole >> 63n))
}

/** A signed integer as it sorts in keys. */
export function orderedInt(value: number | bigint): Uint8Array {
  return orderedUint(BigInt.asUintN(64, BigInt(value)) ^ (1n << 63n))
}

export function orderedUint(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
