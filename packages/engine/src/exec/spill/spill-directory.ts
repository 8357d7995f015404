/**
 * Where the statements of one process put their temporary files.
 *
 * Invariants:
 * 1. Each statement has a directory of its own, named after the process and a random number, that only the owner may
 *    enter.
 * 2. Opening removes what processes left behind that are gone; never what a process of this machine still works with.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { toHex, type Env } from '@orbit-ts/base'
import type { SpillRun, SpillSpace } from '../spill-space.js'
import { BlockFile } from './block-file.js'
import { BlockRun } from './block-run.js'
import { ValueCodec } from './value-codec.js'

const NAME = /^statement-(\d+)-[0-9a-f]{16}$/

/** Directories of statements that run in this process. */
const live = new Set<string>()

export interface SpillDirectoryOptions {
  readonly env: Env
  /** Of this machine's processes alone: not shared with others over a network or between containers. */
  readonly path: string
  /** Bytes on disk that one statement may take. Default: no limit. */
  readonly limitBytes?: number
  /** Rows in a batch that is read back, at most. Default 1024. */
  readonly batchSize?: number
}

export class SpillDirectory {
  readonly #options: Required<SpillDirectoryOptions>

  private constructor(options: Required<SpillDirectoryOptions>) {
    this.#options = options
  }

  /** Makes the directory, and removes what earlier processes left in it. */
  static async open(options: SpillDirectoryOptions): Promise<SpillDirectory> {
    const path = resolve(options.path)
    await mkdir(path, { recursive: true, mode: 0o700 })
    const left = (await readdir(path)).filter((name) => isAbandoned(path, name))
    await Promise.all(left.map((name) => rm(join(path, name), { recursive: true, force: true })))
    return new SpillDirectory({ limitBytes: Infinity, batchSize: 1024, ...options, path })
  }

  /** The space of one statement. Nothing is on disk until rows are. */
  space(): SpillSpace {
    return new StatementSpace(this.#options)
  }
}

interface Opened {
  readonly directory: string
  readonly file: BlockFile
  readonly codec: ValueCodec
}

class StatementSpace implements SpillSpace {
  readonly #options: Required<SpillDirectoryOptions>
  /** Made for the first run: most statements have none. */
  #opened: Opened | undefined

  constructor(options: Required<SpillDirectoryOptions>) {
    this.#options = options
  }

  createRun(): SpillRun {
    this.#opened ??= this.#open()
    return new BlockRun(this.#opened.file, this.#opened.codec, this.#options.batchSize)
  }

  async close(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined) return
    await opened.file.close()
    live.delete(opened.directory)
  }

  #open(): Opened {
    const { env, path, limitBytes } = this.#options
    const directory = join(path, `statement-${process.pid}-${toHex(env.random.bytes(8))}`)
    live.add(directory)
    return { directory, file: new BlockFile(directory, limitBytes), codec: new ValueCodec() }
  }
}

function isAbandoned(path: string, name: string): boolean {
  const pid = NAME.exec(name)?.[1]
  if (pid === undefined) return false
  return Number(pid) === process.pid ? !live.has(join(path, name)) : !isRunning(Number(pid))
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it runs, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
