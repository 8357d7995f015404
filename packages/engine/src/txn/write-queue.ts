import type { ModelContext } from '../models/model.js'

const TAILS = new WeakMap<ModelContext, Promise<unknown>>()

/**
 * Runs a write of one transaction after the writes before it, whole or not at all.
 *
 * A write reads what it changes first, so two that a caller starts at once (`Promise.all`) would otherwise begin from
 * the same state; and what one of them undoes when it fails would take writes of the other with it.
 */
export function queueWrite<T>(context: ModelContext, write: () => Promise<T>): Promise<T> {
  const before = TAILS.get(context) ?? Promise.resolve()
  const run = before.then(() => whole(context, write))
  TAILS.set(
    context,
    run.catch(() => undefined),
  )
  return run
}

async function whole<T>({ storage }: ModelContext, write: () => Promise<T>): Promise<T> {
  const savepoint = storage.savepoint()
  try {
    return await write()
  } catch (error) {
    // A transaction that has ended has nothing left to undo.
    if (storage.status === 'active') storage.rollbackTo(savepoint)
    throw error
  }
}
