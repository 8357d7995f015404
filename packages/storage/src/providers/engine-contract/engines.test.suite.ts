import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalEngine } from '../../transaction/local-engine.js'

/** Directories and engines of one run; all of them go when it ends. */
export class Engines {
  readonly #open: (dataDir: string) => Promise<LocalEngine>
  readonly #opened = new Set<LocalEngine>()
  #root = ''
  #directories = 0

  constructor(open: (dataDir: string) => Promise<LocalEngine>) {
    this.#open = open
  }

  async setUp(): Promise<void> {
    this.#root = await mkdtemp(join(tmpdir(), 'orbit-engine-'))
  }

  async tearDown(): Promise<void> {
    for (const engine of [...this.#opened]) await this.close(engine)
    await rm(this.#root, { recursive: true, force: true })
  }

  directory(): string {
    return join(this.#root, `data-${this.#directories++}`)
  }

  async open(dataDir: string = this.directory()): Promise<LocalEngine> {
    const engine = await this.#open(dataDir)
    this.#opened.add(engine)
    return engine
  }

  async close(engine: LocalEngine): Promise<void> {
    this.#opened.delete(engine)
    await engine.close()
  }

  async use(work: (engine: LocalEngine) => Promise<void>): Promise<void> {
    const engine = await this.open()
    try {
      await work(engine)
    } finally {
      await this.close(engine)
    }
  }
}
