import { hasCode, OrbitError } from '@orbit-ts/base'
import { BackoffKinds } from '../retry/backoff-kind.js'
import type { Backoffer } from '../retry/backoffer.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import type { StoreRpc } from '../rpc/store-rpc.js'
import type { ReplicaSelector } from './replica-selector.js'

export interface FailedCall {
  readonly backoffer: Backoffer
  readonly rpc: StoreRpc
  readonly selector: ReplicaSelector
  readonly error: unknown
  /** The address that was called. */
  readonly address: string
  readonly isShortRead: boolean
  /** When it was called, monotonic. */
  readonly calledMs: number
  /** TLS refusals of this request, this one included. */
  readonly tlsFailures: number
}

/** What a server says that will say the same the next time. */
const FINAL_STATUSES: ReadonlySet<unknown> = new Set([
  GrpcStatus.INVALID_ARGUMENT,
  GrpcStatus.PERMISSION_DENIED,
  GrpcStatus.UNIMPLEMENTED,
  GrpcStatus.UNAUTHENTICATED,
])

/** A certificate may be renewed on one side a moment before the other; a second refusal is final. */
const TLS_FAILURES_MAX = 2

/**
 * Looks whether the store still serves, and waits before another attempt.
 * @throws the call's own error when another attempt cannot help; the backoffer's.
 */
export async function handleTransportError(call: FailedCall): Promise<void> {
  const { error, backoffer, selector } = call
  const { signal } = backoffer
  if (!hasCode(error, 'ABORTED')) requireNotAborted(signal)
  if (!isRetriable(call)) throw error
  if (call.isShortRead && isTimeout(error)) {
    selector.onReadTimeout()
    return
  }
  // The server ended the call, as it does when it exits; the connection may be of no use although it is open.
  if (statusOf(error) === GrpcStatus.CANCELLED) call.rpc.closeAddress(call.address, call.calledMs)
  await selector.onSendFailure(backoffer.signal)
  await backoffer.backoff(BackoffKinds.tikvRpc, OrbitError.from(error))
}

/** @throws ABORTED when the caller has given up */
export function requireNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new OrbitError('ABORTED', 'the request was aborted by its signal', {}, { cause: signal.reason })
}

/** Whether the server may have received the request. */
export function mayHaveBeenSent(error: unknown): boolean {
  if (!(error instanceof OrbitError)) return true
  return error.code !== 'RPC_TLS' && error.code !== 'SERVER_BUSY' && error.code !== 'INVALID_ARGUMENT'
}

function isRetriable({ error, backoffer, tlsFailures }: FailedCall): boolean {
  if (!(error instanceof OrbitError) || backoffer.signal?.aborted === true) return false
  switch (error.code) {
    case 'ABORTED':
    case 'RPC_TIMEOUT':
      return true
    case 'RPC_FAILED':
      return !FINAL_STATUSES.has(statusOf(error))
    case 'RPC_TLS':
      return tlsFailures < TLS_FAILURES_MAX
    default:
      return false
  }
}

function isTimeout(error: unknown): boolean {
  return (
    (error instanceof OrbitError && error.code === 'RPC_TIMEOUT') ||
    statusOf(error) === GrpcStatus.DEADLINE_EXCEEDED
  )
}

function statusOf(error: unknown): unknown {
  return error instanceof OrbitError && error.code === 'RPC_FAILED' ? error.details['status'] : undefined
}
