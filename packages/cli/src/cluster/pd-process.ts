/**
 * A pd-server of TiKV's in a process of its own, with a data directory that lives as long as it.
 *
 * Invariants:
 * 1. It does not outlive this process, and after `close` its directory is gone.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delay, OrbitError, type Env } from '@orbit-ts/base'

const HOST = '127.0.0.1'
const POLL_MS = 50
const START_TIMEOUT_MS = 60_000
const OUTPUT_CHARS_MAX = 20_000
const SHOWN_CHARS = 600

export interface PdProcessOptions {
  /** The program, by its path or by its name where `PATH` has it. */
  readonly program: string
  /** 0: any that is free. */
  readonly port: number
  readonly env: Env
  readonly signal: AbortSignal
}

export class PdProcess implements AsyncDisposable {
  /** `host:port` */
  readonly endpoint: string
  readonly #options: PdProcessOptions
  readonly #folder: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #kill = (): void => void this.#child.kill('SIGKILL')
  #output = ''
  #end: string | undefined

  /**
   * Returns when it leads.
   * @throws PD_UNAVAILABLE: it cannot be run, has ended, or does not lead within a minute; ABORTED
   */
  static async start(options: PdProcessOptions): Promise<PdProcess> {
    const [port, peerPort] = [options.port === 0 ? await freePort() : options.port, await freePort()]
    const pd = new PdProcess(options, await mkdtemp(join(tmpdir(), 'orbit-pd-')), port, peerPort)
    try {
      await pd.#untilReady()
      return pd
    } catch (error) {
      await pd.close()
      throw error
    }
  }

  private constructor(options: PdProcessOptions, folder: string, port: number, peerPort: number) {
    this.#options = options
    this.#folder = folder
    this.endpoint = `${HOST}:${port}`
    const flags = [
      '--name=pd1',
      `--data-dir=${join(folder, 'data')}`,
      `--client-urls=http://${this.endpoint}`,
      `--peer-urls=http://${HOST}:${peerPort}`,
      '-L=warn',
    ]
    // In a group of its own: Ctrl-C is for this process, which ends PD after those who use it.
    this.#child = spawn(options.program, flags, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data) => {
        this.#output = (this.#output + String(data)).slice(-OUTPUT_CHARS_MAX)
      })
    }
    process.on('exit', this.#kill)
    this.#exited = once(this.#child, 'close').then(
      ([code, signal]) => void (this.#end = `has ended with ${String(signal ?? code)}`),
      (error: unknown) => void (this.#end = `cannot be run: ${OrbitError.from(error).reason}`),
    )
  }

  async close(): Promise<void> {
    if (this.#end === undefined) this.#child.kill('SIGTERM')
    await this.#exited
    process.off('exit', this.#kill)
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #untilReady(): Promise<void> {
    const { env, signal } = this.#options
    const deadlineMs = env.clock.monotonicMs() + START_TIMEOUT_MS
    while (!(await this.#leads())) {
      if (this.#end !== undefined) throw this.#failure(this.#end)
      if (env.clock.monotonicMs() > deadlineMs)
        throw this.#failure(`does not lead within ${START_TIMEOUT_MS / 1000} s`)
      await delay(env, POLL_MS, signal)
    }
  }

  async #leads(): Promise<boolean> {
    // Another one may answer where this one could not listen.
    if (this.#end !== undefined) return false
    try {
      const response = await fetch(`http://${this.endpoint}/pd/api/v1/leader`)
      await response.arrayBuffer()
      return response.ok
    } catch {
      return false
    }
  }

  #failure(what: string): OrbitError {
    const { program } = this.#options
    const said = this.#output.slice(-SHOWN_CHARS).trim()
    return new OrbitError(
      'PD_UNAVAILABLE',
      `${program} ${what}${said === '' ? '' : `; it said: ${said}`}; --pd-server names the pd-server of a TiKV release`,
      { program },
    )
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
