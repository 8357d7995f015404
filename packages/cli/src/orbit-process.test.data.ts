import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../bin/orbit.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly stdin?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly bin?: string
}

/** A directory of its own, the working directory of every command run in it; removed afterwards. */
export class Place {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async with(work: (place: Place) => Promise<void>): Promise<void> {
    const place = new Place(await mkdtemp(join(tmpdir(), 'orbit-cli-')))
    try {
      await work(place)
    } finally {
      await rm(place.path, { recursive: true, force: true, maxRetries: 3 })
    }
  }

  file(name: string, content: string | Buffer): Promise<void> {
    return writeFile(join(this.path, name), content)
  }

  read(name: string): Promise<string> {
    return readFile(join(this.path, name), 'utf8')
  }

  /** Runs `orbit` to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return new Running(this.path, args, options).ended
  }

  start(args: readonly string[], options: RunOptions = {}): Running {
    return new Running(this.path, args, options)
  }
}

export class Running {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly ended: Promise<Ended>
  #stdout = ''
  #stderr = ''

  constructor(cwd: string, args: readonly string[], { stdin, env, bin = BIN }: RunOptions) {
    // Neither this machine's Orbit settings nor the test runner's reach the command.
    const outer = Object.entries(process.env).filter(([name]) => !/^(?:ORBIT_|NODE_TEST)/.test(name))
    this.child = spawn(process.execPath, [bin, ...args], {
      cwd,
      env: { ...Object.fromEntries(outer), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    // A command may end without reading all of it.
    this.child.stdin.on('error', () => undefined).end(stdin)
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject)
      this.child.on('close', (code, signal) =>
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }),
      )
    })
  }

  /** Resolves when standard output has a match; rejects when the process ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(this.child.stdout, () => this.#stdout, pattern)
  }

  /** As `printed`, for standard error. */
  noted(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(this.child.stderr, () => this.#stderr, pattern)
  }

  #match(stream: Readable, text: () => string, pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text())
        if (match !== null) resolve(match)
      }
      stream.on('data', look)
      look()
      void this.ended.then(({ code, stdout, stderr }) =>
        reject(new Error(`ended with ${code} without printing ${String(pattern)}:\n${stdout}\n${stderr}`)),
      )
    })
  }
}
