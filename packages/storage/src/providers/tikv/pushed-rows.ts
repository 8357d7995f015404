import { OrbitError, toBinaryString } from '@orbit-ts/base'
import { checkDagPlan, type DagPlan } from '@orbit-ts/tikv'
import type { KeyRange } from '../../provider.js'
import type { PushedPlan, PushedScanOptions, PushedValue } from '../../pushdown/pushdown.js'
import { pairsIn, type OrderedMap } from '../../transaction/ordered-map.js'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import type { TikvStore } from './tikv-store.js'

/** Why the servers cannot give what a transaction with these writes would read; undefined: they can. */
export function whyNotPushed(
  plan: PushedPlan,
  ranges: readonly KeyRange[],
  writes: OrderedMap<BufferedWrite> | undefined,
): string | undefined {
  if (writes !== undefined && ranges.some((range) => hasWrites(writes, range)))
    return 'this transaction has changed rows that are read'
  try {
    checkDagPlan(dagPlan(plan, false))
    return undefined
  } catch (error) {
    return OrbitError.from(error).reason
  }
}

/** What the servers give, region by region, several at once. */
export function pushedRows(
  { client, keys }: TikvStore,
  readTs: bigint,
  plan: PushedPlan,
  ranges: readonly KeyRange[],
  { isReverse, isOrdered, signal }: PushedScanOptions,
): AsyncGenerator<PushedValue[][], void, void> {
  return client.coprocessor.dagScan(
    readTs,
    dagPlan(plan, isReverse),
    ranges.map((range) => keys.range(range)),
    { ordered: isOrdered, ...(signal && { signal }) },
  )
}

/** The client's plans are of the same shape. */
function dagPlan(plan: PushedPlan, descending: boolean): DagPlan {
  return { ...plan, descending }
}

function hasWrites(writes: OrderedMap<BufferedWrite>, { start, end }: KeyRange): boolean {
  return !pairsIn(writes, idOf(start), idOf(end)).next().done
}

function idOf(bound: Uint8Array | undefined): string | undefined {
  return bound === undefined ? undefined : toBinaryString(bound)
}
