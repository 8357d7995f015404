import { asBuffer, compareBytes, utf8 } from '@orbit-ts/base'
import { packPayload, unpackPayload } from '../../../record/record-codec.js'

/** Ids in UTF-8, both ends included. */
export interface IdRange {
  readonly first: Uint8Array
  readonly last: Uint8Array
}

/** What a transaction has changed of a collection; or more, never less. */
export interface Touched {
  /** Undefined: any vector. */
  readonly ids: readonly IdRange[] | undefined
  /** Undefined: any partition, and the state of the index as well. */
  readonly partitions: readonly number[] | undefined
}

export const EVERYTHING: Touched = { ids: undefined, partitions: undefined }

/** More ids than these are told by the range that they span. */
const IDS_MAX = 8
const PARTITIONS_MAX = 32

/** Gathers what one transaction touches, in little memory however much that is. */
export class TouchedVectors {
  readonly #ids = new Set<string>()
  readonly #partitions = new Set<number>()
  #isAnyPartition = false
  #first: Uint8Array | undefined
  #last: Uint8Array | undefined

  addId(id: string): void {
    if (this.#ids.size <= IDS_MAX) this.#ids.add(id)
    const bytes = utf8(id)
    if (this.#first === undefined || compareBytes(bytes, this.#first) < 0) this.#first = bytes
    if (this.#last === undefined || compareBytes(bytes, this.#last) > 0) this.#last = bytes
  }

  addPartition(partition: number): void {
    if (this.#partitions.size <= PARTITIONS_MAX) this.#partitions.add(partition)
  }

  /** And the state of the index. */
  addAllPartitions(): void {
    this.#isAnyPartition = true
  }

  current(): Touched {
    const isAny = this.#isAnyPartition || this.#partitions.size > PARTITIONS_MAX
    const partitions = isAny ? undefined : [...this.#partitions]
    return { ids: this.#ranges(), partitions }
  }

  #ranges(): IdRange[] {
    const [first, last] = [this.#first, this.#last]
    if (first === undefined || last === undefined) return []
    if (this.#ids.size > IDS_MAX) return [{ first, last }]
    return [...this.#ids].map((id) => {
      const bytes = utf8(id)
      return { first: bytes, last: bytes }
    })
  }
}

/** As it is stored. */
export function packTouched({ ids, partitions }: Touched): Uint8Array {
  const packed = packPayload([
    ids === undefined ? null : ids.map(({ first, last }) => (first === last ? [first] : [first, last])),
    partitions === undefined ? null : [...partitions],
  ])
  // It is kept for a while, and the packer's memory with it otherwise.
  return new Uint8Array(packed)
}

/** @param packed as `packTouched` gave it */
export function unpackTouched(packed: Uint8Array): Touched {
  const [ids, partitions] = unpackPayload(asBuffer(packed), 0, packed.byteLength) as [
    [Uint8Array, Uint8Array?][] | null,
    number[] | null,
  ]
  return {
    ids: ids === null ? undefined : ids.map(([first, last = first]) => ({ first, last })),
    partitions: partitions ?? undefined,
  }
}
