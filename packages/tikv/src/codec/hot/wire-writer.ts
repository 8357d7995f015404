import { isUint8Array } from 'node:util/types'
import { OrbitError } from '@orbit-ts/base'

const CHUNK_SIZE = 1 << 16
const VARINT_SIZE_MAX = 10

const split = new BigUint64Array(1)
const halves = new Uint32Array(split.buffer)
/** Typed arrays have the machine's byte order; protobuf arithmetic needs to know which half is which. */
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

const UINT64_MAX = 0xffff_ffff_ffff_ffffn
const INT64_MIN = -0x8000_0000_0000_0000n
const INT64_MAX = 0x7fff_ffff_ffff_ffffn

/**
 * Writes protobuf messages one after another into chunks of memory and gives out views: a buffer of its own for each
 * small message would cost more than writing it.
 * The `…Field` methods leave out proto3's defaults and take the whole tag (field number and wire type).
 *
 * Invariants:
 * 1. What lies before `#start` was given out and is never written again.
 * 2. Each primitive makes room before it writes, so `#position` never passes the chunk's end.
 * 3. Making room may move the message: a place inside it is kept as a distance from `#start`.
 */
export class WireWriter {
  #chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE)
  #start = 0
  #position = 0

  /** Forgets a message that failed half-way. */
  start(): this {
    this.#position = this.#start
    return this
  }

  /** The message. Its memory is not used again. */
  finish(): Uint8Array {
    const chunk = this.#chunk
    const message = new Uint8Array(chunk.buffer, this.#start, this.#position - this.#start)
    // A chunk made for one huge message ends with it.
    if (chunk.length > CHUNK_SIZE) this.#renew(CHUNK_SIZE)
    this.#start = this.#position
    return message
  }

  /** Opens a nested message; `close` takes what it gives. */
  open(tag: number): number {
    this.varint(tag)
    this.#reserve(1)
    return this.#position++ - this.#start
  }

  /** Writes the length of the nested message in front of it. One byte was kept; a longer length moves the message. */
  close(opened: number): void {
    // For the whole length at once: once the position stands before the nested message, making room would lose it.
    this.#reserve(VARINT_SIZE_MAX)
    const lengthAt = this.#start + opened
    const length = this.#position - lengthAt - 1
    const extra = varintSize(length) - 1
    if (extra > 0) this.#chunk.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.#position)
    this.#position = lengthAt
    this.varint(length)
    this.#position += length
  }

  /** An unsigned number up to 2^53 - 1. */
  varint(value: number): void {
    this.#reserve(VARINT_SIZE_MAX)
    const chunk = this.#chunk
    let at = this.#position
    let rest = value
    while (rest > 0xfff_ffff) {
      chunk[at++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 0x7f) {
      chunk[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    chunk[at++] = rest
    this.#position = at
  }

  bytesField(tag: number, value: Uint8Array): void {
    if (value.length !== 0) this.bytesItem(tag, value)
  }

  /** As `bytesField`, for an element of a repeated field: written also when empty. */
  bytesItem(tag: number, value: Uint8Array): void {
    this.varint(tag)
    this.varint(value.length)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    // A length that is no number would spoil the position, and so every message after this one.
    if (!isUint8Array(value)) throw new TypeError('bytes are not a Uint8Array')
    this.#reserve(value.length)
    this.#chunk.set(value, this.#position)
    this.#position += value.length
  }

  stringField(tag: number, value: string): void {
    if (value === '') return
    const at = this.open(tag)
    this.#reserve(value.length * 3)
    this.#position += this.#chunk.write(value, this.#position)
    this.close(at)
  }

  boolField(tag: number, value: boolean): void {
    if (!value) return
    this.varint(tag)
    this.varint(1)
  }

  /** uint32, and enumerations, which have no negative values here. */
  uint32Field(tag: number, value: number): void {
    if (value !== 0) this.uint32(tag, value)
  }

  uint32(tag: number, value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw outOfRange('uint32', value)
    this.varint(tag)
    this.varint(value)
  }

  uint64Field(tag: number, value: bigint): void {
    if (value === 0n) return
    this.varint(tag)
    this.uint64(value)
  }

  int64Field(tag: number, value: bigint): void {
    if (value === 0n) return
    if (value < INT64_MIN || value > INT64_MAX) throw outOfRange('int64', value)
    this.varint(tag)
    split[0] = BigInt.asUintN(64, value)
    this.#halves()
  }

  uint64(value: bigint): void {
    if (value < 0n || value > UINT64_MAX) throw outOfRange('uint64', value)
    split[0] = value
    this.#halves()
  }

  /** uint64, as a number where that is exact. */
  uint64Number(value: number | bigint): void {
    if (typeof value === 'bigint') this.uint64(value)
    else if (Number.isSafeInteger(value) && value >= 0) this.varint(value)
    else throw outOfRange('uint64', value)
  }

  uint32ListField(tag: number, values: readonly number[]): void {
    if (values.length === 0) return
    const at = this.open(tag)
    for (const value of values) this.varint(value)
    this.close(at)
  }

  uint64ListField(tag: number, values: readonly bigint[]): void {
    if (values.length === 0) return
    const at = this.open(tag)
    for (const value of values) this.uint64(value)
    this.close(at)
  }

  #halves(): void {
    // Both are set: `halves` has the two elements that `split` shares with it.
    this.#varint64(halves[LOW] ?? 0, halves[HIGH] ?? 0)
  }

  #varint64(low: number, high: number): void {
    if (high === 0) {
      this.varint(low)
      return
    }
    this.#reserve(VARINT_SIZE_MAX)
    const chunk = this.#chunk
    let at = this.#position
    chunk[at++] = (low & 0x7f) | 0x80
    chunk[at++] = ((low >>> 7) & 0x7f) | 0x80
    chunk[at++] = ((low >>> 14) & 0x7f) | 0x80
    chunk[at++] = ((low >>> 21) & 0x7f) | 0x80
    const middle = (low >>> 28) | ((high & 7) << 4)
    let rest = high >>> 3
    if (rest === 0) chunk[at++] = middle
    else {
      chunk[at++] = middle | 0x80
      while (rest > 0x7f) {
        chunk[at++] = (rest & 0x7f) | 0x80
        rest >>>= 7
      }
      chunk[at++] = rest
    }
    this.#position = at
  }

  #reserve(size: number): void {
    const written = this.#position - this.#start
    if (this.#position + size > this.#chunk.length) this.#renew(roomFor(written + size), written)
  }

  /** A new chunk, which begins with the message that is being written. */
  #renew(size: number, written = 0): void {
    const chunk = Buffer.allocUnsafeSlow(size)
    this.#chunk.copy(chunk, 0, this.#start, this.#start + written)
    this.#chunk = chunk
    this.#start = 0
    this.#position = written
  }
}

/** A message that grows past a chunk doubles its room, so that it moves seldom. */
function roomFor(size: number): number {
  return size <= CHUNK_SIZE / 2 ? CHUNK_SIZE : size * 2
}

function outOfRange(type: string, value: bigint | number): OrbitError {
  return new OrbitError('INTERNAL', `invariant does not hold: ${String(value)} is in the range of ${type}`)
}

/** The length of an unsigned number up to 2^53 - 1 as a varint. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 128)) size++
  return size
}
