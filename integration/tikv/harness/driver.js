// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * A client of TiKV in a process of its own, driven by one JSON object a line, answered by one a line, in order.
 * Keys and values are hexadecimal; an empty `end` has no bound.
 *
 * Commands, `txn` being a name that the test gives:
 * - `begin {txn, mode}` (`optimistic`, `pessimistic`, `async`, `1pc`) → `ts`
 * - `get {txn, key}` → `value`; `batchget {txn, keys}` → `pairs`; `put {txn, key, value}`; `delete {txn, key}`
 * - `scan`, `rscan {txn, key, end, limit}` → `pairs`
 * - `lock {txn, key}`: a pessimistic lock, without waiting
 * - `prewrite {txn}`: the first half of a commit, so that the process can be killed before the second
 * - `commit {txn}` → `ts`; `rollback {txn}`
 * - `rawput {key, value, ttl}` (seconds; without: for ever); `rawttl {key}` → `result`: the seconds that are left
 * - `rawget`, `rawbatchget`, `rawbatchput {keys, values}`, `rawdelete`, `rawdeleterange {key, end}`,
 *   `rawscan {key, end, limit}`, `rawchecksum {key, end}` → `result {crc, kvs, bytes}`,
 *   `rawcas {key, value, end, mode}` (`end`: the expected value; mode `absent`: none) → `result`, `value` before
 * - `bench {mode, callers, seconds, size, limit}` → `result`: see bench/tikv.bench.js; there are `limit` keys
 *
 * Answers are `{ok: true, …}` or `{ok: false, error, kind}`, kind being `conflict`, `deadlock`, `exists`, `locked`,
 * `unsupported` (the client has no such call) or empty.
 *
 * @typedef {{ op: string, txn?: string, mode?: string, key?: string, value?: string, end?: string, limit?: number,
 *   keys?: string[], values?: string[], ttl?: number, callers?: number, seconds?: number, size?: number }} Command
 * @typedef {{ ok: boolean, error?: string, kind?: string, value?: string, pairs?: [string, string][], ts?: string,
 *   result?: any }} Answer
 */

/** @param {string} text */
export const hex = (text) => Buffer.from(text).toString('hex')

/** @param {string | undefined} text */
export const unhex = (text) => (text === undefined ? undefined : Buffer.from(text, 'hex').toString())

/** A command that takes longer hangs: no client retries for as long. */
const ANSWER_MS = 60_000
const END_MS = 30_000

export class Driver {
  /** @type {((answer: Answer) => void)[]} */
  #waiting = []
  #errors = ''
  #ended = false

  /**
   * @param {string} name
   * @param {readonly string[]} command
   * @param {readonly string[]} pdEndpoints
   * @param {Record<string, string>} [variables]  of its environment
   */
  constructor(name, command, pdEndpoints, variables = {}) {
    this.name = name
    const [file = '', ...options] = command
    this.child = spawn(file, [...options, ...pdEndpoints], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...variables },
    })
    this.exited = once(this.child, 'exit')
    this.child.stdin.on('error', () => undefined)
    this.child.stderr.on('data', (data) => (this.#errors = (this.#errors + String(data)).slice(-4000)))
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.#waiting.shift()?.(JSON.parse(line))
    })
    const end = () => {
      this.#ended = true
      for (const answer of this.#waiting.splice(0)) answer(this.#gone())
    }
    this.child.on('exit', end)
    this.child.on('error', end)
  }

  /** The answer as it is, failures too. @param {Command} command @returns {Promise<Answer>} */
  ask(command) {
    return new Promise((resolve) => {
      if (this.#ended) return resolve(this.#gone())
      const timer = setTimeout(
        () =>
          resolve({
            ok: false,
            error: `${this.name} did not answer ${command.op} within ${ANSWER_MS} ms`,
            kind: 'hang',
          }),
        ANSWER_MS + 1000 * (command.seconds ?? 0),
      )
      this.#waiting.push((answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      this.child.stdin.write(`${JSON.stringify(command)}\n`)
    })
  }

  /** The answer of a command that must succeed. @param {Command} command @returns {Promise<Answer>} */
  async run(command) {
    const answer = await this.ask(command)
    if (answer.ok) return answer
    throw new Error(`${this.name}: ${JSON.stringify(command)}: ${answer.error} ${this.#errors}`, {
      cause: answer,
    })
  }

  /** Ends the process as a crash does. */
  async kill() {
    if (this.#ended) return
    this.child.kill('SIGKILL')
    await this.exited
  }

  /** Ours must come to its end by itself: what it leaves open would keep it alive. */
  async close() {
    this.child.stdin.end()
    if (this.name !== 'ours' || this.#ended) return this.kill()
    const timer = setTimeout(() => this.child.kill('SIGKILL'), END_MS)
    const [code, signal] = await this.exited
    clearTimeout(timer)
    if (code !== 0) throw new Error(`${this.name} ended with ${signal ?? code}: ${this.#errors}`)
  }

  /** @returns {Answer} */
  #gone() {
    return { ok: false, error: `${this.name} has ended: ${this.#errors}`, kind: 'gone' }
  }
}
