/**
 * How much may be done between two turns of the event loop. On an engine that answers at once nothing of a transaction
 * leaves the queue of microtasks, so a program that runs one after another would keep timers and sockets waiting for
 * ever, the pause before its own retry included.
 *
 * Invariant: once the budget is spent, all who ask wait for the same turn, however many they are.
 */
import type { Env } from '@orbit-ts/base'

/** A unit is about a microsecond. */
const UNITS_PER_TURN = 4096

export class TurnBudget {
  readonly #env: Env
  #left = UNITS_PER_TURN
  #turn: Promise<void> | undefined

  constructor(env: Env) {
    this.#env = env
  }

  /** A promise when the caller has to let others have a turn first. */
  spend(units: number): Promise<void> | undefined {
    this.#left -= units
    if (this.#left > 0) return undefined
    this.#turn ??= this.#env.timers.nextTurn().then(() => {
      this.#turn = undefined
      this.#left = UNITS_PER_TURN
    })
    return this.#turn
  }
}
