import { compareBytes, EMPTY_BYTES, hasCode, OrbitError, toBinaryString } from '@orbit-ts/base'
import type { ClientCore } from '../core/client-core.js'
import { forEachBatch, type Again, type RegionBatch } from '../region/by-region.js'
import { runBounded } from '../region/run-bounded.js'
import { BackoffBudgets, BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'

const KEYS_PER_REQUEST = 2048
const REGIONS_AT_ONCE = 16
const SCATTER = 'scatter-region'

/** Of `splitRegions`. */
export interface SplitOptions {
  /** Asks PD to spread the new regions over the stores. Default false. */
  readonly scatter?: boolean | undefined
  /** How long to wait until they are spread, milliseconds. Default 0: PD does it later. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** What `splitRegions` made. */
export interface SplitResult {
  /** The regions that the splits made. A key that begins a region already makes none. */
  readonly regionIds: readonly bigint[]
  /** Those that PD was still moving when the wait ended. */
  readonly scattering: readonly bigint[]
}

/**
 * Cuts regions before each of the keys.
 * @throws `INVALID_ARGUMENT` (an empty key), `REGION_UNAVAILABLE`, `STORE_UNAVAILABLE`, `PD_UNAVAILABLE`,
 *   `PD_REFUSED`, `ABORTED`. Regions that were cut before stay so.
 */
export async function splitRegions(
  core: ClientCore,
  keys: readonly Uint8Array[],
  isRawKv: boolean,
  options: SplitOptions = {},
): Promise<SplitResult> {
  if (keys.some((key) => key.length === 0)) {
    throw new OrbitError('INVALID_ARGUMENT', 'keys: an empty key cannot cut a region; leave it out')
  }
  const { signal, waitMs = 0 } = options
  const backoffer = core.backoffer(BackoffBudgets.splitRegion, signal)
  const run: SplitRun = { core, isRawKv, made: new Set(), unanswered: new Set() }
  await forEachBatch({
    regions: core.regions,
    backoffer,
    items: distinct(keys),
    keyOf: (key) => key,
    batchItemsMax: KEYS_PER_REQUEST,
    concurrency: REGIONS_AT_ONCE,
    work: (batch, own) => splitBatch(run, batch, own),
  })
  const regionIds = [...run.made]
  if (options.scatter !== true) return { regionIds, scattering: [] }
  await scatterAll(core, regionIds, backoffer)
  return {
    regionIds,
    scattering: waitMs > 0 ? await waitForScatter(core, regionIds, waitMs, signal) : regionIds,
  }
}

interface SplitRun {
  readonly core: ClientCore
  readonly isRawKv: boolean
  readonly made: Set<bigint>
  /** Keys of a split whose answer was lost: it may have been done. */
  readonly unanswered: Set<string>
}

async function splitBatch(
  { core, isRawKv, made, unanswered }: SplitRun,
  { region, items }: RegionBatch<Uint8Array>,
  backoffer: Backoffer,
): Promise<Again<Uint8Array> | undefined> {
  const begins = (key: Uint8Array): boolean => compareBytes(key, region.startKey) === 0
  if (items.some((key) => begins(key) && unanswered.has(toBinaryString(key)))) made.add(region.id)
  const splitKeys = items.filter((key) => !begins(key))
  if (splitKeys.length === 0) return undefined
  const outcome = await core.sender.send(
    backoffer,
    region,
    tikvMethods.splitRegion,
    { context: undefined, splitKey: EMPTY_BYTES, splitKeys, isRawKv },
    { timeoutMs: core.config.requestTimeout },
  )
  if (outcome.transportFailed) for (const key of splitKeys) unanswered.add(toBinaryString(key))
  if (outcome.regionError !== undefined) return { items: splitKeys, regionError: outcome.regionError }
  // The last one keeps the identity of the region that was cut.
  for (const { id } of outcome.response.regions.slice(0, -1)) made.add(id)
  return undefined
}

async function scatterAll(core: ClientCore, ids: readonly bigint[], backoffer: Backoffer): Promise<void> {
  await runBounded({
    tasks: ids,
    concurrency: REGIONS_AT_ONCE,
    signal: backoffer.signal,
    run: (id, { signal }) => scatter(core, id, backoffer.fork(signal)),
  })
}

/** A region that was made just now may be unknown to PD for a moment. */
async function scatter(core: ClientCore, id: bigint, backoffer: Backoffer): Promise<void> {
  for (;;) {
    try {
      await core.pd.scatterRegions([id], { signal: backoffer.signal })
      return
    } catch (error) {
      if (!hasCode(error, 'PD_REFUSED') && !hasCode(error, 'PD_UNAVAILABLE')) throw error
      await backoffer.backoff(BackoffKinds.pdRpc, error)
    }
  }
}

async function waitForScatter(
  core: ClientCore,
  ids: readonly bigint[],
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<readonly bigint[]> {
  const unfinished = new Set(ids)
  const patience = core.backoffer(waitMs, signal)
  await runBounded({
    tasks: ids,
    concurrency: REGIONS_AT_ONCE,
    signal,
    run: async (id, scope) => {
      if (await isSettled(core, id, patience.fork(scope.signal))) unfinished.delete(id)
    },
  })
  return [...unfinished]
}

/** False when the patience is over first. */
async function isSettled(core: ClientCore, id: bigint, backoffer: Backoffer): Promise<boolean> {
  for (;;) {
    try {
      const operator = await core.pd.getOperator(id, { signal: backoffer.signal })
      if (operator?.description !== SCATTER || operator.status !== 'running') return true
    } catch (error) {
      if (!hasCode(error, 'PD_REFUSED') && !hasCode(error, 'PD_UNAVAILABLE')) throw error
    }
    try {
      await backoffer.backoff(BackoffKinds.regionMiss, `region ${id} is being scattered`)
    } catch (error) {
      if (hasCode(error, 'REGION_UNAVAILABLE')) return false
      throw error
    }
  }
}

function distinct(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(keys.map((key) => [toBinaryString(key), key])).values()]
}
