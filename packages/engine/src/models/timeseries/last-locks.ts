import { queueWrite } from '../../txn/write-queue.js'
import type { ModelContext } from '../model.js'
import { openSeries, type OpenSeries } from './open-series.js'

/**
 * The guards that the latest attempt of a step came to. The next attempt locks them first: a lock that is taken before
 * anything is read waits for others and then shows what they have done, where a later one would conflict with them.
 */
export class LastLocks {
  #keys: readonly Uint8Array[] = []

  /** Runs a step, or an attempt of it, in its transaction. */
  inStep<T>(context: ModelContext, name: string, work: (series: OpenSeries) => Promise<T>): Promise<T> {
    return queueWrite(context, async () => {
      if (this.#keys.length > 0) await context.storage.lock(this.#keys)
      const series = await openSeries(context, name, 'write')
      try {
        return await work(series)
      } finally {
        this.#keys = series.guards.excluded
      }
    })
  }

  /** The step has committed. */
  forget(): void {
    this.#keys = []
  }
}
