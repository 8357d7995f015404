/**
 * How much functions have worked, and made, since others last had a turn. Functions run one at a time and never wait, so
 * one meter does for the whole process.
 *
 * Invariants:
 * 1. Functions only add. Whoever gives others a turn sets it back.
 * 2. What others have added since makes a statement give others a turn earlier than needed, and nothing worse.
 */
import { SqlArray } from './array/sql-array.js'
import { queryError } from './condition.js'
import { Jsonb } from './json/jsonb.js'
import { requireElements, requireLength } from './value-limits.js'
import type { Value } from './value.js'

/** Of work between two turns: some milliseconds. A unit is about what it takes to compute a number from a row. */
const UNITS_PER_TURN = 16_384
/** Of values between two turns, so that they reach whoever counts them, and may move them to disk, in parts. */
const BYTES_PER_TURN = 8 * 1024 * 1024
/** Of values made for one row, as the memory of a statement that cannot be moved to disk is limited. */
const BYTES_MAX = 512 * 1024 * 1024
const OVERDUE_UNITS = 16 * UNITS_PER_TURN
/** Of one call, which nothing can interrupt: some seconds at worst. */
const CALL_UNITS_MAX = 3_000_000
/** Smaller values are not looked at. */
const SMALL_BYTES = 256
/** Characters or bytes that are worked on in a unit. */
const BYTES_PER_UNIT = 256
/** An element is worked on longer than a character. */
const ELEMENT_BYTES = 8

class WorkMeter {
  #units = 0
  #bytes = 0

  /** Others are to have a turn, and what was made is to be handed on. */
  get isDue(): boolean {
    return this.#units >= UNITS_PER_TURN || this.#bytes >= BYTES_PER_TURN
  }

  /** So much was done since that what could be done later should be. */
  get isOverdue(): boolean {
    return this.#units >= OVERDUE_UNITS
  }

  get bytes(): number {
    return this.#bytes
  }

  get units(): number {
    return this.#units
  }

  work(units: number): void {
    this.#units += units
  }

  /**
   * Work of a function that takes longer than its arguments are long. It says so while it works, so that it ends.
   * @throws statement_too_complex
   */
  workOn(units: number): void {
    this.#units += units
    if (this.#units <= CALL_UNITS_MAX) return
    this.reset()
    throw queryError('statement_too_complex', 'a function would take too long for one call', {
      hint: 'Give it shorter texts, or a simpler pattern.',
    })
  }

  /** A value that a function goes through. */
  take(value: Value): void {
    const bytes = bytesOf(value)
    if (bytes > SMALL_BYTES) this.#units += bytes / BYTES_PER_UNIT
  }

  /** A value that a function has made. @throws program_limit_exceeded, out_of_memory */
  make(value: Value): void {
    const bytes = bytesOf(value)
    if (bytes <= SMALL_BYTES) return
    requireSize(value)
    this.#units += bytes / BYTES_PER_UNIT
    this.#bytes += bytes
    if (this.#bytes <= BYTES_MAX) return
    this.reset()
    throw queryError('out_of_memory', `values of more than ${BYTES_MAX} bytes are made at once`, {
      hint: 'Let the statement work on smaller values.',
    })
  }

  reset(): void {
    this.#units = 0
    this.#bytes = 0
  }
}

/** What functions do for every statement of the process. */
export const workMeter = new WorkMeter()

function requireSize(value: Value): void {
  if (typeof value === 'string') requireLength(value.length)
  else if (value instanceof Uint8Array) requireLength(value.byteLength)
  else if (value instanceof SqlArray) requireElements(value.elements.length)
}

/** Roughly, and at once whatever the value is: what is inside of elements is not looked at. */
function bytesOf(value: Value): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  if (value instanceof SqlArray) return value.elements.length * ELEMENT_BYTES
  if (value instanceof Uint8Array) return value.byteLength
  if (!(value instanceof Jsonb)) return 0
  const { root } = value
  if (root instanceof Map) return root.size * ELEMENT_BYTES
  return Array.isArray(root) ? root.length * ELEMENT_BYTES : 0
}
