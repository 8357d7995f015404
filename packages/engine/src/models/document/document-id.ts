import { isWellFormed } from '@orbit-ts/storage'
import type { Env } from '@orbit-ts/base'
import { describe } from '../../filter/filter-tree.js'

/** Bytes of UTF-8 in a document's id: it is part of keys, whose size engines limit. */
export const DOCUMENT_ID_SIZE_MAX_BYTES = 512

/** What is wrong with an id, to follow `id` in a message; undefined when it is good. */
export function idProblem(id: unknown): string | undefined {
  if (typeof id !== 'string') return `is ${describe(id)}; it must be a string`
  if (id === '') return 'is empty; leave it out to have one generated'
  const sizeBytes = Buffer.byteLength(id)
  if (sizeBytes > DOCUMENT_ID_SIZE_MAX_BYTES) {
    return `takes ${sizeBytes} bytes; at most ${DOCUMENT_ID_SIZE_MAX_BYTES} are accepted`
  }
  return isWellFormed(id) ? undefined : `is ${describe(id)}, which is not well-formed Unicode`
}

const TIME_BYTES = 6
const COUNTER_MAX = 0xfff

/**
 * UUIDs of version 7 (RFC 9562): time, a counter, random bits. Those of one generator sort in the order in which they
 * were made, up to 2 048 of them within a millisecond and more of them as if the clock were ahead.
 */
export class UuidGenerator {
  readonly #random: Env['random']
  #timeMs = -1
  #counter = 0

  constructor(env: Env) {
    this.#random = env.random
  }

  next(nowMs: number): string {
    const random = this.#random.bytes(10)
    if (nowMs > this.#timeMs) {
      this.#timeMs = Math.floor(nowMs)
      // Half of the counter's range is left to count in.
      this.#counter = ((byteAt(random, 0) << 8) | byteAt(random, 1)) & (COUNTER_MAX >>> 1)
    } else if (++this.#counter > COUNTER_MAX) {
      this.#timeMs++
      this.#counter = 0
    }
    const bytes = Buffer.alloc(16)
    bytes.writeUIntBE(this.#timeMs, 0, TIME_BYTES)
    bytes.writeUInt16BE(0x7000 | this.#counter, TIME_BYTES)
    bytes.set(random.subarray(2), 8)
    bytes[8] = (byteAt(bytes, 8) & 0x3f) | 0x80
    const hex = bytes.toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
