import { delay, type Env } from '@orbit-ts/base'
import { harmers, type Victims } from './cluster-faults.js'
import type { Dice } from './dice.js'

interface Pending {
  readonly dueMs: number
  readonly run: () => void | Promise<void>
}

/**
 * Does random harm to a cluster until it is stopped.
 *
 * Invariants:
 * 1. After `stop` all harm that lasts was undone.
 * 2. What is done depends on the dice, and on the state of the cluster at that moment.
 */
export class FaultScheduler {
  /** What was done, with the milliseconds since the start. */
  readonly log: string[] = []
  readonly #env: Env
  readonly #victims: Victims
  readonly #dice: Dice
  readonly #stop = new AbortController()
  #healing: Pending[] = []
  #running: Promise<void> = Promise.resolve()

  constructor(env: Env, victims: Victims, dice: Dice) {
    this.#env = env
    this.#victims = victims
    this.#dice = dice
  }

  /** @param pauseMs The longest between two faults. */
  start(pauseMs: number): void {
    this.#running = this.#run(pauseMs)
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#heal(Infinity)
    const { cluster } = this.#victims
    cluster.faults.clear()
    for (const { region, leader } of [...cluster.state.regions()]) {
      if (leader === undefined) cluster.state.elect(region.id)
    }
  }

  async #run(pauseMs: number): Promise<void> {
    const startedMs = this.#env.clock.monotonicMs()
    while (!this.#stop.signal.aborted) {
      await delay(this.#env, this.#dice.between(1, pauseMs), this.#stop.signal).catch(() => undefined)
      const nowMs = this.#env.clock.monotonicMs()
      await this.#heal(nowMs)
      if (this.#stop.signal.aborted) return
      const harm = await this.#dice.pick(harmers)(this.#victims, this.#dice)
      if (harm === undefined) continue
      this.log.push(`${nowMs - startedMs} ms: ${harm.what}`)
      if (harm.heal !== undefined)
        this.#healing.push({ dueMs: nowMs + harm.heal.afterMs, run: harm.heal.run })
    }
  }

  async #heal(nowMs: number): Promise<void> {
    const due = this.#healing.filter(({ dueMs }) => dueMs <= nowMs)
    this.#healing = this.#healing.filter(({ dueMs }) => dueMs > nowMs)
    for (const { run } of due) await run()
  }
}
