import type { Env } from '@orbit-ts/base'

/** Bytes of a statement's text that others are shown: PostgreSQL's `track_activity_query_size`. */
const SHOWN_CHARACTERS_MAX = 1024

/** What `pg_stat_activity` shows of a session. Times are microseconds since 1970. */
export class SessionActivity {
  readonly startedMicros: number
  readonly #env: Env
  #queryMicros: number | undefined
  #changedMicros: number
  #text = ''
  #isRunning = false

  constructor(env: Env) {
    this.#env = env
    this.startedMicros = env.clock.nowMs() * 1000
    this.#changedMicros = this.startedMicros
  }

  get queryMicros(): number | undefined {
    return this.#queryMicros
  }

  /** When it last began or ended a statement. */
  get changedMicros(): number {
    return this.#changedMicros
  }

  /** The statement under way, or the last one. */
  get text(): string {
    return this.#text
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  begin(text: string): void {
    this.#text = text.length > SHOWN_CHARACTERS_MAX ? text.slice(0, SHOWN_CHARACTERS_MAX) : text
    this.#queryMicros = this.#env.clock.nowMs() * 1000
    this.#changedMicros = this.#queryMicros
    this.#isRunning = true
  }

  end(): void {
    this.#changedMicros = this.#env.clock.nowMs() * 1000
    this.#isRunning = false
  }
}
