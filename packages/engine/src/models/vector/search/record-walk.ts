import { concatBytes, defined, utf8 } from '@orbit-ts/base'
import { vectorKeys, type Entry } from '@orbit-ts/storage'
import type { FreshPart, Gap, Moment, RecordPart } from '../cache/vector-cache.js'
import type { OpenVectors } from '../open-vectors.js'
import { chunkRows } from './chunk-ranks.js'
import { VectorRows } from './vector-rows.js'

/** Of one part: when one of its vectors changes, all of them are read again. */
const PART_ROWS_MAX = 512
/** Fewer become a part of the one before. */
const PART_ROWS_MIN = 128
const FROM_THE_FIRST = new Uint8Array()
const WHOLE: Gap = { start: FROM_THE_FIRST, end: undefined }

/** Goes through all records of a collection; what is kept of them is not read, and what is read is kept. */
export class RecordWalk {
  readonly #collection: OpenVectors
  readonly #moment: Moment | undefined
  readonly #idStart: number
  #parts: (RecordPart | FreshPart)[] | undefined
  #sizeBytes = 0

  constructor(collection: OpenVectors, moment: Moment | undefined) {
    this.#collection = collection
    this.#moment = moment
    this.#idStart = defined(vectorKeys.records(collection.id).start, 'start of a prefix').length
    if (moment !== undefined) this.#parts = []
  }

  /** In order of id, once. */
  async *rows(): AsyncGenerator<VectorRows> {
    const parts = this.#moment?.records() ?? [WHOLE]
    let isComplete = true
    for (let i = 0; i < parts.length; i++) {
      const part = defined(parts[i], 'part')
      if ('rows' in part) {
        this.#parts?.push(part)
        yield* part.rows
        continue
      }
      isComplete = false
      // Gaps that follow one another are read as one.
      let { end } = part
      for (let next = parts[i + 1]; next !== undefined && !('rows' in next); next = parts[++i + 1])
        end = next.end
      yield* this.#read({ start: part.start, end })
    }
    if (!isComplete && this.#parts !== undefined) this.#moment?.keepRecords(this.#parts)
  }

  /** The row of a vector among those that the walk has come by, or undefined where they are not kept. */
  find(id: string): { readonly rows: VectorRows; readonly row: number } | undefined {
    const bytes = utf8(id)
    for (const rows of this.#partOf(bytes)?.rows ?? []) {
      const row = rows.find(bytes)
      if (row !== undefined) return { rows, row }
    }
    return undefined
  }

  #partOf(id: Uint8Array): RecordPart | FreshPart | undefined {
    const parts = this.#parts ?? []
    let [low, high] = [0, parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (Buffer.compare(defined(parts[middle], 'part').start, id) <= 0) low = middle
      else high = middle - 1
    }
    return parts[low]
  }

  async *#read(gap: Gap): AsyncGenerator<VectorRows> {
    const { storage, definition } = this.#collection
    const chunkSize = chunkRows(definition.dimension)
    /** Where it starts is known of each part, where it ends when the next one starts. */
    let open: { readonly start: Uint8Array; readonly rows: VectorRows[] } | undefined
    for await (const chunk of storage.scan(this.#rangeOf(gap), { chunkSize })) {
      for (const entries of inParts(chunk)) {
        const rows = this.#rowsOf(entries)
        yield rows
        if (open !== undefined && rows.count < PART_ROWS_MIN) {
          open.rows.push(rows)
          continue
        }
        // A copy, which outlives the rows when they are read again.
        const start = open === undefined ? gap.start : new Uint8Array(rows.id(0))
        if (open !== undefined) this.#add({ ...open, end: start })
        open = { start, rows: [rows] }
      }
    }
    this.#add({ ...(open ?? { start: gap.start, rows: [] }), end: gap.end })
  }

  #rowsOf(entries: readonly Entry[]): VectorRows {
    const { dimension } = this.#collection.definition
    return VectorRows.ofRecords(entries, this.#idStart, dimension, ({ key }, components) =>
      this.#collection.error(
        'STORAGE_CORRUPT',
        `${JSON.stringify(this.#collection.idOf(key))} is stored with ${components} components; the collection's dimension is ${dimension}`,
      ),
    )
  }

  #add(part: FreshPart): void {
    if (this.#parts === undefined || this.#moment === undefined) return
    for (const { sizeBytes } of part.rows) this.#sizeBytes += sizeBytes
    // More than may be kept is not held together either.
    if (this.#sizeBytes > this.#moment.sizeMaxBytes) this.#parts = undefined
    else this.#parts.push(part)
  }

  #rangeOf({ start, end }: Gap): { start: Uint8Array; end: Uint8Array } {
    const all = vectorKeys.records(this.#collection.id)
    const prefix = defined(all.start, 'start of a prefix')
    return {
      start: concatBytes(prefix, start),
      end: end === undefined ? defined(all.end, 'end of a prefix') : concatBytes(prefix, end),
    }
  }
}

/** As many parts as it takes, of about the same size: one vector more must not leave one by itself. */
function inParts(chunk: Entry[]): Entry[][] {
  const parts = Math.ceil(chunk.length / PART_ROWS_MAX)
  if (parts === 1) return [chunk]
  const size = Math.ceil(chunk.length / parts)
  return Array.from({ length: parts }, (_, i) => chunk.slice(i * size, (i + 1) * size))
}
