import { asBuffer, compareBytes } from '@orbit-ts/base'
import type { Entry } from '@orbit-ts/storage'
import { decodeAttributes, locateVector } from '../../../record/vector-record.js'

const FLOAT_SIZE = 4
/** Roughly: the object, its typed arrays and their buffers. */
const OVERHEAD_BYTES = 600
const NO_BYTES = Buffer.alloc(0)
const NO_ENDS = new Uint32Array(0)

/**
 * Vectors that lie side by side, in order of their keys, without an object for each: components, ids and, of records,
 * the attributes as they are stored. It is never changed, so any number of searches may read it.
 */
export class VectorRows {
  readonly count: number
  /** `count` times the dimension. */
  readonly components: Float32Array
  readonly #ids: Uint8Array
  readonly #idEnds: Uint32Array
  readonly #attributes: Buffer
  /** Empty when no vector has any. */
  readonly #attributeEnds: Uint32Array

  private constructor(
    components: Float32Array,
    [ids, idEnds]: readonly [Uint8Array, Uint32Array],
    [attributes, attributeEnds]: readonly [Buffer, Uint32Array],
  ) {
    this.count = idEnds.length
    this.components = components
    this.#ids = ids
    this.#idEnds = idEnds
    this.#attributes = attributes
    this.#attributeEnds = attributeEnds
  }

  /**
   * @param idStart where in the keys the ids begin
   * @param damaged says that a record has so many components instead
   * @throws RECORD_VERSION_UNSUPPORTED, STORAGE_CORRUPT
   */
  static ofRecords(
    entries: readonly Entry[],
    idStart: number,
    dimension: number,
    damaged: (entry: Entry, components: number) => Error,
  ): VectorRows {
    const components = new Float32Array(entries.length * dimension)
    const bytes = Buffer.from(components.buffer)
    const located = entries.map((entry, row) => {
      const place = locateVector(entry.value, entry.key)
      if (place.count !== dimension) throw damaged(entry, place.count)
      place.buffer.copy(bytes, row * dimension * FLOAT_SIZE, place.start, place.attributesAt)
      return place
    })
    return new VectorRows(components, idsOf(entries, idStart), attributesOf(located))
  }

  /**
   * @param idStart where in the keys the ids begin
   * @param damaged says that a posting has another size
   */
  static ofPostings(
    entries: readonly Entry[],
    idStart: number,
    dimension: number,
    damaged: (entry: Entry) => Error,
  ): VectorRows {
    const components = new Float32Array(entries.length * dimension)
    const bytes = Buffer.from(components.buffer)
    const size = dimension * FLOAT_SIZE
    for (const [row, entry] of entries.entries()) {
      if (entry.value.byteLength !== size) throw damaged(entry)
      bytes.set(entry.value, row * size)
    }
    return new VectorRows(components, idsOf(entries, idStart), [NO_BYTES, NO_ENDS])
  }

  get sizeBytes(): number {
    const { byteLength } = this.components
    const ends = this.#idEnds.byteLength + this.#attributeEnds.byteLength
    return OVERHEAD_BYTES + byteLength + this.#ids.byteLength + this.#attributes.byteLength + ends
  }

  /** The id in UTF-8: to be read only. */
  id(row: number): Uint8Array {
    return this.#ids.subarray(startOf(this.#idEnds, row), this.#idEnds[row])
  }

  /** The row of an id, or undefined. */
  find(id: Uint8Array): number | undefined {
    let [low, high] = [0, this.count - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const order = compareBytes(this.id(middle), id)
      if (order === 0) return middle
      if (order < 0) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  /** A copy. */
  vector(row: number): Float32Array {
    const dimension = this.components.length / this.count
    return this.components.slice(row * dimension, (row + 1) * dimension)
  }

  /** The attributes, parsed anew; undefined when the vector has none. */
  attributes(row: number, keyOf: (id: Uint8Array) => Uint8Array): unknown {
    const start = startOf(this.#attributeEnds, row)
    const end = this.#attributeEnds[row] ?? start
    if (start === end) return undefined
    return decodeAttributes(this.#attributes, start, end, () => keyOf(this.id(row)))
  }
}

function idsOf(entries: readonly Entry[], idStart: number): [Uint8Array, Uint32Array] {
  const ends = new Uint32Array(entries.length)
  let size = 0
  for (const [row, { key }] of entries.entries()) ends[row] = size += key.length - idStart
  const ids = Buffer.allocUnsafeSlow(size)
  for (const [row, { key }] of entries.entries()) {
    asBuffer(key).copy(ids, startOf(ends, row), idStart)
  }
  return [ids, ends]
}

function attributesOf(
  located: readonly { readonly buffer: Buffer; readonly attributesAt: number; readonly end: number }[],
): [Buffer, Uint32Array] {
  const size = located.reduce((sum, { attributesAt, end }) => sum + end - attributesAt, 0)
  if (size === 0) return [NO_BYTES, NO_ENDS]
  const attributes = Buffer.allocUnsafeSlow(size)
  const ends = new Uint32Array(located.length)
  let at = 0
  for (const [row, { buffer, attributesAt, end }] of located.entries()) {
    at += buffer.copy(attributes, at, attributesAt, end)
    ends[row] = at
  }
  return [attributes, ends]
}

function startOf(ends: Uint32Array, row: number): number {
  return row === 0 ? 0 : (ends[row - 1] ?? 0)
}
