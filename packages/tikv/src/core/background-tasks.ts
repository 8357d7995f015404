import { sharedAbort } from '../retry/shared-abort.js'
import type { Gauge, Logger } from '@orbit-ts/base'
import { OrbitError } from '@orbit-ts/base'

/**
 * Work that goes on after the call that started it has answered: secondary commits, lock clean-up, roll-backs.
 *
 * Invariants:
 * 1. No error of a task is lost: each is logged, none is thrown.
 * 2. `close` aborts what runs, waits for it, and nothing starts afterwards.
 */
export class BackgroundTasks {
  readonly #running = new Set<Promise<void>>()
  readonly #counts = new Map<string, number>()
  readonly #abort = sharedAbort()
  readonly #max: number
  readonly #logger: Logger
  readonly #gauge: Gauge<'kind'>

  constructor(options: { max: number; logger: Logger; gauge: Gauge<'kind'> }) {
    this.#max = options.max
    this.#logger = options.logger
    this.#gauge = options.gauge
  }

  /** Aborted by `close`. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get size(): number {
    return this.#running.size
  }

  /** False when there is no room, or the client closes: the caller does the work itself or leaves it to others. */
  start(name: string, work: (signal: AbortSignal) => Promise<void>): boolean {
    if (this.#abort.signal.aborted || this.#running.size >= this.#max) return false
    const task = this.#run(name, work)
    this.#running.add(task)
    void task.then(() => this.#running.delete(task))
    return true
  }

  /** Waits until what runs now has ended, without stopping it. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  async close(): Promise<void> {
    this.#abort.abort(new OrbitError('CLIENT_CLOSED', 'the client was closed'))
    await this.settle()
  }

  async #run(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#count(name, 1)
    try {
      await work(this.#abort.signal)
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#logger.warn({ task: name, err: error }, 'background work failed; others will finish it')
      }
    } finally {
      this.#count(name, -1)
    }
  }

  #count(name: string, change: number): void {
    const count = (this.#counts.get(name) ?? 0) + change
    this.#counts.set(name, count)
    this.#gauge.set(count, { kind: name })
  }
}
