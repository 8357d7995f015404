import type { ClientCore } from '../../core/client-core.js'
import { Context } from '../../gen/kvrpcpb.js'
import { callByKey, forEachBatch } from '../../region/by-region.js'
import type {
  RegionRequest,
  RegionResponse,
  RegionVersion,
  SendOptions,
} from '../../region/region-request.js'
import type { Backoffer } from '../../retry/backoffer.js'
import type { KvMethod } from '../../rpc/method.js'
import type { ExecDetails } from '../../telemetry/exec-details.js'

/** Who calls: what every request of one piece of work has in common. */
export interface Caller {
  readonly core: ClientCore
  readonly backoffer: Backoffer
  readonly details: ExecDetails | undefined
}

const REGIONS_AT_ONCE = 64

/** The context of requests that change locks. */
export function writeContext(core: ClientCore): Context {
  return Context.fromPartial({ maxExecutionDurationMs: BigInt(core.config.writeTimeout) })
}

/** Sends to a region once. Undefined after a region error, when the wait that it asks for is over. */
export async function callRegion<Request extends RegionRequest, Response extends RegionResponse>(
  caller: Caller,
  region: RegionVersion,
  method: KvMethod<Request, Response>,
  request: Request,
): Promise<Response | undefined> {
  const { core, backoffer } = caller
  const outcome = await core.sender.send(backoffer, region, method, request, sendOptions(caller))
  if (outcome.regionError === undefined) return outcome.response
  await core.regions.backoffForRegionError(backoffer, outcome.regionError)
  return undefined
}

/** Sends to the region of `key` until it answers. */
export async function callAtKey<Request extends RegionRequest, Response extends RegionResponse>(
  caller: Caller,
  key: Uint8Array,
  method: KvMethod<Request, Response>,
  request: Request,
): Promise<Response> {
  const { regions, sender } = caller.core
  const options = sendOptions(caller)
  const answer = await callByKey({
    regions,
    sender,
    backoffer: caller.backoffer,
    key,
    method,
    request,
    options,
  })
  return answer.response
}

/** Sends the keys of each region in one request, the regions at once, until every key was answered for. */
export async function callByRegion<Request extends RegionRequest, Response extends RegionResponse>(
  caller: Caller,
  keys: readonly Uint8Array[],
  method: KvMethod<Request, Response>,
  request: (keys: readonly Uint8Array[]) => Request,
  onResponse: (response: Response, keys: readonly Uint8Array[]) => void,
): Promise<void> {
  const { regions, sender } = caller.core
  await forEachBatch<Uint8Array>({
    regions,
    backoffer: caller.backoffer,
    items: keys,
    keyOf: (key) => key,
    concurrency: REGIONS_AT_ONCE,
    work: async ({ region, items }, backoffer) => {
      const outcome = await sender.send(backoffer, region, method, request(items), sendOptions(caller))
      if (outcome.regionError !== undefined) return { items, regionError: outcome.regionError }
      onResponse(outcome.response, items)
      return undefined
    },
  })
}

function sendOptions({ core, details }: Caller): SendOptions {
  return { timeoutMs: core.config.requestTimeout, details }
}
