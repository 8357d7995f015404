import type { StorageProvider, Transaction, TransactionOptions } from '../../provider.js'
import { failure } from './assertions.js'
import { bytes } from './text.js'

export const PESSIMISTIC: TransactionOptions = { mode: 'pessimistic' }

export function lock(tx: Transaction, ...keys: string[]): Promise<void> {
  return tx.lock(keys.map(bytes))
}

/** Fails unless somebody else holds one of the keys. */
export function locked(tx: Transaction, ...keys: string[]): Promise<unknown> {
  return failure(() => tx.lock(keys.map(bytes), { wait: 'nowait' }), 'LOCK_NOT_AVAILABLE')
}

/** Fails unless nobody holds any of the keys. */
export async function assertFree(provider: StorageProvider, ...keys: string[]): Promise<void> {
  await using tx = await provider.begin()
  await tx.lock(keys.map(bytes), { wait: 'nowait' })
}
