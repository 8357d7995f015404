/**
 * Exclusive use of a directory by one open handle of one process.
 *
 * Invariants:
 * 1. The kernel holds the lock on behalf of the open file, not of the process: it ends with the handle, also by
 *    `kill -9`, and a second handle of the same process is refused like any other.
 * 2. The file is never deleted: a process that waits on a deleted file would lock a different one.
 * 3. The pid inside is only for the message. It says nothing about who holds the lock.
 */
import { createRequire } from 'node:module'
import { open, type FileHandle } from 'node:fs/promises'
import { OrbitError } from '@orbit-ts/base'
import { fileError, fileErrorCode } from './file-error.js'

type TryLock = (fd: number, offset: number, length: number) => boolean

const HELD = new Set(['EAGAIN', 'EACCES', 'EBUSY', 'EWOULDBLOCK'])

/**
 * Windows enforces locks against readers, so there the locked byte lies behind the pid that others want to read.
 * macOS knows only locks on whole files.
 */
const LOCKED_BYTE =
  process.platform === 'win32' ? { offset: 1024 * 1024, length: 1 } : { offset: 0, length: 0 }

export class LockFile {
  readonly #handle: FileHandle

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /**
   * @throws STORAGE_LOCKED (details.pid) when another handle has it, STORAGE_UNAVAILABLE when the native lock call is
   * not there for this platform, STORAGE_IO when the file system cannot lock.
   */
  static async acquire(path: string, directory: string): Promise<LockFile> {
    const tryLock = loadTryLock()
    let handle: FileHandle | undefined
    try {
      handle = await open(path, 'a+')
      if (!lockHandle(tryLock, handle)) throw await lockedBy(handle, directory)
      await handle.truncate(0)
      await handle.write(`${process.pid}\n`)
      return new LockFile(handle)
    } catch (error) {
      await handle?.close()
      throw fileError(error, 'locking', path)
    }
  }

  /**
   * Locks a file that has a content of its own, in addition to the lock file. Undefined when it is not there, and on
   * Windows, where a file that somebody has open cannot be replaced.
   * @throws as `acquire`
   */
  static async guard(path: string, directory: string): Promise<LockFile | undefined> {
    if (process.platform === 'win32') return undefined
    const tryLock = loadTryLock()
    let handle: FileHandle | undefined
    try {
      handle = await open(path, 'r+')
      if (!lockHandle(tryLock, handle))
        throw lockedError(directory, 'somebody, although the lock file was removed')
      return new LockFile(handle)
    } catch (error) {
      await handle?.close()
      if (fileErrorCode(error) === 'ENOENT') return undefined
      throw fileError(error, 'locking', path)
    }
  }

  async release(): Promise<void> {
    await this.#handle.close()
  }
}

function loadTryLock(): TryLock {
  let cause: unknown
  try {
    const loaded: unknown = createRequire(import.meta.url)('fs-native-extensions')
    if (hasTryLock(loaded)) return loaded.tryLock
  } catch (error) {
    cause = error
  }
  const platform = `${process.platform}-${process.arch}`
  throw new OrbitError(
    'STORAGE_UNAVAILABLE',
    `data directories cannot be locked on ${platform}: the package fs-native-extensions does not load; the engine "memory" works without it`,
    { platform },
    { cause },
  )
}

function hasTryLock(loaded: unknown): loaded is { tryLock: TryLock } {
  return (
    typeof loaded === 'object' &&
    loaded !== null &&
    'tryLock' in loaded &&
    typeof loaded.tryLock === 'function'
  )
}

function lockHandle(tryLock: TryLock, handle: FileHandle): boolean {
  try {
    return tryLock(handle.fd, LOCKED_BYTE.offset, LOCKED_BYTE.length)
  } catch (error) {
    const code = fileErrorCode(error)
    if (code !== undefined && HELD.has(code)) return false
    throw error
  }
}

async function lockedBy(handle: FileHandle, directory: string): Promise<OrbitError> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(32), 0, 32, 0)
  const pid = Number.parseInt(buffer.toString('latin1', 0, bytesRead), 10)
  if (!Number.isSafeInteger(pid)) return lockedError(directory, 'another process')
  const holder = pid === process.pid ? `this process (pid ${pid})` : `the process with pid ${pid}`
  return lockedError(directory, holder, pid)
}

function lockedError(directory: string, holder: string, pid?: number): OrbitError {
  return new OrbitError(
    'STORAGE_LOCKED',
    `the data directory ${directory} is in use by ${holder}; close it there first or name another directory`,
    { path: directory, ...(pid === undefined ? {} : { pid }) },
  )
}
