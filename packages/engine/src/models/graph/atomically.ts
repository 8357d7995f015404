import type { Transaction } from '@orbit-ts/storage'

/** Runs `write`; when it throws, nothing it wrote stays. */
export function atomically(storage: Transaction, write: () => void): void {
  const savepoint = storage.savepoint()
  try {
    write()
  } catch (error) {
    // A transaction that has ended has no writes left to undo.
    if (storage.status === 'active') storage.rollbackTo(savepoint)
    throw error
  }
}
