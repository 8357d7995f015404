import { OrbitError } from '@orbit-ts/base'
import type { RootDatabase, Transaction } from 'lmdb'
import { decodeSealed, encodeSealed, type SealedValue } from './sealed-value.js'

/** LMDB allows no empty keys, so every key has this byte in front; being the same everywhere, it keeps the order. */
const KEY_PREFIX = 0
export const KEY_PREFIX_BYTES = 1

/** LMDB's limit at the smallest usual page size, less the prefix. */
export const KEY_SIZE_MAX_BYTES = 1977

/** What is used of an LMDB database that is opened by {@link openLmdb}. */
export interface LmdbStore extends Omit<RootDatabase<SealedValue, Uint8Array>, 'transactionSync'> {
  /** Commits when `work` returns, aborts when it throws. `flags` are LMDB's `TransactionFlags`. */
  transactionSync(work: () => void, flags: number): void
}

/** Holds a state of the store: pages that it uses are not written again. */
export type LmdbPin = Transaction

/** `SYNCHRONOUS_COMMIT | NO_SYNC_FLUSH`: commit at once, on this thread, without waiting for the disk. */
export const COMMIT_WITHOUT_SYNC = 0x10002

const keyEncoder = {
  writeKey(key: Uint8Array, target: Uint8Array, start: number): number {
    target[start] = KEY_PREFIX
    target.set(key, start + 1)
    return start + 1 + key.byteLength
  },
  readKey(target: Buffer, start: number, end: number): Uint8Array {
    const key = Buffer.allocUnsafe(end - start - 1)
    target.copy(key, 0, start + 1, end)
    return key
  },
}

/** @throws STORAGE_UNAVAILABLE: the native binding is not there for this platform */
export async function openLmdb(path: string): Promise<LmdbStore> {
  const { open } = await loadBinding()
  return open<SealedValue, Uint8Array>({
    path,
    encoding: 'binary',
    encoder: { encode: encodeSealed, decode: decodeSealed },
    keyEncoder,
    maxDbs: 1,
    // Commits come from one thread and are flushed by `Flusher`, which is what makes them safe against a crash.
    overlappingSync: false,
  })
}

async function loadBinding(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`
    throw new OrbitError(
      'STORAGE_UNAVAILABLE',
      `the cow-btree engine needs the package lmdb, which does not load on ${platform}: use the memory or the rocksdb engine`,
      { platform },
      { cause: error },
    )
  }
}
