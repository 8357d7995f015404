import type { Error as RegionError } from '../gen/errorpb.js'
import type { KeyRange } from '../key-range.js'
import type { Backoffer } from '../retry/backoffer.js'
import type { KvMethod } from '../rpc/method.js'
import type { RegionLocator, RegionPart } from './region-locator.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionSender,
  RegionVersion,
  SendOptions,
  SendOutcome,
} from './region-request.js'
import { runBounded, type WorkScope } from './run-bounded.js'
import { markUndetermined } from './undetermined.js'

/** Items of one region, as many as go into one request. */
export interface RegionBatch<Item> {
  readonly region: RegionVersion
  readonly items: readonly Item[]
  /** Items of the same call that lie in the region; the batch is a part of them. */
  readonly regionItemCount: number
  /** How often these items were sent before: 0 at first, so that `attempt > 0` means that regions changed. */
  readonly attempt: number
}

/**
 * Items to send again. With a region error the helper first waits as the error asks; without one the work has waited by
 * itself (for a lock, say).
 */
export interface Again<Item> {
  readonly items: readonly Item[]
  readonly regionError: RegionError | undefined
}

export interface BatchWork<Item> {
  readonly regions: RegionLocator
  readonly backoffer: Backoffer
  readonly items: readonly Item[]
  keyOf(item: Item): Uint8Array
  /** Bytes that the item takes of a request. Default 0. */
  sizeOf?(item: Item): number
  /** A batch ends with the item that brings it to this many bytes or beyond. Default: no limit. */
  readonly batchBytesMax?: number | undefined
  readonly batchItemsMax?: number | undefined
  /** Batches under way at once. */
  readonly concurrency: number
  /** False lets all batches run although one failed (raw writes). Default true. */
  readonly cancelOnError?: boolean | undefined
  /**
   * Sends one batch. `backoffer` is this batch's own when there are several; its signal ends when another batch fails.
   * Gives the items to send again, or undefined when all are done.
   */
  work(batch: RegionBatch<Item>, backoffer: Backoffer): Promise<Again<Item> | undefined>
}

/**
 * Runs work over items grouped by region in batches of limited size, a few at once. Items that come back are located
 * and split anew, without recursion. The first error wins; it is thrown when every batch under way has ended.
 *
 * Errors: those of the work, of the backoffer and of locating.
 */
export async function forEachBatch<Item>(work: BatchWork<Item>): Promise<void> {
  if (work.items.length === 0) return
  let batches = await splitIntoBatches(work, work.backoffer, work.items, 0)
  for (let only = batches[0]; only !== undefined && batches.length === 1; only = batches[0])
    batches = await runBatch(work, only, work.backoffer)
  if (batches.length > 0) await runBatches(work, batches)
}

/**
 * Groups the items by region (in the order of the first item of each) and cuts each group. The order of items within a
 * region is kept.
 */
export async function splitIntoBatches<Item>(
  work: Pick<BatchWork<Item>, 'regions' | 'keyOf' | 'sizeOf' | 'batchBytesMax' | 'batchItemsMax'>,
  backoffer: Backoffer,
  items: readonly Item[],
  attempt = 0,
): Promise<RegionBatch<Item>[]> {
  const groups = await work.regions.groupKeys(
    backoffer,
    items.map((item) => work.keyOf(item)),
  )
  const batches: RegionBatch<Item>[] = []
  for (const { region, indexes } of groups) {
    const own = groups.length === 1 ? items : indexes.map((index) => items[index] as Item)
    for (const cut of cutBySize(own, work))
      batches.push({ region, items: cut, regionItemCount: own.length, attempt })
  }
  return batches
}

/** Cuts items into runs that end with the item that reaches a limit. One run, the array itself, when none does. */
export function cutBySize<Item>(
  items: readonly Item[],
  limits: Pick<BatchWork<Item>, 'sizeOf' | 'batchBytesMax' | 'batchItemsMax'>,
): readonly (readonly Item[])[] {
  const bytesMax = limits.batchBytesMax ?? Number.POSITIVE_INFINITY
  const itemsMax = limits.batchItemsMax ?? Number.POSITIVE_INFINITY
  if (items.length <= itemsMax && (bytesMax === Number.POSITIVE_INFINITY || limits.sizeOf === undefined))
    return items.length === 0 ? [] : [items]
  const cuts: (readonly Item[])[] = []
  let start = 0
  let bytes = 0
  for (let index = 0; index < items.length; index++) {
    bytes += limits.sizeOf?.(items[index] as Item) ?? 0
    if (bytes < bytesMax && index + 1 - start < itemsMax) continue
    cuts.push(items.slice(start, index + 1))
    start = index + 1
    bytes = 0
  }
  if (start === 0) return items.length === 0 ? [] : [items]
  if (start < items.length) cuts.push(items.slice(start))
  return cuts
}

interface BatchTask<Item> {
  readonly batch: RegionBatch<Item>
  readonly backoffer: Backoffer
}

async function runBatches<Item>(work: BatchWork<Item>, batches: readonly RegionBatch<Item>[]): Promise<void> {
  // What one batch sleeps must not shorten the patience of the next: all start from what was slept before.
  const origin = work.backoffer.fork()
  await runBounded<BatchTask<Item>>({
    tasks: batches.map((batch) => ({ batch, backoffer: origin })),
    concurrency: work.concurrency,
    signal: work.backoffer.signal,
    cancelOnError: work.cancelOnError,
    run: async ({ batch, backoffer }, scope) => {
      const own = backoffer === origin ? origin.fork(scope.signal) : backoffer
      const again = await runBatch(work, batch, own)
      work.backoffer.merge(own)
      for (const next of again)
        scope.push({ batch: next, backoffer: again.length === 1 ? own : own.fork(scope.signal) })
    },
  })
}

