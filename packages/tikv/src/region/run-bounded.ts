import { sharedAbort } from '../retry/shared-abort.js'
import { OrbitError } from '@orbit-ts/base'

export interface BoundedWork<Task> {
  readonly tasks: readonly Task[]
  /** Tasks under way at once. */
  readonly concurrency: number
  /** The caller's; tasks get one that also ends when another task failed. */
  readonly signal: AbortSignal | undefined
  /** False lets the tasks that remain run although one failed. Default true. */
  readonly cancelOnError?: boolean | undefined
  run(task: Task, scope: WorkScope<Task>): Promise<void>
}

export interface WorkScope<Task> {
  readonly signal: AbortSignal
  /** Adds a task, which starts as soon as there is room. */
  push(task: Task): void
}

/**
 * Runs tasks, and those that they add, a few at once. Ends when all that started have ended, with the first error.
 *
 * Invariants:
 * 1. At most `concurrency` tasks run at once; the others wait in order.
 * 2. After an error no task starts (unless `cancelOnError` is false) and the signal of those under way is aborted.
 * 3. Nothing of it is left when the promise settles, a listener on the caller's signal neither.
 */
export async function runBounded<Task>(work: BoundedWork<Task>): Promise<void> {
  await new Bounded(work).run()
}

class Bounded<Task> implements WorkScope<Task> {
  readonly #work: BoundedWork<Task>
  readonly #controller = sharedAbort()
  readonly #queue: Task[] = []
  #head = 0
  #active = 0
  #failure: { readonly error: unknown } | undefined
  #finish: () => void = () => undefined

  constructor(work: BoundedWork<Task>) {
    this.#work = work
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  push(task: Task): void {
    this.#queue.push(task)
    this.#startMore()
  }

  async run(): Promise<void> {
    if (this.#work.tasks.length === 0) return
    const outer = this.#work.signal
    const onAbort = (): void => this.#controller.abort(outer?.reason)
    if (outer?.aborted === true) onAbort()
    outer?.addEventListener('abort', onAbort, { once: true })
    try {
      await new Promise<void>((resolve) => {
        this.#finish = resolve
        this.#queue.push(...this.#work.tasks)
        this.#startMore()
      })
    } finally {
      outer?.removeEventListener('abort', onAbort)
    }
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #startMore(): void {
    while (this.#active < this.#work.concurrency) {
      const task = this.#next()
      if (task === undefined) return
      this.#active += 1
      void this.#runOne(task.value)
    }
  }

  #next(): { readonly value: Task } | undefined {
    if (this.#failure !== undefined && this.#work.cancelOnError !== false) return undefined
    if (this.#head === this.#queue.length) return undefined
    const value = this.#queue[this.#head++] as Task
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    return { value }
  }

  async #runOne(task: Task): Promise<void> {
    try {
      await this.#work.run(task, this)
    } catch (error) {
      this.#fail(error)
    }
    this.#active -= 1
    this.#startMore()
    if (this.#active === 0) this.#finish()
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { error }
    if (this.#work.cancelOnError === false) return
    this.#controller.abort(new OrbitError('ABORTED', 'another part of the operation failed'))
  }
}
