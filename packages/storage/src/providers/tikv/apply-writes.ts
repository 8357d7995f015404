import { EMPTY_BYTES } from '@orbit-ts/base'
import type { Transaction } from '@orbit-ts/tikv'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import type { TikvKeys } from './tikv-keys.js'

/** Hands buffered writes to a transaction of the client. */
export function applyWrites(to: Transaction, writes: Iterable<BufferedWrite>, keys: TikvKeys): void {
  for (const { key, value, mustBeAbsent } of writes) {
    const encoded = keys.encode(key)
    if (mustBeAbsent) to.insert(encoded, value ?? EMPTY_BYTES)
    else if (value !== undefined) to.put(encoded, value)
    if (value === undefined) to.delete(encoded)
  }
}
