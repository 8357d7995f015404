/**
 * Brings commits to stable storage, so that a crash of the machine can be undone to the last flush.
 *
 * LMDB commits here without syncing: the operating system may write its pages in any order, and a crash may leave a
 * state whose pages are partly missing. So the last flushed state is kept whole until the next one is:
 *
 * Invariants:
 * 1. `#flushed` is pinned by a read transaction. LMDB does not reuse its pages, so all of them are still on the disk.
 * 2. The record in the file `durable` names a state only after all of its pages were synced; only after the record was
 *    synced is the state before it released.
 * 3. One flush runs at a time; it covers every commit before its start.
 * 4. After a sync that failed nothing is known about the disk: every later call fails with the same error.
 */
import { closeSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Env, OrbitError, Timer } from '@orbit-ts/base'
import { syncDirectory } from '../directory/durable-file.js'
import { fileError } from '../directory/file-error.js'
import { bootIdentity } from './data-file/boot-identity.js'
import {
  DURABLE_FILE,
  SLOT_BYTES,
  decodeDurableRecord,
  encodeDurableRecord,
} from './data-file/durable-record.js'
import { readLatestMeta, type Meta } from './data-file/meta-page.js'
import { DATA_FILE } from './data-file/recover.js'
import type { LmdbPin, LmdbStore } from './lmdb-store.js'

const syncData = promisify(fdatasync)

/** Committed since the last flush: from here the next one begins at once, */
const UNFLUSHED_EARLY_BYTES = 8 * 1024 * 1024
/** and from here writers wait for it. */
const UNFLUSHED_MAX_BYTES = 64 * 1024 * 1024

export interface FlusherOptions {
  readonly enginePath: string
  readonly env: Env
  readonly flushIntervalMs: number
}

export class Flusher {
  readonly #store: LmdbStore
  readonly #options: FlusherOptions
  readonly #data: number
  readonly #record: number
  readonly #dataPath: string
  readonly #boot: string
  #sequence: bigint
  #pin: LmdbPin | undefined
  #flushed = -1n
  #running: Promise<void> | undefined
  #timer: Timer | undefined
  #failure: OrbitError | undefined
  #unflushedBytes = 0
  #flushes = 0

  private constructor(store: LmdbStore, options: FlusherOptions) {
    this.#store = store
    this.#options = options
    this.#dataPath = join(options.enginePath, DATA_FILE)
    this.#boot = bootIdentity(options.env)
    this.#data = openSync(this.#dataPath, 'r+')
    const recordPath = join(options.enginePath, DURABLE_FILE)
    const last = decodeDurableRecord(readFileSync(recordPath, { flag: 'a+' }))
    this.#sequence = last?.sequence ?? 0n
    this.#record = openSync(recordPath, 'r+')
  }

  /** Flushes the present state before it returns. */
  static async open(store: LmdbStore, options: FlusherOptions): Promise<Flusher> {
    const flusher = new Flusher(store, options)
    try {
      await flusher.flush()
      await syncDirectory(options.enginePath)
      return flusher
    } catch (error) {
      await flusher.close()
      throw error
    }
  }

  get failure(): OrbitError | undefined {
    return this.#failure
  }

  /** The state that the file shows now. */
  latest(): Meta {
    return readLatestMeta(this.#data, this.#dataPath)
  }

  /**
   * Call it after each commit that does not wait for a flush.
   * @param bytes what it may have written
   * @returns a promise when the caller has to wait
   */
  committed(bytes: number): Promise<void> | undefined {
    this.#unflushedBytes += bytes
    if (this.#unflushedBytes > UNFLUSHED_MAX_BYTES) return this.flush()
    if (this.#unflushedBytes > UNFLUSHED_EARLY_BYTES && this.#running === undefined) this.#flushInBackground()
    this.#timer ??= this.#options.env.timers.set(() => {
      this.#timer = undefined
      this.#flushInBackground()
    }, this.#options.flushIntervalMs)
    return undefined
  }

  /** Resolves when everything committed so far is on stable storage. */
  async flush(): Promise<void> {
    const { transaction } = this.latest()
    while (this.#flushed < transaction) {
      if (this.#failure !== undefined) throw this.#failure
      this.#running ??= this.#run().finally(() => (this.#running = undefined))
      await this.#running
    }
  }

  stats(): Record<string, number> {
    return { flushes: this.#flushes, unflushed_bytes: this.#unflushedBytes }
  }

  /** Does not flush. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.#running?.catch(() => undefined)
    this.#pin?.done()
    this.#pin = undefined
    closeSync(this.#data)
    closeSync(this.#record)
  }

  /** A failure is kept, and shown by the next call. */
  #flushInBackground(): void {
    this.flush().catch(() => undefined)
  }

  async #run(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#unflushedBytes = 0
    // Nothing commits between the two: both are the same state.
    const pin = this.#store.useReadTransaction()
    try {
      const meta = this.latest()
      await syncData(this.#data)
      const sequence = this.#sequence + 1n
      const slot = encodeDurableRecord({ sequence, boot: this.#boot, meta })
      writeSync(this.#record, slot, 0, SLOT_BYTES, Number(sequence & 1n) * SLOT_BYTES)
      await syncData(this.#record)
      this.#sequence = sequence
      this.#flushed = meta.transaction
      this.#flushes += 1
    } catch (error) {
      pin.done()
      this.#failure = fileError(error, 'syncing', this.#options.enginePath)
      throw this.#failure
    }
    this.#pin?.done()
    this.#pin = pin
  }
}
