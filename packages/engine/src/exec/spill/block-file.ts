/**
 * The file of one statement's spilled rows: blocks of one size, used again once they are given back.
 *
 * Invariants:
 * 1. A block belongs to one run, or to none; it is read only after its write has ended.
 * 2. The file and its directory are made with the first block, for the owner alone, and gone after `close`.
 * 3. Once it is closed nothing is written or read any more.
 */
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { queryError } from '../../scalar/condition.js'

export const BLOCK_BYTES = 32 * 1024

export class BlockFile {
  readonly #directory: string
  readonly #limitBytes: number
  readonly #free: number[] = []
  #blockCount = 0
  #handle: Promise<FileHandle> | undefined
  #isClosed = false

  /** @param directory is made with the first block; its parent must be there. */
  constructor(directory: string, limitBytes: number) {
    this.#directory = directory
    this.#limitBytes = limitBytes
  }

  /** @throws configuration_limit_exceeded, disk_full */
  async write(bytes: Uint8Array): Promise<number> {
    const block = this.#take()
    const handle = await this.#open()
    try {
      await handle.write(bytes, 0, bytes.length, block * BLOCK_BYTES)
    } catch (error) {
      throw explained(error, this.#directory)
    }
    return block
  }

  async read(block: number, into: Uint8Array): Promise<void> {
    const handle = await this.#open()
    await handle.read(into, 0, into.length, block * BLOCK_BYTES)
  }

  giveBack(blocks: readonly number[]): void {
    for (const block of blocks) this.#free.push(block)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const handle = this.#handle
    if (handle === undefined) return
    this.#handle = undefined
    await handle.then(
      (opened) => opened.close(),
      () => undefined,
    )
    await rm(this.#directory, { recursive: true, force: true })
  }

  #take(): number {
    const used = this.#free.pop()
    if (used !== undefined) return used
    if ((this.#blockCount + 1) * BLOCK_BYTES > this.#limitBytes) {
      throw queryError(
        'configuration_limit_exceeded',
        `temporary file size exceeds temp_file_limit (${Math.floor(this.#limitBytes / 1024)}kB)`,
        { hint: 'Raise temp_file_limit, or let the statement handle fewer rows at a time.' },
      )
    }
    return this.#blockCount++
  }

  #open(): Promise<FileHandle> {
    if (this.#isClosed) {
      return Promise.reject(queryError('internal_error', 'the temporary files of the statement are closed'))
    }
    this.#handle ??= create(this.#directory)
    return this.#handle
  }
}

async function create(directory: string): Promise<FileHandle> {
  try {
    await mkdir(directory, { mode: 0o700 })
    return await open(join(directory, 'rows'), 'wx+', 0o600)
  } catch (error) {
    throw explained(error, directory)
  }
}

function explained(error: unknown, directory: string): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const condition = code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'internal_error'
  const reason = error instanceof Error ? error.message : String(error)
  return queryError(
    condition,
    `could not write temporary file in "${directory}": ${reason}`,
    { hint: 'Free room there, or raise work_mem so that less is written.' },
    error,
  )
}