async function runBatch<Item>(
  work: BatchWork<Item>,
  batch: RegionBatch<Item>,
  backoffer: Backoffer,
): Promise<RegionBatch<Item>[]> {
  const again = await work.work(batch, backoffer)
  if (again === undefined || again.items.length === 0) return []
  if (again.regionError !== undefined) await work.regions.backoffForRegionError(backoffer, again.regionError)
  return splitIntoBatches(work, backoffer, again.items, batch.attempt + 1)
}

export interface RangeWork {
  readonly regions: RegionLocator
  readonly backoffer: Backoffer
  readonly range: KeyRange
  /** Parts under way at once. */
  readonly concurrency: number
  readonly cancelOnError?: boolean | undefined
  /** Handles the part of the range in one region; gives the region error that asks to locate it again. */
  work(part: RegionPart, backoffer: Backoffer): Promise<RegionError | undefined>
}

/** Regions located at once for a range. */
const PARTS_PER_LOOKUP = 128

interface RangeTask {
  readonly range: KeyRange
  /** Located already. */
  readonly part: RegionPart | undefined
  readonly backoffer: Backoffer
}

/**
 * Runs work over the parts of a range in its regions, a few at once, and locates a part anew after a region error.
 * Regions are looked up as the work goes on, not all at first. Errors as {@link forEachBatch}.
 */
export async function forEachPart(work: RangeWork): Promise<void> {
  await runBounded<RangeTask>({
    tasks: [{ range: work.range, part: undefined, backoffer: work.backoffer }],
    concurrency: work.concurrency,
    signal: work.backoffer.signal,
    cancelOnError: work.cancelOnError,
    run: async (task, scope) => {
      const backoffer = task.backoffer === work.backoffer ? work.backoffer.fork(scope.signal) : task.backoffer
      if (task.part === undefined) await locateParts(work, task.range, backoffer, scope)
      else await runPart(work, task.part, backoffer, scope)
      work.backoffer.merge(backoffer)
    },
  })
}

async function locateParts(
  work: RangeWork,
  range: KeyRange,
  backoffer: Backoffer,
  scope: WorkScope<RangeTask>,
): Promise<void> {
  const parts = await work.regions.splitRange(backoffer, range, PARTS_PER_LOOKUP)
  for (const part of parts) scope.push({ range: part.range, part, backoffer: backoffer.fork(scope.signal) })
  const last = parts.at(-1)
  if (parts.length < PARTS_PER_LOOKUP || last === undefined) return
  if (last.range.end.byteLength === 0 || Buffer.compare(last.range.end, range.end) === 0) return
  scope.push({
    range: { start: last.range.end, end: range.end },
    part: undefined,
    backoffer: backoffer.fork(scope.signal),
  })
}

async function runPart(
  work: RangeWork,
  part: RegionPart,
  backoffer: Backoffer,
  scope: WorkScope<RangeTask>,
): Promise<void> {
  const regionError = await work.work(part, backoffer)
  if (regionError === undefined) return
  await work.regions.backoffForRegionError(backoffer, regionError)
  scope.push({ range: part.range, part: undefined, backoffer })
}

export interface KeyedCall<Request extends RegionRequest, Response extends RegionResponse> {
  readonly regions: RegionLocator
  readonly sender: RegionSender
  readonly backoffer: Backoffer
  readonly key: Uint8Array
  readonly method: KvMethod<Request, Response>
  readonly request: Request
  readonly options: SendOptions
}

export interface KeyedAnswer<Response> {
  readonly response: Response
  readonly region: RegionVersion
  readonly storeId: bigint
  /** Some attempt's answer was lost before this one came. */
  readonly transportFailed: boolean
}

/**
 * Sends a request to the region of one key until it answers, locating the key anew after each region error; attempts
 * after a lost answer carry `is_retry_request`.
 *
 * Errors: as `RegionSender.send`; `sendFailureIsUndetermined` counts every attempt.
 */
export async function callByKey<Request extends RegionRequest, Response extends RegionResponse>(
  call: KeyedCall<Request, Response>,
): Promise<KeyedAnswer<Response>> {
  const { regions, backoffer, key } = call
  let transportFailed = false
  let attempt = 0
  try {
    for (;;) {
      const region = regions.cached(key) ?? (await regions.locate(backoffer, key))
      const outcome = await sendOnce(call, region, attempt)
      transportFailed ||= outcome.transportFailed
      if (outcome.regionError === undefined)
        return { response: outcome.response, region, storeId: outcome.storeId, transportFailed }
      attempt += 1
      await regions.backoffForRegionError(backoffer, outcome.regionError)
    }
  } catch (error) {
    if (transportFailed) markUndetermined(error)
    throw error
  }
}

function sendOnce<Request extends RegionRequest, Response extends RegionResponse>(
  call: KeyedCall<Request, Response>,
  region: RegionVersion,
  attempt: number,
): Promise<SendOutcome<Response>> {
  const options = attempt === 0 ? call.options : { ...call.options, retry: true }
  return call.sender.send(call.backoffer, region, call.method, call.request, options)
}
