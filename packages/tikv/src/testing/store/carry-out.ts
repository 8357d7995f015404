import { EMPTY_BYTES, toHex } from '@orbit-ts/base'
import { encodeMemcomparable } from '../../codec/memcomparable.js'
import { APIVersion, Context, DiskFullOpt } from '../../gen/kvrpcpb.js'
import type { Region } from '../../gen/metapb.js'
import { MAX_TIMESTAMP, type Timestamp } from '../../timestamp.js'
import { contains, decodeBound } from '../encoded-key.js'
import type { Bounds } from '../mvcc/mvcc-state.js'
import { RawError } from '../raw/raw-store.js'
import { refuseApiVersion, type CommandKind } from './api-mode.js'
import type { Operation, OperationScope } from './operation.js'
import { checkRegion, type CheckedRegion } from './region-check.js'
import { regionErrors, RegionRefusal } from './region-refusal.js'
import { safeTsOf } from './safe-ts.js'
import type { StoreScope } from './store-scope.js'
import type { StoreSettings } from './store-settings.js'

const KEY_BYTES_MAX = 8 * 1024

/** A command on its way through a store's checks. */
export interface Undertaking {
  readonly scope: StoreScope
  readonly settings: StoreSettings
  readonly storeId: bigint
  readonly operation: Operation
  readonly request: unknown
  readonly applyDelayMs: number
}

/** Checks a region-bound command as TiKV does, in its order, and carries it out. @throws RegionRefusal */
export async function carryOut(undertaking: Undertaking): Promise<unknown> {
  const { operation, request, scope } = undertaking
  const context = operation.context(request) ?? Context.create()
  const refused = refuseMode(undertaking, context) ?? refuseKeySize(undertaking)
  if (refused !== undefined) return operation.failed(refused)
  requireIdle(undertaking, context)
  const check = { ...operation.check, readTs: operation.readTs(request) }
  const checked = checkRegion(scope.cluster, undertaking.storeId, context, check)
  const { region } = checked.state
  const bounds = boundsOf(scope.apiVersion, operation.kind, region)
  if (operation.check.isRead && context.staleRead) requireSafeTs(undertaking, checked, bounds)
  requireKeys(operation, request, bounds, region, isPlain(scope.apiVersion, operation.kind))
  const outside = operation.scanned(request).find(([start, end]) => leaves(bounds, start, end))
  if (outside !== undefined) return operation.failed(invalidRange(outside, region))
  if (operation.method.writes) requireRoom(undertaking, context, region)
  const revalidate = (): void => {
    checkRegion(scope.cluster, undertaking.storeId, context, operation.check)
  }
  const call: OperationScope['call'] = { applyDelayMs: undertaking.applyDelayMs, revalidate }
  try {
    return await operation.run({ ...scope, bounds, regionId: region.id, call }, request)
  } catch (error) {
    if (error instanceof RawError) return operation.failed(error.message)
    throw error
  }
}

/** A region's keys as a command has them. */
export function boundsOf(apiVersion: APIVersion, kind: CommandKind, region: Region): Bounds {
  if (isPlain(apiVersion, kind)) return { start: region.startKey, end: region.endKey }
  return { start: decodeBound(region.startKey), end: decodeBound(region.endKey) }
}

/** Raw keys are stored as they are, but for API V2. */
function isPlain(apiVersion: APIVersion, kind: CommandKind): boolean {
  return kind === 'raw' && apiVersion !== APIVersion.V2
}

function refuseMode({ operation, request, scope }: Undertaking, context: Context): string | undefined {
  if (operation.anyApiVersion) return undefined
  return refuseApiVersion(
    scope.apiVersion,
    context.apiVersion,
    operation.method.batchCase ?? operation.method.name,
    operation.kind,
    operation.keys(request),
    operation.ranges(request),
  )
}

