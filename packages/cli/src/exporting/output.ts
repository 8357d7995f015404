import { open, rename, unlink, type FileHandle } from 'node:fs/promises'
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

/** @param path of a file, or `-` for standard output */
export function openOutput(path: string): Promise<Output> {
  return path === '-' ? Promise.resolve(new StandardOutput()) : FileOutput.create(path)
}

const BUFFER_BYTES = 256 * 1024

/** A file that is there in full or not at all: it is written under another name beside its own and then renamed. */
class FileOutput implements Output {
  readonly #path: string
  readonly #temporary: string
  readonly #file: FileHandle
  #parts: Buffer[] = []
  #waiting = 0
  #isOpen = true
  sizeBytes = 0

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path
    this.#temporary = temporary
    this.#file = file
  }

  static async create(given: string): Promise<FileOutput> {
    const path = resolve(given)
    const temporary = `${path}.${process.pid}.tmp`
    try {
      return new FileOutput(path, temporary, await open(temporary, 'w'))
    } catch (error) {
      throw notWritten(path, error)
    }
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
    await unlink(this.#temporary).catch(() => undefined)
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

function notWritten(path: string, error: unknown): OrbitError {
  if (error instanceof OrbitError) return error
  const reason = error instanceof Error ? error.message : String(error)
  const isFull =
    error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
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
