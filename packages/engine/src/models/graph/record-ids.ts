import { describe } from '../../filter/filter-tree.js'
import type { ModelContext } from '../model.js'
import type { OpenGraph } from './open-graph.js'

/** Bytes of UTF-8 in the id of a node or an edge: a key holds up to three of them. */
export const ID_SIZE_MAX = 512

/** @throws INVALID_ARGUMENT unless it is well-formed text of 1 to {@link ID_SIZE_MAX} bytes. */
export function checkId(graph: OpenGraph, id: unknown, where: string): string {
  if (typeof id !== 'string' || id === '') {
    const shown = id === '' ? 'empty' : `${describe(id)}, not text`
    throw graph.error(
      'INVALID_ARGUMENT',
      `${where} is ${shown}; an id is 1 to ${ID_SIZE_MAX} bytes of text`,
      {
        field: where,
      },
    )
  }
  // A character takes at most three bytes per UTF-16 unit.
  if (id.length * 3 > ID_SIZE_MAX && Buffer.byteLength(id) > ID_SIZE_MAX) {
    throw graph.error(
      'INVALID_ARGUMENT',
      `${where} has ${Buffer.byteLength(id)} bytes of UTF-8; the limit is ${ID_SIZE_MAX}`,
      { field: where, limit: ID_SIZE_MAX },
    )
  }
  if (/\p{Surrogate}/u.test(id)) {
    throw graph.error('INVALID_ARGUMENT', `${where} holds a lone surrogate, which is not Unicode`, {
      field: where,
    })
  }
  return id
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 10
const RANDOM_BYTES = 10
/** Ids whose random bytes are drawn at once. */
const BATCH_SIZE = 100

/** Makes ids up: 26 characters, the transaction's time and then 80 random bits. Those of later transactions sort later. */
export class IdSource {
  readonly #context: ModelContext
  #time: string | undefined
  #bytes: Uint8Array = new Uint8Array()
  #used = 0

  constructor(context: ModelContext) {
    this.#context = context
  }

  next(): string {
    this.#time ??= timeText(this.#context.nowMs)
    if (this.#used === this.#bytes.length) {
      // One id alone should not cost a hundred.
      const count = this.#bytes.length === 0 ? 1 : BATCH_SIZE
      this.#bytes = this.#context.env.random.bytes(count * RANDOM_BYTES)
      this.#used = 0
    }
    const random = this.#bytes.subarray(this.#used, this.#used + RANDOM_BYTES)
    this.#used += RANDOM_BYTES
    return this.#time + randomText(random)
  }
}

function timeText(nowMs: number): string {
  let text = ''
  for (let rest = Math.floor(nowMs), i = 0; i < TIME_CHARACTERS; i++, rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text
  }
  return text
}

function randomText(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET.charAt((held >>> bits) & 31)
    }
  }
  return text
}
