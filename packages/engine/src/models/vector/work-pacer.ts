import type { Env } from '@orbit-ts/base'

/** Some milliseconds of arithmetic. */
const OPERATIONS_PER_TURN = 16_000_000

/** Lets the event loop take a turn now and then during long computations, so that others are served meanwhile. */
export class WorkPacer {
  readonly #env: Env
  #operations = 0

  constructor(env: Env) {
    this.#env = env
  }

  /** Undefined, or something to wait for, after about `operations` multiplications more. */
  done(operations: number): Promise<void> | undefined {
    this.#operations += operations
    if (this.#operations < OPERATIONS_PER_TURN) return undefined
    this.#operations = 0
    return this.#env.timers.nextTurn()
  }
}
