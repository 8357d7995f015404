import { ExecDetailsV2 } from '../../gen/kvrpcpb.js'

interface WithDetails {
  execDetailsV2: ExecDetailsV2 | undefined
}

/** Fills the execution details of an answer that has them. Times are those of the clock that the cluster runs on. */
export function fillExecDetails(response: unknown, elapsedMs: number): void {
  if (!hasDetails(response) || response.execDetailsV2 !== undefined) return
  const nanoseconds = BigInt(Math.round(elapsedMs * 1_000_000))
  const rows = rowsOf(response)
  response.execDetailsV2 = ExecDetailsV2.create({
    timeDetail: {
      kvReadWallTimeMs: BigInt(Math.round(elapsedMs)),
      processWallTimeMs: BigInt(Math.round(elapsedMs)),
      totalRpcWallTimeNs: nanoseconds,
    },
    timeDetailV2: {
      kvReadWallTimeNs: nanoseconds,
      processWallTimeNs: nanoseconds,
      totalRpcWallTimeNs: nanoseconds,
    },
    scanDetailV2: {
      processedVersions: BigInt(rows.count),
      totalVersions: BigInt(rows.count),
      processedVersionsSize: BigInt(rows.bytes),
    },
    writeDetail: {},
  })
}

function hasDetails(response: unknown): response is WithDetails {
  return typeof response === 'object' && response !== null && 'execDetailsV2' in response
}

function rowsOf(response: object): { readonly count: number; readonly bytes: number } {
  if ('pairs' in response && Array.isArray(response.pairs)) {
    const pairs = response.pairs as readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]
    return {
      count: pairs.length,
      bytes: pairs.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
    }
  }
  if (
    'value' in response &&
    response.value instanceof Uint8Array &&
    !('notFound' in response && response.notFound)
  ) {
    return { count: 1, bytes: response.value.length }
  }
  return { count: 0, bytes: 0 }
}
