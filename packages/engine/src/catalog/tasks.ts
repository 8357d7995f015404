/**
 * What drops and changes of definitions leave to be done over stored data: removing what is no longer needed, and
 * building indexes.
 *
 * Invariants:
 * 1. A task is a note in the store, written by the transaction that makes it necessary and taken away by its last
 *    step. A task that was cut off is begun again by `runAll`, where it stopped.
 * 2. One run of a task is under way in a process at a time. Those of several processes conflict, and one goes on.
 */
import { assert, type OrbitError } from '@orbit-ts/base'
import { internalKeys, parseKey, prefixRange } from '@orbit-ts/storage'
import type { Model } from '../models/model.js'
import type { InTransaction, Stepper } from '../txn/stepper.js'
import type { Catalog, Change } from './catalog.js'
import type { CatalogObject, ObjectKind } from './catalog-object.js'
import { BUILD_PREFIX, buildStep, buildTask, failedBuild, type StepResult } from './index-builds.js'
import { idsIn, statusOf, type Indexed } from './index-status.js'
import { PURGE_PREFIX, purgeStep, purgeTask } from './purge.js'

export interface TasksOptions {
  readonly catalog: Catalog
  readonly stepper: Stepper
  readonly inTransaction: InTransaction
  readonly modelOf: (kind: ObjectKind) => Model<never, Indexed>
  /** Ends all tasks, after the step that runs, and the search for tasks at once. */
  readonly signal: AbortSignal
}

export class Tasks {
  readonly #options: TasksOptions
  readonly #running = new Map<string, Promise<void>>()
  #all: Promise<void> | undefined

  constructor(options: TasksOptions) {
    this.#options = options
  }

  /** True when there is something to do. */
  async isAnyPending(): Promise<boolean> {
    return (await this.#pending()).length > 0
  }

  /** Does everything there is to do; one round at a time. Throws the first error once the other tasks have ended. */
  runAll(): Promise<void> {
    this.#all ??= this.#runAll().finally(() => (this.#all = undefined))
    return this.#all
  }

  /** Removes the data of a dropped object. */
  afterDrop(objectId: number): Promise<void> {
    return this.#run(purgeTask(objectId))
  }

  /**
   * Removes what changes have left over and builds what they have added, or what was being built before.
   * @throws the error of the first record that cannot be in a new index, once the rest was seen to
   */
  async afterChanges(changes: readonly Change[]): Promise<void> {
    const failed: unknown[] = []
    for (const change of changes) {
      await this.#afterChange(change).catch((error: unknown) => failed.push(error))
    }
    if (failed.length > 0) throw failed[0]
  }

  /** Waits until no task is running; call it after the signal was given. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#all, ...this.#running.values()])
  }

  async #runAll(): Promise<void> {
    const failed: unknown[] = []
    const seen = new Set<string>()
    for (;;) {
      const tasks = (await this.#pending()).filter((task) => !seen.has(task))
      if (tasks.length === 0) break
      for (const task of tasks) {
        seen.add(task)
        await this.#run(task).catch((error: unknown) => failed.push(error))
      }
    }
    if (failed.length > 0) throw failed[0]
  }

  #pending(): Promise<string[]> {
    const { inTransaction, signal } = this.#options
    return inTransaction(
      async ({ storage }) => {
        const tasks: string[] = []
        for (const prefix of [PURGE_PREFIX, BUILD_PREFIX]) {
          const notes = prefixRange(internalKeys.fact(prefix))
          for await (const chunk of storage.scan(notes, { keysOnly: true })) {
            for (const { key } of chunk) {
              const parsed = parseKey(key)
              if (parsed.model === 'internal') tasks.push(parsed.name)
            }
          }
        }
        return tasks
      },
      { signal },
    )
  }

  #run(task: string): Promise<void> {
    let run = this.#running.get(task)
    if (run === undefined) {
      run = this.#steps(task).finally(() => this.#running.delete(task))
      this.#running.set(task, run)
    }
    return run
  }

  #steps(task: string): Promise<void> {
    const { stepper, signal } = this.#options
    if (task.startsWith(BUILD_PREFIX)) return this.#build(Number(task.slice(BUILD_PREFIX.length)))
    return stepper.run(
      ({ storage }, recordsMax) => purgeStep(storage, task, recordsMax),
      (isMore) => isMore,
      signal,
    )
  }

  async #build(objectId: number): Promise<void> {
    const { stepper, signal, modelOf } = this.#options
    for (;;) {
      // What the last step came to.
      let result: StepResult = 'nothing'
      await stepper.run(
        (context, recordsMax) => buildStep(context, modelOf, objectId, recordsMax),
        (step) => {
          result = step
          return step === 'more'
        },
        signal,
      )
      if (!(await this.#settle(result))) return
    }
  }

  /** False when there was nothing to build. */
  async #settle(result: StepResult): Promise<boolean> {
    if (typeof result === 'string') return false
    const { catalog, inTransaction, modelOf } = this.#options
    const after = await inTransaction((context) => catalog.settle(context, modelOf(result.kind), result))
    if (after !== undefined && result.status !== undefined)
      await this.#run(purgeTask(after.id, after.version))
    return true
  }

  async #afterChange({ before, after }: Change): Promise<void> {
    if (after.version !== before.version) await this.#run(purgeTask(after.id, after.version))
    const failedBefore = new Set(idsIn(before.definition as Indexed, 'invalid'))
    let current = after.definition as Indexed | undefined
    // A run that was about to end when the change was made may not have seen it.
    while (current !== undefined && idsIn(current, 'building').length > 0) {
      await this.#run(buildTask(after.id))
      current = await this.#definitionOf(after)
    }
    for (const id of current === undefined ? [] : idsIn(current, 'invalid')) {
      if (!failedBefore.has(id)) throw this.#failure(after, current ?? {}, id)
    }
  }

  /** As it is now; undefined when the object is gone. The kind says which model wrote it. */
  async #definitionOf({ id, kind, name }: CatalogObject): Promise<Indexed | undefined> {
    const { catalog, inTransaction } = this.#options
    const found = await inTransaction(({ storage }) => catalog.find(storage, kind, name))
    return found?.id === id ? (found.definition as Indexed) : undefined
  }

  #failure({ kind }: CatalogObject, definition: Indexed, id: number): OrbitError {
    const status = statusOf(definition, id)
    assert(status?.state === 'invalid', 'the index is invalid')
    const index = this.#options.modelOf(kind).builds?.nameOf(definition, id) ?? `index ${id}`
    return failedBuild(index, status.failure)
  }
}
