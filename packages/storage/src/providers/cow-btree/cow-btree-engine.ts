/**
 * LMDB as a local engine.
 *
 * Invariants:
 * 1. Commits run on this thread and only reach the operating system, which takes microseconds; what waits for the disk
 *    is the `Flusher`, on other threads. So errors come from the call that made them, and no read is held up.
 * 2. A batch that would use more pages than `mapSizeMaxBytes` allows is aborted before its commit.
 * 3. After a commit that failed with its outcome open, nothing more is written.
 * 4. Every value is stored with its checksum, and none is returned that does not match it.
 */
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import type {
  EngineCursor,
  EngineScanOptions,
  EngineWrite,
  LocalEngine,
  MaybePromise,
} from '../../transaction/local-engine.js'
import type { DataDirectory } from '../directory/data-directory.js'
import { CowBtreeCursor } from './cow-btree-cursor.js'
import { damagedValue } from './data-file/damaged-value.js'
import { DATA_FILE, collectCleanFacts } from './data-file/recover.js'
import type { Flusher } from './flusher.js'
import { lmdbError } from './lmdb-error.js'
import { COMMIT_WITHOUT_SYNC, KEY_SIZE_MAX_BYTES, type LmdbStore } from './lmdb-store.js'
import { isIntact, sealValue, type SealedValue } from './sealed-value.js'

/** What one entry can add to the pages in use: a leaf and a branch that split, and the rest of an overflow page. */
const PAGES_PER_ENTRY_MAX = 3

/** Branches, and the list of free pages, that a commit writes besides the leaves. */
const PAGES_PER_COMMIT = 4

/** What is used of LMDB's facts. During a write they are those of the write. */
interface LmdbStats {
  readonly pageSize: number
  readonly treeDepth: number
  readonly treeBranchPageCount: number
  readonly treeLeafPageCount: number
  readonly overflowPages: number
  readonly entryCount: number
  readonly lastPageNumber: number
}

export interface CowBtreeParts {
  readonly store: LmdbStore
  readonly flusher: Flusher
  readonly directory: DataDirectory
  readonly mapSizeMaxBytes: number
}

export class CowBtreeEngine implements LocalEngine {
  readonly kind = 'cow-btree'
  readonly limits = { keySizeMaxBytes: KEY_SIZE_MAX_BYTES, valueSizeMaxBytes: 268_435_456 }
  readonly persistent = true
  readonly #store: LmdbStore
  readonly #flusher: Flusher
  readonly #directory: DataDirectory
  readonly #mapSizeMaxBytes: number
  readonly #pageSize: number
  /** At least as many bytes as the pages in use; counted exactly when it comes near the limit. */
  #usedBytesAtMost: number
  #failure: OrbitError | undefined
  #closing: Promise<void> | undefined
  readonly #requireOpen = (): void => {
    if (this.#closing !== undefined) throw new OrbitError('STORAGE_CLOSED', 'the cow-btree store was closed')
  }
  readonly #requireIntact = (key: Uint8Array, sealed: SealedValue): Uint8Array => {
    if (!isIntact(key, sealed)) throw damagedValue(join(this.#directory.enginePath, DATA_FILE), key)
    return sealed.value
  }

  constructor({ store, flusher, directory, mapSizeMaxBytes }: CowBtreeParts) {
    this.#store = store
    this.#flusher = flusher
    this.#directory = directory
    this.#mapSizeMaxBytes = mapSizeMaxBytes
    const facts = this.#facts()
    this.#pageSize = facts.pageSize
    this.#usedBytesAtMost = usedBytes(facts)
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.#requireOpen()
    if (key.byteLength > KEY_SIZE_MAX_BYTES) return undefined
    let sealed: SealedValue | undefined
    try {
      sealed = this.#store.get(key)
    } catch (error) {
      throw this.#error(error, 'reading')
    }
    return sealed === undefined ? undefined : this.#requireIntact(key, sealed)
  }

  getMany(keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  cursor(range: { start?: Uint8Array; end?: Uint8Array }, options: EngineScanOptions): EngineCursor {
    this.#requireOpen()
    return new CowBtreeCursor(this.#store, range, options, {
      requireOpen: this.#requireOpen,
      requireIntact: this.#requireIntact,
    })
  }

  write(batch: readonly EngineWrite[], { sync }: { sync: boolean }): MaybePromise<void> {
    this.#requireOpen()
    const failure = this.#failure ?? this.#flusher.failure
    if (failure !== undefined) throw refusal(failure)
    for (const { key } of batch) requireKeyFits(key)
    let payloadBytes = 0
    for (const { value } of batch) payloadBytes += value?.byteLength ?? 0
    this.#commit(batch, payloadBytes + PAGES_PER_ENTRY_MAX * this.#pageSize * batch.length)
    if (sync) return this.#flusher.flush()
    return this.#flusher.committed(payloadBytes + this.#pageSize * (batch.length + PAGES_PER_COMMIT))
  }

  stats(): Record<string, number> {
    if (this.#closing !== undefined) return {}
    const facts = this.#facts()
    return {
      entries: facts.entryCount,
      tree_depth: facts.treeDepth,
      used_bytes: usedBytes(facts),
      used_max_bytes: this.#mapSizeMaxBytes,
      file_bytes: (facts.lastPageNumber + 1) * facts.pageSize,
      ...this.#flusher.stats(),
    }
  }

  warning(): string | undefined {
    return (this.#failure ?? this.#flusher.failure)?.reason
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const failed = this.warning() !== undefined
    try {
      if (!failed) await this.#flusher.flush()
      await this.#flusher.close()
      await this.#store.close()
      if (!failed) await this.#directory.markClean(await collectCleanFacts(this.#directory.enginePath))
    } catch (error) {
      throw this.#error(error, 'closing')
    } finally {
      await this.#directory.close()
    }
  }

  /** @param bytes no less than what the batch adds to the pages in use */
  #commit(batch: readonly EngineWrite[], bytes: number): void {
    const usedBefore = this.#isNearLimit(bytes) ? usedBytes(this.#facts()) : undefined
    try {
      this.#store.transactionSync(() => {
        for (const { key, value } of batch) {
          if (value === undefined) void this.#store.remove(key)
          else void this.#store.put(key, sealValue(key, value))
        }
        if (usedBefore !== undefined) this.#requireRoom(usedBefore)
      }, COMMIT_WITHOUT_SYNC)
    } catch (error) {
      throw this.#writeError(error, bytes)
    }
    this.#usedBytesAtMost += bytes
  }

