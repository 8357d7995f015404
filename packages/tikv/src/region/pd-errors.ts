import { OrbitError, type ErrorCode } from '@orbit-ts/base'

const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CLIENT_CLOSED',
  'INTERNAL',
  'INVALID_ARGUMENT',
  'KEYSPACE_UNAVAILABLE',
  'API_VERSION_MISMATCH',
  'PD_CLUSTER_MISMATCH',
  'PROTOCOL_VIOLATION',
  'RPC_TLS',
])

/** Whether asking PD again may help: not when the caller gave up, nor for errors that stay. */
export function isRetriablePdError(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted === true || !(error instanceof OrbitError)) return false
  return !FINAL.has(error.code)
}
