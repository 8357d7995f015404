import { queryError } from '../scalar/condition.js'

const HARD_LIMIT_BYTES = 512 * 1024 * 1024

/**
 * Bytes that the operators of one statement may hold together. They reserve before they keep rows, and give back.
 * The sizes are estimates.
 */
export class MemoryBudget {
  readonly limitBytes: number
  /** What may be taken for things that cannot be moved to disk, the rest included. */
  readonly hardLimitBytes: number
  #usedBytes = 0
  #peakBytes = 0

  /**
   * @param limitBytes as the setting `work_mem` says.
   * @param hardLimitBytes where an error is better than going on. Default 512 MiB, or `limitBytes` if that is more.
   */
  constructor(limitBytes: number, hardLimitBytes: number = HARD_LIMIT_BYTES) {
    this.limitBytes = limitBytes
    this.hardLimitBytes = Math.max(limitBytes, hardLimitBytes)
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get peakBytes(): number {
    return this.#peakBytes
  }

  /** True when the bytes were taken; false when they are not to be had: the caller then spills. */
  tryReserve(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.limitBytes) return false
    this.#take(bytes)
    return true
  }

  /** For what cannot be spilled. @throws out_of_memory naming the setting. */
  reserve(bytes: number): void {
    if (this.#usedBytes + bytes > this.hardLimitBytes) {
      throw queryError(
        'out_of_memory',
        `the statement needs more than ${this.hardLimitBytes} bytes for what cannot be moved to disk`,
        {
          hint: 'Let the statement handle fewer rows or smaller values at a time, or raise work_mem above this.',
        },
      )
    }
    this.#take(bytes)
  }

  /** For the little that an operator needs to get on at all, whatever the others hold. */
  reserveAnyway(bytes: number): void {
    this.#take(bytes)
  }

  release(bytes: number): void {
    this.#usedBytes -= bytes
  }

  #take(bytes: number): void {
    this.#usedBytes += bytes
    if (this.#usedBytes > this.#peakBytes) this.#peakBytes = this.#usedBytes
  }
}
