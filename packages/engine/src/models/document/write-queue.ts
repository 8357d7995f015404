import type { ModelContext } from '../model.js'

const TAILS = new WeakMap<ModelContext, Promise<unknown>>()

/**
 * Runs writes of one transaction one after the other. A write reads what it changes first, so two that a caller starts
 * at once would otherwise both start from the same state, and leave entries of it behind in indexes.
 */
export function queueWrite<T>(context: ModelContext, write: () => Promise<T>): Promise<T> {
  const before = TAILS.get(context) ?? Promise.resolve()
  const run = before.then(write)
  TAILS.set(
    context,
    run.catch(() => undefined),
  )
  return run
}
