import { sharedAbort } from '../retry/shared-abort.js'
import { OrbitError } from '@orbit-ts/base'

/** One source of items that is read ahead. */
export type OpenLane<T> = (signal: AbortSignal) => AsyncIterable<T>

export interface MergeOptions {
  /** Lanes under way at once. */
  readonly concurrency: number
  /** All items of a lane before those of the next one. */
  readonly ordered: boolean
  /** Ends the lanes; the caller's. */
  readonly signal: AbortSignal | undefined
}

/** Items that a lane may be ahead of whoever reads. */
const READ_AHEAD = 2

/**
 * The items of many lanes as one sequence, a few lanes read ahead at once.
 *
 * Invariants:
 * 1. At most `concurrency` lanes are under way, none with more than two items that nobody took.
 * 2. The first error of any lane ends the sequence at once.
 * 3. When the sequence ends, early or not, every lane has ended and no listener is left.
 */
export async function* mergeLanes<T>(
  lanes: readonly OpenLane<T>[],
  options: MergeOptions,
): AsyncGenerator<T, void, void> {
  const merge = new Merge(lanes, options)
  try {
    for (;;) {
      const item = await merge.next()
      if (item === undefined) return
      yield item.value
    }
  } finally {
    await merge.close()
  }
}

class Lane<T> {
  readonly items: T[] = []
  done = false
  wake: () => void = () => undefined
  readonly finished: Promise<void>

  constructor(run: (lane: Lane<T>) => Promise<void>) {
    this.finished = run(this)
  }
}

class Merge<T> {
  readonly #lanes: readonly OpenLane<T>[]
  readonly #options: MergeOptions
  readonly #controller = sharedAbort()
  readonly #onAbort = (): void => {
    this.#controller.abort(this.#options.signal?.reason)
    this.#notify()
  }
  readonly #running: Lane<T>[] = []
  #opened = 0
  #closed = false
  #failure: { readonly error: unknown } | undefined
  #notify: () => void = () => undefined

  constructor(lanes: readonly OpenLane<T>[], options: MergeOptions) {
    this.#lanes = lanes
    this.#options = options
    if (options.signal?.aborted === true) this.#onAbort()
    options.signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  async next(): Promise<{ readonly value: T } | undefined> {
    for (;;) {
      this.#openMore()
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#controller.signal.aborted) throw aborted(this.#controller.signal.reason)
      const item = this.#take()
      if (item !== undefined) return item
      if (this.#dropFinished()) continue
      if (this.#running.length === 0) return undefined
      await new Promise<void>((resolve) => (this.#notify = resolve))
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#options.signal?.removeEventListener('abort', this.#onAbort)
    this.#controller.abort()
    for (const lane of this.#running) lane.wake()
    await Promise.all(this.#running.map(({ finished }) => finished))
  }

  #openMore(): void {
    while (this.#running.length < this.#options.concurrency && this.#opened < this.#lanes.length) {
      const open = this.#lanes[this.#opened++] as OpenLane<T>
      this.#running.push(new Lane((lane) => this.#read(open, lane)))
    }
  }

  #take(): { readonly value: T } | undefined {
    const candidates = this.#options.ordered ? this.#running.slice(0, 1) : this.#running
    const lane = candidates.find(({ items }) => items.length > 0)
    if (lane === undefined) return undefined
    // The array was found to hold an item.
    const value = lane.items.shift() as T
    lane.wake()
    return { value }
  }

  #dropFinished(): boolean {
    const candidates = this.#options.ordered ? this.#running.slice(0, 1) : this.#running
    const at = candidates.findIndex(({ done, items }) => done && items.length === 0)
    if (at >= 0) this.#running.splice(at, 1)
    return at >= 0
  }

  async #read(open: OpenLane<T>, lane: Lane<T>): Promise<void> {
    try {
      // The constructor of the lane is to return first.
      await Promise.resolve()
      for await (const item of open(this.#controller.signal)) {
        lane.items.push(item)
        this.#notify()
        while (lane.items.length >= READ_AHEAD && !this.#closed)
          await new Promise<void>((resolve) => (lane.wake = resolve))
        if (this.#closed) return
      }
    } catch (error) {
      this.#failure ??= { error }
    } finally {
      lane.done = true
      this.#notify()
    }
  }
}

const aborted = (cause: unknown): OrbitError =>
  new OrbitError('ABORTED', "the caller's signal ended the call", {}, { cause })
