// @ts-check
/**
 * What a new user has and does: a copy of the tree, an empty npm cache, a shell, and Ctrl-C.
 */
import { execFileSync, spawn } from 'node:child_process'
import { constants, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

/**
 * Copies the files that are tracked, or would be: what a clone of the next commit has.
 * @param {string} from @param {string} to
 */
export function copyTree(from, to) {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: from,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  for (const path of listed.split('\0')) {
    if (path === '' || !existsSync(join(from, path))) continue
    mkdirSync(dirname(join(to, path)), { recursive: true })
    copyFileSync(join(from, path), join(to, path), constants.COPYFILE_EXCL)
  }
}

/**
 * The environment of a shell in which nothing of this run is left: neither what npm sets for its scripts nor the test
 * runner's. How to reach a registry stays.
 * @param {Record<string, string>} added
 */
export function freshEnvironment(added) {
  const kept = /^npm_config_(registry|https?_proxy|proxy|noproxy|cafile|userconfig|globalconfig)$/i
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|ORBIT_|NODE_TEST_CONTEXT$|INIT_CWD$)/i.test(name) || kept.test(name),
  )
  return { ...Object.fromEntries(entries), ...added }
}

/** @param {number} port @returns {Promise<boolean>} */
export function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A command line in a terminal of its own. */
export class Terminal {
  #output = ''
  #isOver = false
  /** @type {Set<() => void>} */
  #watchers = new Set()
  #child
  #over

  /** @param {string} command @param {{ cwd: string, env: NodeJS.ProcessEnv }} options */
  constructor(command, options) {
    // A process group of its own, so that Ctrl-C reaches what a terminal would send it to, and nothing else.
    this.#child = spawn(command, {
      ...options,
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        this.#output += text
        for (const watch of this.#watchers) watch()
      })
    }
    // `close` comes when no process of the command holds the output any more.
    this.#over = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', () => resolve(undefined))
    }).finally(() => {
      this.#isOver = true
      for (const watch of this.#watchers) watch()
    })
  }

  /** Everything printed so far. */
  get output() {
    return this.#output
  }

  /**
   * Waits until the output matches.
   * @param {RegExp} pattern @returns {Promise<RegExpExecArray>}
   */
  waitFor(pattern) {
    return new Promise((resolve, reject) => {
      const watch = () => {
        const match = pattern.exec(this.#output)
        if (match === null && !this.#isOver) return
        this.#watchers.delete(watch)
        if (match !== null) resolve(match)
        else reject(new Error(`the command ended without printing ${pattern}; it printed:\n${this.#output}`))
      }
      this.#watchers.add(watch)
      watch()
    })
  }

  /** Ctrl-C: every process of the command gets SIGINT. Resolves when all of them have ended. */
  async interrupt() {
    this.#signal('SIGINT')
    await this.#over
  }

  /** Leaves nothing running, whatever happened. */
  async end() {
    if (!this.#isOver) this.#signal('SIGKILL')
    await this.#over.catch(() => undefined)
  }

  /** @param {NodeJS.Signals} name */
  #signal(name) {
    const { pid } = this.#child
    if (pid !== undefined) process.kill(-pid, name)
  }
}
