import type { Env, Timer } from '@orbit-ts/base'

interface Waiting<T> {
  readonly item: T
  readonly dueMs: number
}

/**
 * One direction of a stream: delivers in order, each item no earlier than its delay, always after `push` has returned.
 *
 * Invariants:
 * 1. An item is never delivered before one that was pushed earlier.
 * 2. Nothing is delivered after `stop`, nor while paused.
 */
export class Lane<T> {
  readonly #env: Env
  readonly #deliver: (item: T) => void
  #queue: Waiting<T>[] = []
  #head = 0
  #lastDueMs = -Infinity
  #scheduled = false
  #paused = false
  #stopped = false
  #sealed = false
  #timer: Timer | undefined
  #drained: (() => void)[] = []

  constructor(env: Env, deliver: (item: T) => void) {
    this.#env = env
    this.#deliver = deliver
  }

  get size(): number {
    return this.#queue.length - this.#head
  }

  push(item: T, delayMs = 0): void {
    if (this.#stopped || this.#sealed) return
    const nowMs = this.#env.clock.monotonicMs()
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + delayMs)
    this.#queue.push({ item, dueMs: this.#lastDueMs })
    this.#schedule()
  }

  /** Resolves when at most `count` items wait, or the lane has stopped. */
  below(count: number): Promise<void> {
    if (this.#stopped || this.size <= count) return Promise.resolve()
    return new Promise((resolve) => this.#drained.push(resolve))
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#schedule()
  }

  /** Delivers what was pushed so far and nothing that follows. */
  seal(): void {
    this.#sealed = true
  }

  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#head = 0
    this.#timer?.cancel()
    this.#wake()
  }

  #schedule(): void {
    const next = this.#queue[this.#head]
    if (this.#scheduled || this.#paused || this.#stopped || next === undefined) return
    this.#scheduled = true
    const waitMs = next.dueMs - this.#env.clock.monotonicMs()
    if (waitMs <= 0) queueMicrotask(() => this.#pump())
    else this.#timer = this.#env.timers.set(() => this.#pump(), waitMs, { keepAlive: true })
  }

  #pump(): void {
    this.#scheduled = false
    const nowMs = this.#env.clock.monotonicMs()
    while (!this.#paused && !this.#stopped) {
      const next = this.#queue[this.#head]
      if (next === undefined || next.dueMs > nowMs) break
      this.#head += 1
      this.#deliver(next.item)
    }
    if (this.#head === this.#queue.length) {
      this.#queue = []
      this.#head = 0
      this.#wake()
    }
    this.#schedule()
  }

  #wake(): void {
    const waiting = this.#drained
    this.#drained = []
    for (const wake of waiting) wake()
  }
}
