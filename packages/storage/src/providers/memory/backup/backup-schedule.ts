/**
 * When the backup of a memory store is loaded and written.
 *
 * Invariants:
 * 1. At most one backup is written at a time.
 * 2. Nothing is written before `load` has succeeded: a backup that cannot be read is never replaced.
 * 3. The file `<path>.lock` is locked from `open` to `finish` or `abandon`, so that no two stores write one backup.
 * 4. `#unsaved` is true exactly when a change is in no finished backup. A failed backup leaves it true; the next
 *    interval tries again, and `finish` reports the failure.
 */
import { dirname, resolve } from 'node:path'
import { hasCode, OrbitError, toBinaryString, type Env, type Timer } from '@orbit-ts/base'
import type { EngineEntry } from '../../../transaction/local-engine.js'
import type { OrderedMap } from '../../../transaction/ordered-map.js'
import { makeDirectory } from '../../directory/durable-file.js'
import { fileError } from '../../directory/file-error.js'
import { LockFile } from '../../directory/lock-file.js'
import type { DiskBackupOptions } from '../options.js'
import { chunkCodec } from './chunk-codec.js'
import { readBackup } from './read-backup.js'
import { writeBackup } from './write-backup.js'

type Tree = OrderedMap<EngineEntry>

export class BackupSchedule {
  readonly #path: string
  readonly #lock: LockFile
  readonly #options: DiskBackupOptions
  readonly #env: Env
  #takeTree: (() => Tree) | undefined
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #unsaved = false
  #lastError: OrbitError | undefined
  #written = 0
  #failed = 0
  #lastBytes = 0

  private constructor(path: string, options: DiskBackupOptions, env: Env, lock: LockFile) {
    this.#path = path
    this.#lock = lock
    this.#options = options
    this.#env = env
  }

  static async open(options: DiskBackupOptions, env: Env): Promise<BackupSchedule> {
    // Fails at once, not at the first backup, when this Node.js lacks the compression.
    await chunkCodec(options.compression)
    const path = resolve(options.path)
    await makeDirectory(dirname(path))
    return new BackupSchedule(path, options, env, await acquireLock(path))
  }

  async load(take: (entry: EngineEntry, name: string) => void): Promise<void> {
    try {
      await readBackup(this.#path, (entry) => take(entry, toBinaryString(entry.key)))
    } catch (error) {
      throw fileError(error, 'reading the backup', this.#path)
    }
  }

  /** @param takeTree gives a tree that later writes do not change */
  start(takeTree: () => Tree): void {
    this.#takeTree = takeTree
    this.#schedule()
  }

  changed(): void {
    this.#unsaved = true
  }

  /** Writes what is not yet saved, then stops. When it fails, nothing has stopped. */
  async finish(): Promise<void> {
    await this.#running
    if (this.#unsaved) await this.#run()
    if (this.#unsaved && this.#lastError !== undefined) throw this.#lastError
    await this.abandon()
  }

  /** Stops without writing. */
  async abandon(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#takeTree = undefined
    await this.#running
    await this.#lock.release()
  }

  warning(): string | undefined {
    return this.#lastError?.reason
  }

  stats(): Record<string, number> {
    return {
      backups_written: this.#written,
      backups_failed: this.#failed,
      backup_bytes: this.#lastBytes,
      backup_pending: this.#unsaved ? 1 : 0,
    }
  }

  #schedule(): void {
    this.#timer = this.#env.timers.set(() => {
      this.#schedule()
      if (this.#unsaved && this.#running === undefined) void this.#run()
    }, this.#options.syncIntervalMs)
  }

  /** Never rejects: a failure is kept for `warning` and `finish`. */
  async #run(): Promise<void> {
    this.#running = this.#write().finally(() => (this.#running = undefined))
    await this.#running
  }

  async #write(): Promise<void> {
    const tree = this.#takeTree?.()
    if (tree === undefined) return
    this.#unsaved = false
    try {
      this.#lastBytes = await writeBackup(this.#path, tree.values(), this.#options.compression)
      this.#written += 1
      this.#lastError = undefined
    } catch (error) {
      this.#unsaved = true
      this.#failed += 1
      this.#lastError = fileError(error, 'writing the backup', this.#path)
    }
  }
}

async function acquireLock(path: string): Promise<LockFile> {
  try {
    return await LockFile.acquire(`${path}.lock`, path)
  } catch (error) {
    if (!hasCode(error, 'STORAGE_LOCKED')) throw error
    throw new OrbitError(
      'STORAGE_LOCKED',
      `the backup ${path} is in use by another memory store; close that one first or name another path`,
      { ...error.details },
      { cause: error },
    )
  }
}
