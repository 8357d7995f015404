import { toBinaryString } from '@orbit-ts/base'
import type { Request } from '../gen/coprocessor.js'
import type { KeyRange } from '../key-range.js'
import type { Timestamp } from '../timestamp.js'

/** What admits an answer; those of TiDB. */
const RANGES_MAX = 500
const DATA_BYTES_MAX = 10 * 1024 * 1024
const PAGES_MAX = 50
const ENTRY_OVERHEAD_BYTES = 256

export interface CoprocessorCacheOptions {
  readonly capacityBytes: number
  /** Answers that took the server less than this are not kept: asking again is as cheap. Default 5 ms; a third for pages. */
  readonly minProcessMs?: number | undefined
}

export interface CachedAnswer {
  /** The version of the region's data that it was read from. */
  readonly dataVersion: bigint
  readonly regionId: bigint
  readonly startTs: Timestamp
  readonly data: Uint8Array
  readonly range: KeyRange | undefined
}

/** Whether and what a server's answer may be kept as. */
export interface AnswerFacts {
  readonly processMs: number
  /** 0 for the first page of a task. */
  readonly pageIndex: number
}

/**
 * Answers of the coprocessor by what was asked, least recently used out first. An answer is given out only after the
 * server has confirmed its data version.
 *
 * Invariants:
 * 1. The bytes kept stay within the capacity.
 * 2. An entry does not share memory with the message that brought it.
 */
export class CoprocessorCache {
  readonly #capacityBytes: number
  readonly #minProcessMs: number
  readonly #entries = new Map<string, CachedAnswer>()
  #bytes = 0

  constructor({ capacityBytes, minProcessMs = 5 }: CoprocessorCacheOptions) {
    this.#capacityBytes = capacityBytes
    this.#minProcessMs = minProcessMs
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Undefined for a request whose answers are not kept. */
  keyOf(request: Request): string | undefined {
    if (this.#capacityBytes === 0 || request.ranges.length > RANGES_MAX) return undefined
    const parts = [request.data, ...request.ranges.flatMap(({ start, end }) => [start, end])].map(
      toBinaryString,
    )
    const lengths = parts.map(({ length }) => length).join()
    return `${request.tp},${request.pagingSize > 0n ? 'paged' : 'whole'},${lengths}:${parts.join('')}`
  }

  /** An answer that is not older than the reader's timestamp allows, of the same region. */
  get(key: string, regionId: bigint, startTs: Timestamp): CachedAnswer | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.regionId !== regionId || entry.startTs > startTs) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  /** True when the answer was kept. */
  offer(key: string, answer: CachedAnswer, { processMs, pageIndex }: AnswerFacts): boolean {
    const minProcessMs = pageIndex === 0 ? this.#minProcessMs : this.#minProcessMs / 3
    if (answer.data.length === 0 || answer.data.length > DATA_BYTES_MAX) return false
    if (processMs < minProcessMs || pageIndex > PAGES_MAX || answer.dataVersion === 0n) return false
    if (sizeOf(key, answer) > this.#capacityBytes) return false
    this.#remove(key)
    const { range } = answer
    const copy = {
      ...answer,
      data: Uint8Array.from(answer.data),
      range: range && { start: Uint8Array.from(range.start), end: Uint8Array.from(range.end) },
    }
    this.#entries.set(key, copy)
    this.#bytes += sizeOf(key, copy)
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#capacityBytes) break
      this.#remove(oldest)
    }
    return true
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= sizeOf(key, entry)
  }
}

function sizeOf(key: string, { data, range }: CachedAnswer): number {
  const rangeBytes = range === undefined ? 0 : range.start.length + range.end.length
  return ENTRY_OVERHEAD_BYTES + key.length + data.length + rangeBytes
}
