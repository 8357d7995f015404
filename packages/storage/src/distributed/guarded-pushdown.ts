import { OrbitError } from '@orbit-ts/base'
import type { KeyRange } from '../provider.js'
import type {
  PushedPlan,
  PushedRefusal,
  PushedScanOptions,
  PushedValue,
  Pushdown,
} from '../pushdown/pushdown.js'
import { checkRange } from '../transaction/arguments.js'
import { meetsReserved } from './distributed-keys.js'

/** The transaction that it belongs to. */
export interface PushdownGuard {
  /** Of the store's own transaction, which may be begun again before the first read. */
  inner(): Pushdown
  /** What comes before every read. */
  beforeScan(ranges: readonly KeyRange[]): Promise<void>
}

/**
 * What the store does beside its data, of rows as the guarded transaction reads them. Intents are not among the rows, so
 * the servers see what its own scans see once what was decided is applied.
 */
export class GuardedPushdown implements Pushdown {
  readonly #guard: PushdownGuard

  constructor(guard: PushdownGuard) {
    this.#guard = guard
  }

  scan(
    plan: PushedPlan,
    ranges: readonly KeyRange[],
    options: PushedScanOptions,
  ): AsyncIterable<PushedValue[][]> | PushedRefusal {
    for (const range of ranges) checkRange(range)
    if (ranges.some(meetsReserved)) return { refused: 'the range holds keys of transactions across stores' }
    // Asked only whether it would: it is begun once the transaction has looked around.
    const asked = this.#guard.inner().scan(plan, ranges, options)
    if ('refused' in asked) return asked
    return this.#rows(plan, ranges, options)
  }

  async *#rows(
    plan: PushedPlan,
    ranges: readonly KeyRange[],
    options: PushedScanOptions,
  ): AsyncGenerator<PushedValue[][]> {
    await this.#guard.beforeScan(ranges)
    const rows = this.#guard.inner().scan(plan, ranges, options)
    if ('refused' in rows) throw new OrbitError('STORE_REFUSED', rows.refused)
    yield* rows
  }
}
