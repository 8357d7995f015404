import { lstat, open, readlink, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { OrbitError } from '@orbit-ts/base'

/** Where the text of an export goes. */
export interface Output {
  readonly sizeBytes: number
  /** Waits while the other end does not keep up. @throws STORAGE_IO, ABORTED when nobody reads any more */
  write(text: string): Promise<void>
  /** Nothing more is coming: what was written is complete. */
  finish(): Promise<void>
  /** What was written is of no use. Harmless after `finish`. */
  discard(): Promise<void>
}

/**
 * @param given path of a file, or `-` for standard output
 * @throws INVALID_ARGUMENT for a directory; STORAGE_IO, STORAGE_FULL
 */
export async function openOutput(given: string): Promise<Output> {
  if (given === '-') return new StandardOutput()
  const path = await followLinks(resolve(given))
  try {
    const found = await stat(path).catch(ignoreMissing)
    if (found?.isDirectory() === true)
      throw new OrbitError('INVALID_ARGUMENT', `${given} is a directory, not a file`, { path })
    // A device or a pipe is written to; nothing may take its place.
    if (found?.isFile() === false) return new FileOutput(path, undefined, await open(path, 'w'))
    const temporary = `${path}.${process.pid}.tmp`
    const file = await open(temporary, 'w')
    // Who could not read the file before cannot read the new one.
    if (found !== undefined) await file.chmod(found.mode & 0o777)
    return new FileOutput(path, temporary, file)
  } catch (error) {
    throw notWritten(path, error)
  }
}

/** Where a path leads that is a symbolic link, also when nothing is there yet. @throws STORAGE_IO */
export async function followLinks(path: string): Promise<string> {
  let at = path
  try {
    for (let links = 0; (await lstat(at).catch(ignoreMissing))?.isSymbolicLink() === true; links++) {
      if (links === LINKS_MAX) throw new Error('there are too many symbolic links')
      at = resolve(dirname(at), await readlink(at))
    }
  } catch (error) {
    throw notWritten(path, error)
  }
  return at
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}

/** As many as Linux follows. */
const LINKS_MAX = 40

const BUFFER_BYTES = 256 * 1024

/**
 * A file that is there in full or not at all: it is written under another name beside its own and then renamed. Without
 * `temporary` it is a device or a pipe, which takes what it is given.
 */
class FileOutput implements Output {
  readonly #path: string
  readonly #temporary: string | undefined
  readonly #file: FileHandle
  #parts: Buffer[] = []
  #waiting = 0
  #isOpen = true
  sizeBytes = 0

  constructor(path: string, temporary: string | undefined, file: FileHandle) {
    this.#path = path
    this.#temporary = temporary
    this.#file = file
  }

  async write(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    this.#waiting += this.#parts.push(bytes) && bytes.byteLength
    this.sizeBytes += bytes.byteLength
    if (this.#waiting >= BUFFER_BYTES) await this.#flush()
  }

  async finish(): Promise<void> {
    try {
      await this.#flush()
      if (this.#temporary === undefined) {
        await this.#close()
        return
      }
      await this.#file.sync()
      await this.#close()
      await rename(this.#temporary, this.#path)
      await syncDirectory(dirname(this.#path))
    } catch (error) {
      throw notWritten(this.#path, error)
    }
  }

  async discard(): Promise<void> {
    await this.#close()
    if (this.#temporary !== undefined) await unlink(this.#temporary).catch(() => undefined)
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#waiting = 0
    try {
      await this.#file.writeFile(bytes)
    } catch (error) {
      throw notWritten(this.#path, error)
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    await this.#file.close()
  }
}

class StandardOutput implements Output {
  sizeBytes = 0
  #failure: Error | undefined

  constructor() {
    process.stdout.on('error', this.#onError)
  }

  write(text: string): Promise<void> {
    this.sizeBytes += Buffer.byteLength(text)
    return new Promise((done, fail) => {
      if (this.#failure !== undefined) fail(notRead(this.#failure))
      else process.stdout.write(text, (error) => (error ? fail(notRead(error)) : done()))
    })
  }

  async finish(): Promise<void> {
    await this.write('')
    await this.discard()
  }

  async discard(): Promise<void> {
    // A failure that comes late belongs to nobody, and must not end the process.
  }

  readonly #onError = (error: Error): void => {
    this.#failure ??= error
  }
}

/** The new name is on stable storage. Windows cannot open directories, and does not need it. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** An error of the file system, about what the user has named. */
export function notWritten(path: string, error: unknown): OrbitError {
  if (error instanceof OrbitError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const reason = code === 'ENOENT' ? `there is no directory ${dirname(path)}` : message
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return new OrbitError(
    isFull ? 'STORAGE_FULL' : 'STORAGE_IO',
    `${path} cannot be written: ${reason}`,
    { path },
    { cause: error },
  )
}

function notRead(error: Error): OrbitError {
  const isClosed = 'code' in error && error.code === 'EPIPE'
  return isClosed
    ? new OrbitError('ABORTED', 'nobody reads standard output any more', { reader: 'gone' }, { cause: error })
    : new OrbitError(
        'STORAGE_IO',
        `standard output cannot be written: ${error.message}`,
        {},
        { cause: error },
      )
}
