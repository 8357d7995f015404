import { OrbitError } from '@orbit-ts/base'
import { GrpcStatus } from './grpc-status.js'

const NAMES = new Map<number, string>(Object.entries(GrpcStatus).map(([name, code]) => [code, name]))

/** `UNAVAILABLE` for 14; `status 42` for one that gRPC does not know. */
export function statusName(status: number): string {
  return NAMES.get(status) ?? `status ${status}`
}

/** A failed call: `RPC_TIMEOUT` for `DEADLINE_EXCEEDED`, else `RPC_FAILED`. Details: `status` and `address`. */
export function rpcError(
  status: number,
  reason: string,
  address: string,
  options?: { readonly cause?: unknown },
): OrbitError {
  const code = status === GrpcStatus.DEADLINE_EXCEEDED ? 'RPC_TIMEOUT' : 'RPC_FAILED'
  const details = { status, statusName: statusName(status), address }
  return new OrbitError(code, `${address}: ${reason}`, details, options)
}

/** The gRPC status in the details of a transport's error. */
export function statusOf(error: unknown): GrpcStatus | undefined {
  if (!(error instanceof OrbitError)) return undefined
  const status = error.details['status']
  return typeof status === 'number' && NAMES.has(status) ? (status as GrpcStatus) : undefined
}

export function timeoutError(method: string, timeoutMs: number, address: string): OrbitError {
  // What was left of a longer time may be a fraction, or already over.
  const shownMs = Math.max(0, Math.round(timeoutMs))
  return rpcError(GrpcStatus.DEADLINE_EXCEEDED, `${method} was not answered within ${shownMs} ms`, address)
}

export function abortedError(method: string, address: string, cause?: unknown): OrbitError {
  const details = { status: GrpcStatus.CANCELLED, address }
  return new OrbitError('ABORTED', `${address}: ${method} was ended by its caller`, details, { cause })
}

export function closedError(what: string): OrbitError {
  return new OrbitError('CLIENT_CLOSED', `${what} was closed; open another client`)
}
