import { concatBytes, EMPTY_BYTES } from '@orbit-ts/base'
import { Response as CopResponse, type Request as CopRequest } from '../../gen/coprocessor.js'
import { Context, ScanRequest, type LockInfo } from '../../gen/kvrpcpb.js'
import type { MvccStore } from '../mvcc/mvcc-store.js'
import type { Bounds } from '../mvcc/mvcc-state.js'

/** What an executor may use. */
export interface CoprocessorScope {
  readonly mvcc: MvccStore
  /** User keys of the region. */
  readonly bounds: Bounds
  /** Grows with every write: what a cached answer is checked against. */
  readonly dataVersion: bigint
}

/** Answers a coprocessor request whose region has been checked. `other_error` in the answer is for the caller's mistakes. */
export type CoprocessorExecutor = (request: CopRequest, scope: CoprocessorScope) => CopResponse

/** Frames of key and value, each behind its length (4 bytes, big-endian); what {@link rowsOfRanges} answers with. */
export function decodeRows(data: Uint8Array): { readonly key: Uint8Array; readonly value: Uint8Array }[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const rows: { readonly key: Uint8Array; readonly value: Uint8Array }[] = []
  let at = 0
  const next = (): Uint8Array => {
    const length = view.getUint32(at)
    const bytes = data.slice(at + 4, at + 4 + length)
    at += 4 + length
    return bytes
  }
  while (at < data.length) rows.push({ key: next(), value: next() })
  return rows
}

/**
 * An executor for tests, whatever the request's `tp` and `data`: the rows of its ranges at `start_ts`. With paging it
 * stops after `paging_size` rows and says which range it has covered.
 */
export const rowsOfRanges: CoprocessorExecutor = (request, scope) => {
  const { isCacheEnabled, cacheIfMatchVersion, ranges } = request
  const paged = request.pagingSize > 0n
  if (!paged && isCacheEnabled && cacheIfMatchVersion === scope.dataVersion) {
    return CopResponse.create({ isCacheHit: true, cacheLastVersion: scope.dataVersion })
  }
  const frames: Uint8Array[] = []
  let left = paged ? Number(request.pagingSize) : 0xffff_ffff
  for (const range of ranges) {
    if (left <= 0) break
    const found = readRange(request, scope, range.start, range.end, left)
    if (found.locked !== undefined) return CopResponse.create({ locked: found.locked })
    for (const { key, value } of found.rows) frames.push(frame(key), frame(value))
    left -= found.rows.length
    const last = found.rows.at(-1)
    if (left <= 0 && last !== undefined) {
      const covered = {
        start: ranges[0]?.start ?? EMPTY_BYTES,
        end: concatBytes(last.key, new Uint8Array(1)),
      }
      return CopResponse.create({ data: concatBytes(...frames), range: covered })
    }
  }
  return CopResponse.create({
    data: concatBytes(...frames),
    cacheLastVersion: scope.dataVersion,
    canBeCached: isCacheEnabled && !paged,
  })
}

interface Found {
  readonly rows: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]
  readonly locked?: LockInfo
}

function readRange(
  request: CopRequest,
  scope: CoprocessorScope,
  start: Uint8Array,
  end: Uint8Array,
  limit: number,
): Found {
  const context = request.context ?? Context.create()
  const version = request.startTs
  const scan = ScanRequest.create({ context, startKey: start, endKey: end, limit, version })
  const { pairs } = scope.mvcc.scan(scan, scope.bounds)
  const locked = pairs.find((pair) => pair.error?.locked !== undefined)?.error?.locked
  return locked === undefined ? { rows: pairs } : { rows: [], locked }
}

function frame(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, bytes.length)
  return concatBytes(length, bytes)
}
