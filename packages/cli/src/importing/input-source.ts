import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { OrbitError } from '@orbit-ts/base'

/** The name of standard input. */
export const STANDARD_INPUT = '-'

const CHUNK_BYTES = 256 * 1024

/** The beginning of an input, as an earlier import recorded it. */
export interface RecordedPrefix {
  readonly bytes: number
  /** SHA-256, hexadecimal. */
  readonly sha256: string
}

/**
 * A file, or standard input, read in chunks from its start or from behind a prefix to its end. A pipe or a device counts
 * as standard input: it can be read only once.
 */
export class InputSource {
  /** For messages. */
  readonly name: string
  /** The absolute path, or `-`. */
  readonly identity: string
  /** Undefined when it is not known, as for standard input. */
  readonly sizeBytes: number | undefined
  readonly #path: string
  /** Of the next byte that is read from the stream. */
  #offset = 0
  #stream: Readable
  #chunks: AsyncIterator<Buffer>
  /** Read, and to be read again. */
  #ahead: Buffer[] = []

  private constructor(given: string, sizeBytes: number | undefined) {
    this.name = given === STANDARD_INPUT ? 'standard input' : given
    this.identity = sizeBytes === undefined ? STANDARD_INPUT : resolve(given)
    this.#path = given
    this.sizeBytes = sizeBytes
    this.#stream = this.#openAt(0)
    this.#chunks = this.#stream[Symbol.asyncIterator]()
  }

  /** @param given a path, or `-`. @throws INVALID_ARGUMENT, STORAGE_IO */
  static async open(given: string): Promise<InputSource> {
    if (given === STANDARD_INPUT) return new InputSource(given, undefined)
    const found = await stat(given).catch((error: unknown) => {
      throw unreadable(given, error)
    })
    if (found.isDirectory())
      throw new OrbitError('INVALID_ARGUMENT', `${given} is a directory, not a file`, { path: given })
    return new InputSource(given, found.isFile() ? found.size : undefined)
  }

  /** The next bytes, or undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    const ahead = this.#ahead.shift()
    if (ahead !== undefined) return ahead
    try {
      const step = await this.#chunks.next()
      if (step.done !== true) {
        this.#offset += step.value.byteLength
        return step.value
      }
    } catch (error) {
      throw unreadable(this.name, error)
    }
    if (this.#offset >= (this.sizeBytes ?? 0)) return undefined
    throw new OrbitError(
      'STORAGE_IO',
      `${this.name} has become shorter while it was read: it ends after ${this.#offset} bytes, and had ${this.sizeBytes}`,
      { path: this.name },
    )
  }

  /** The next bytes, about `bytesMax` of them, which stay to be read. `whole`: there are no more. */
  async sample(bytesMax: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
    const chunks: Buffer[] = []
    let size = 0
    let whole = false
    while (size < bytesMax && !whole) {
      const chunk = await this.next()
      if (chunk === undefined) whole = true
      else size += chunks.push(chunk) && chunk.byteLength
    }
    this.#ahead.unshift(...chunks)
    return { bytes: Buffer.concat(chunks), whole }
  }

  /**
   * Finds the longest of the prefixes that this input begins with, and goes on reading behind it; at the start when
   * there is none. Standard input cannot go back: give it one prefix at most, and stop when that is not it.
   */
  async skipPrefix<P extends RecordedPrefix>(
    prefixes: readonly P[],
  ): Promise<{ readonly prefix: P; readonly hash: Hash } | undefined> {
    const hash = createHash('sha256')
    let found: { readonly prefix: P; readonly hash: Hash } | undefined
    let at = 0
    for (const prefix of prefixes.toSorted((a, b) => a.bytes - b.bytes)) {
      if (!(await this.#hashInto(hash, prefix.bytes - at))) break
      at = prefix.bytes
      if (hash.copy().digest('hex') === prefix.sha256) found = { prefix, hash: hash.copy() }
    }
    if (this.identity !== STANDARD_INPUT) this.#goTo(found?.prefix.bytes ?? 0)
    return found
  }

  /** The error with this input's name in front: who reads knows the line but not the file. */
  named(error: unknown): unknown {
    if (!(error instanceof OrbitError) || error.code !== 'IMPORT_FAILED') return error
    return new OrbitError(error.code, `${this.name}: ${error.reason}`, error.details, { cause: error })
  }

  close(): void {
    this.#stream.destroy()
  }

  /** False when the input ends before. */
  async #hashInto(hash: Hash, bytes: number): Promise<boolean> {
    for (let left = bytes; left > 0;) {
      const chunk = await this.next()
      if (chunk === undefined) return false
      const piece = chunk.subarray(0, left)
      hash.update(piece)
      left -= piece.byteLength
      if (piece.byteLength < chunk.byteLength) this.#ahead.unshift(chunk.subarray(piece.byteLength))
    }
    return true
  }

  #goTo(offset: number): void {
    this.#stream.destroy()
    this.#ahead = []
    this.#stream = this.#openAt(offset)
    this.#chunks = this.#stream[Symbol.asyncIterator]()
  }

  #openAt(offset: number): Readable {
    this.#offset = offset
    if (this.#path === STANDARD_INPUT) return process.stdin
    const isStream = this.identity === STANDARD_INPUT
    const start = isStream ? {} : { start: offset }
    // An error before the first read waits for that.
    return createReadStream(this.#path, { ...start, highWaterMark: CHUNK_BYTES }).on('error', () => undefined)
  }
}

function unreadable(name: string, error: unknown): OrbitError {
  const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  const reason = error instanceof Error ? error.message : String(error)
  return new OrbitError(
    isMissing ? 'INVALID_ARGUMENT' : 'STORAGE_IO',
    isMissing ? `there is no file ${name}` : `${name} cannot be read: ${reason}`,
    { path: name },
    { cause: error },
  )
}
