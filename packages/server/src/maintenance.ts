/**
 * What a server does by itself at intervals.
 *
 * Invariants:
 * 1. One round at a time; the pause begins when a round has ended.
 * 2. Every step is a bounded transaction; what a round leaves waits for the next.
 * 3. A step that fails is logged, and the others still run.
 * 4. Stopping waits for no step: one that waits for a lost cluster would keep the server from ending. What is under way
 *    ends with the stores, which roll it back.
 */
import type { AddressableDirectoryProvider, ClusterNodeProvider } from '@orbit-ts/actors'
import type { Counter, Env, Logger, Metrics, Timer } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'

/** Expired leases freed in one round. */
const LEASES_MAX = 100_000

export interface MaintenanceOptions {
  readonly database: Database
  readonly directory: AddressableDirectoryProvider
  readonly nodes: ClusterNodeProvider
  readonly intervalMs: number
  readonly env: Env
  readonly logger: Logger
  readonly metrics: Metrics
}

export class Maintenance {
  readonly #options: MaintenanceOptions
  readonly #done: Counter<'step'>
  readonly #errors: Counter<'step'>
  #timer: Timer | undefined
  readonly #stopped = new AbortController()

  constructor(options: MaintenanceOptions) {
    this.#options = options
    this.#done = options.metrics.counter({
      name: 'orbit_maintenance_done_total',
      help: 'Series rolled up, points and buckets past their retention, expired leases and nodes removed.',
      labels: ['step'],
    })
    this.#errors = options.metrics.counter({
      name: 'orbit_maintenance_errors_total',
      help: 'Steps of maintenance that failed.',
      labels: ['step'],
    })
  }

  /** Begins the rounds, the first after one interval. */
  start(): void {
    this.#schedule()
  }

  /** Ends the rounds. One that is running begins no further step, and tells nobody of the one it is at. */
  stop(): void {
    this.#stopped.abort()
    this.#timer?.cancel()
  }

  /** One round. */
  async runOnce(): Promise<void> {
    const { database, directory, nodes } = this.#options
    const { signal } = this.#stopped
    await this.#step('schema', async () => {
      await database.resume()
      return 0
    })
    await this.#step('leases', () => directory.cleanupExpired({ limit: LEASES_MAX }))
    await this.#step('nodes', async () => (await nodes.cleanupExpired()).length)
    for (const name of await this.#seriesNames()) {
      await this.#step('rollups', () => database.series(name).rollUp({ signal }))
      await this.#step('retention', () => database.series(name).applyRetention({ signal }))
    }
  }

  async #seriesNames(): Promise<string[]> {
    let names: string[] = []
    await this.#step('catalog', async () => {
      names = (await this.#options.database.objects('series')).map(({ name }) => name)
      return 0
    })
    return names
  }

  async #step(step: string, work: () => Promise<number>): Promise<void> {
    if (this.#stopped.signal.aborted) return
    try {
      this.#done.add(await work(), { step })
    } catch (error) {
      if (this.#stopped.signal.aborted) return
      this.#errors.add(1, { step })
      this.#options.logger.error({ err: error, step }, 'maintenance failed')
    }
  }

  #schedule(): void {
    const { env, intervalMs } = this.#options
    this.#timer = env.timers.set(() => {
      void this.runOnce().then(() => {
        if (!this.#stopped.signal.aborted) this.#schedule()
      })
    }, intervalMs)
  }
}
