import type { Transaction } from '@orbit-ts/storage'

/** The last piece of work of each transaction, which never rejects. */
const LAST = new WeakMap<Transaction, Promise<void>>()

/**
 * Runs `work` once everything given before for the same transaction has ended. A write reads where a vector is before
 * it moves it: two at a time, of one transaction whose calls are not awaited one by one, would leave it in two places.
 */
export function inTurn<T>(storage: Transaction, work: () => Promise<T>): Promise<T> {
  const result = (LAST.get(storage) ?? Promise.resolve()).then(work)
  const ended = (): void => undefined
  LAST.set(storage, result.then(ended, ended))
  return result
}
