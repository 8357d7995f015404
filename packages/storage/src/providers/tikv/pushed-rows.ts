import { OrbitError, toBinaryString } from '@orbit-ts/base'
import { checkDagPlan, type DagPlan } from '@orbit-ts/tikv'
import type { IsolationLevel, KeyRange } from '../../provider.js'
import type { PushedPlan, PushedScanOptions, PushedValue } from '../../pushdown/pushdown.js'
import { pairsIn, type OrderedMap } from '../../transaction/ordered-map.js'
import type { BufferedWrite } from '../../transaction/write-buffer.js'
import type { TikvStore } from './tikv-store.js'

/** How often transactions of one provider refused to hand a scan down, by the reason. */
export interface PushRefusals {
  serializable: number
  ownWrites: number
  /** The plan is none that the client can ask for. */
  plan: number
}

/** Why the servers cannot give what a transaction with these writes would read, counted; undefined: they can. */
export function whyNotPushed(
  refusals: PushRefusals,
  plan: PushedPlan,
  ranges: readonly KeyRange[],
  isolation: IsolationLevel,
  writes: OrderedMap<BufferedWrite> | undefined,
): string | undefined {
  if (isolation === 'serializable') {
    refusals.serializable++
    return 'a serializable transaction has to remember each row that it reads'
  }
  if (writes !== undefined && ranges.some((range) => hasWrites(writes, range))) {
    refusals.ownWrites++
    return 'this transaction has changed rows that are read'
  }
  try {
    checkDagPlan(dagPlan(plan, false))
    return undefined
  } catch (error) {
    refusals.plan++
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