  #isNearLimit(bytes: number): boolean {
    return this.#usedBytesAtMost + bytes > this.#mapSizeMaxBytes
  }

  /** Asked inside of the write, whose pages are counted. A batch that needs no more than there was may pass. */
  #requireRoom(usedBefore: number): void {
    const used = usedBytes(this.#facts())
    if (used > this.#mapSizeMaxBytes && used > usedBefore) {
      throw new OrbitError(
        'STORAGE_FULL',
        `the batch would make the data ${used} bytes, and map_size_mb allows ${this.#mapSizeMaxBytes}; nothing was written: delete entries or raise map_size_mb`,
        { usedBytes: used, usedBytesMax: this.#mapSizeMaxBytes },
      )
    }
    this.#usedBytesAtMost = used
  }

  #writeError(error: unknown, bytes: number): OrbitError {
    if (error instanceof OrbitError) return error
    const failure = this.#error(error, 'writing to')
    if (!this.#isUnharmed()) {
      this.#failure = failure
      return undetermined(failure)
    }
    if (failure.code !== 'STORAGE_IO' || availableBytes(this.#directory.path) > bytes) return failure
    // A page of which only a part could be written: LMDB does not tell that from a broken disk.
    return new OrbitError(
      'STORAGE_FULL',
      `${failure.reason}; the disk has no room left, and nothing was written`,
      failure.details,
      {
        cause: error,
      },
    )
  }

  /** LMDB refuses every transaction after it could not write a meta page, and only then is the outcome open. */
  #isUnharmed(): boolean {
    try {
      this.#store.resetReadTxn()
      this.#store.useReadTransaction().done()
      return true
    } catch {
      return false
    }
  }

  #facts(): LmdbStats {
    return this.#store.getStats() as LmdbStats
  }

  #error(error: unknown, doing: string): OrbitError {
    return lmdbError(error, doing, this.#directory.path)
  }
}

function usedBytes(facts: LmdbStats): number {
  return (facts.treeBranchPageCount + facts.treeLeafPageCount + facts.overflowPages) * facts.pageSize
}

function availableBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}

function requireKeyFits(key: Uint8Array): void {
  if (key.byteLength <= KEY_SIZE_MAX_BYTES) return
  throw new OrbitError(
    'KEY_TOO_LARGE',
    `a key has ${key.byteLength} bytes, and the cow-btree engine takes at most ${KEY_SIZE_MAX_BYTES}; nothing was written`,
    { sizeBytes: key.byteLength, sizeMaxBytes: KEY_SIZE_MAX_BYTES },
  )
}

function refusal(failure: OrbitError): OrbitError {
  return new OrbitError(
    'STORAGE_CLOSED',
    `the cow-btree store takes no more writes because one failed (${failure.reason}); close it and open it again`,
    failure.details,
    { cause: failure },
  )
}

function undetermined(failure: OrbitError): OrbitError {
  return new OrbitError(
    'STORAGE_IO',
    `${failure.reason}; whether the batch was written is known when the store is opened again`,
    failure.details,
    { cause: failure },
  )
}