function refuseKeySize({ operation, request }: Undertaking): string | undefined {
  if (!operation.limitsKeySize) return undefined
  const encoded = operation.kind === 'txn'
  const sizes = operation.keys(request).map((key) => (encoded ? encodeMemcomparable(key).length : key.length))
  const size = sizes.find((candidate) => candidate > KEY_BYTES_MAX)
  if (size === undefined) return undefined
  return `Error(KeyTooLarge { size: ${size}, limit: ${KEY_BYTES_MAX} }): max key size exceeded, size: ${size}, limit: ${KEY_BYTES_MAX}`
}

/** A caller may say how long it is ready to wait before it rather asks another replica. */
function requireIdle({ operation, settings }: Undertaking, context: Context): void {
  const { estimatedWaitMs } = settings
  if (!operation.check.isRead || context.busyThresholdMs === 0) return
  if (estimatedWaitMs <= context.busyThresholdMs) return
  throw new RegionRefusal(
    regionErrors.serverIsBusy('estimated wait time exceeds threshold', { estimatedWaitMs }),
  )
}

function requireSafeTs(undertaking: Undertaking, { peer, state }: CheckedRegion, bounds: Bounds): void {
  const readTs: Timestamp = undertaking.operation.readTs(undertaking.request) ?? 0n
  const safeTs = undertaking.settings.safeTs ?? safeTsOf(undertaking.scope, undertaking.settings, bounds)
  if (readTs <= safeTs && readTs !== MAX_TIMESTAMP) return
  throw new RegionRefusal(regionErrors.dataIsNotReady(state.region.id, peer.id, safeTs))
}

function requireKeys(
  operation: Operation,
  request: unknown,
  bounds: Bounds,
  region: Region,
  plain: boolean,
): void {
  const { start, end } = bounds
  const outside =
    operation.keys(request).find((key) => !contains(bounds, key)) ??
    operation.anchors(request).find((key) => !contains(bounds, key, true)) ??
    operation
      .covered(request)
      .flatMap(([from, to]) => {
        const endInside = to.length > 0 ? contains({ start, end }, to, true) : end.length === 0
        return [...(contains(bounds, from) ? [] : [from]), ...(endInside ? [] : [to])]
      })
      .at(0)
  if (outside === undefined) return
  throw new RegionRefusal(regionErrors.keyNotInRegion(plain ? outside : encodeMemcomparable(outside), region))
}

function leaves(bounds: Bounds, start: Uint8Array, end: Uint8Array): boolean {
  const early =
    bounds.start.length > 0 && start.length > 0 && !contains({ ...bounds, end: EMPTY_BYTES }, start)
  const late =
    bounds.end.length > 0 && end.length > 0 && !contains({ start: EMPTY_BYTES, end: bounds.end }, end, true)
  return early || late
}

function invalidRange([start, end]: readonly [Uint8Array, Uint8Array], region: Region): string {
  const names = [start, end, region.startKey, region.endKey].map((key) => toHex(key).toUpperCase())
  return `Error(Txn(Error(InvalidReqRange { start: ${names[0]}, end: ${names[1]}, lower_bound: ${names[2]}, upper_bound: ${names[3]} })))`
}

function requireRoom(undertaking: Undertaking, context: Context, region: Region): void {
  const { settings, operation, request, storeId } = undertaking
  const level = { normal: 0, 'almost-full': 1, 'already-full': 2 }[settings.diskUsage]
  const own = operation.allowedOnAlmostFull ? DiskFullOpt.AllowedOnAlmostFull : DiskFullOpt.NotAllowedOnFull
  const allowed = Math.max(own, context.diskFullOpt)
  if (allowed < level) {
    const reason = `propose failed: tikv disk full, cmd diskFullOpt=${allowed}, leader diskUsage=${settings.diskUsage}`
    throw new RegionRefusal(regionErrors.diskFull(storeId, reason))
  }
  const size = operation.entryBytes(request)
  if (size > settings.raftEntryBytesMax) {
    throw new RegionRefusal(regionErrors.raftEntryTooLarge(region.id, BigInt(size)))
  }
}
