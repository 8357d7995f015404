import type { Env } from '@orbit-ts/base'
import { SingleBar } from 'cli-progress'
import { note } from './print.js'

/** Tells the person at the terminal how far something is, on standard error. */
export interface Progress {
  /** `text` is what is known besides, such as the number of records. */
  update(done: number, text: string): void
  /** Nothing more is coming. Harmless when called again. */
  end(): void
}

/** Without a terminal a line is written this often at most. */
const LINE_INTERVAL_MS = 5000

/** A bar on a terminal when the total is known; otherwise a line now and then. */
export function startProgress(env: Env, label: string, total: number | undefined): Progress {
  return process.stderr.isTTY && total !== undefined ? new Bar(label, total) : new Lines(env, label, total)
}

class Bar implements Progress {
  readonly #bar: SingleBar
  #isRunning = true

  constructor(label: string, total: number) {
    this.#bar = new SingleBar({
      format: `${label.replaceAll('{', '(').replaceAll('}', ')')} [{bar}] {percentage}% | {text}`,
      stream: process.stderr,
      clearOnComplete: true,
      barsize: 30,
    })
    this.#bar.start(total, 0, { text: '' })
  }

  update(done: number, text: string): void {
    this.#bar.update(done, { text })
  }

  end(): void {
    if (this.#isRunning) this.#bar.stop()
    this.#isRunning = false
  }
}

class Lines implements Progress {
  readonly #env: Env
  readonly #label: string
  readonly #total: number | undefined
  #nextMs: number

  constructor(env: Env, label: string, total: number | undefined) {
    this.#env = env
    this.#label = label
    this.#total = total
    this.#nextMs = env.clock.monotonicMs() + LINE_INTERVAL_MS
  }

  update(done: number, text: string): void {
    const nowMs = this.#env.clock.monotonicMs()
    if (nowMs < this.#nextMs) return
    this.#nextMs = nowMs + LINE_INTERVAL_MS
    const share = this.#total === undefined ? '' : ` ${Math.floor((100 * done) / Math.max(1, this.#total))}%,`
    note(`${this.#label}:${share} ${text}`)
  }

  end(): void {
    // The command says itself how it ended.
  }
}
