import { OrbitError } from '@orbit-ts/base'
import { toJson } from './to-json.js'

const MIB = 1024 * 1024

/**
 * The text of an answer.
 * @throws LIMIT_EXCEEDED: it is larger than `sizeMaxMb`
 */
export function encodeJson(value: unknown, sizeMaxMb: number): string {
  const sizeMax = sizeMaxMb * MIB
  // Before the text is made: of records that many members share it may be far larger than all memory.
  new AnswerRoom(sizeMaxMb).take(value)
  const text = stringify(toJson(value), sizeMaxMb)
  if (Buffer.byteLength(text) <= sizeMax) return text
  throw tooLarge(sizeMaxMb)
}

/** The room that the parts of an answer have, to find out that they are too large before all are there. */
export class AnswerRoom {
  readonly #sizeMaxMb: number
  #left: number

  constructor(sizeMaxMb: number) {
    this.#sizeMaxMb = sizeMaxMb
    this.#left = sizeMaxMb * MIB
  }

  /** @throws LIMIT_EXCEEDED: the text of this part certainly does not fit in any more */
  take(part: unknown): void {
    this.#left = roomLeft(part, this.#left)
    if (this.#left < 0) throw tooLarge(this.#sizeMaxMb)
  }
}

/** What is left of `room` after the fewest bytes that the text of a value can have; negative as soon as that is known. */
function roomLeft(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length - 2
  if (typeof value !== 'object' || value === null || value instanceof Date) return room - 1
  if (value instanceof Uint8Array || value instanceof Float32Array) return room - 2 * value.length - 1
  let left = room - 2
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) left = roomLeft(value[i], left - (i === 0 ? 0 : 1))
    return left
  }
  const members = value as Readonly<Record<string, unknown>>
  let commas = 0
  for (const key of Object.keys(members)) {
    if (left < 0) break
    if (members[key] === undefined) continue
    left = roomLeft(members[key], left - key.length - 3 - commas)
    commas = 1
  }
  return left
}

function stringify(json: unknown, sizeMaxMb: number): string {
  try {
    return JSON.stringify(json)
  } catch (error) {
    // Longer than any string may be.
    throw error instanceof RangeError ? tooLarge(sizeMaxMb) : error
  }
}

function tooLarge(sizeMaxMb: number): OrbitError {
  return new OrbitError(
    'LIMIT_EXCEEDED',
    `the answer is larger than server.response_size_max_mb = ${sizeMaxMb} MiB; ask for fewer records or fields`,
    { limit: 'server.response_size_max_mb', responseSizeMaxMb: sizeMaxMb },
  )
}
