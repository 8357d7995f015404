import { hasCode, OrbitError, type Env } from '@orbit-ts/base'
import { SpanStatusCode } from '@opentelemetry/api'
import { ErrorType, type Error as PdError, type RequestHeader, type ResponseHeader } from '../gen/pdpb.js'
import { abortable } from '../retry/abortable.js'
import { pause } from '../retry/pause.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import type { Method } from '../rpc/method.js'
import { statusOf } from '../rpc/rpc-error.js'
import type { Metadata } from '../rpc/transport.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { Endpoint } from './endpoint.js'
import type { PdCallOptions } from './pd-client.js'
import type { PdConfig } from './pd-config.js'
import type { PdMembers } from './pd-members.js'

const RETRY_PAUSE_MS = { first: 20, max: 100 }
const FORWARDED_HOST = 'pd-forwarded-host'
const FOLLOWER_HANDLE = 'pd-allow-follower-handle'

export interface PdRequest {
  header: RequestHeader | undefined
}

export interface PdResponse {
  readonly header: ResponseHeader | undefined
}

export interface PdCallerOptions {
  readonly env: Env
  readonly telemetry: Telemetry
  readonly members: PdMembers
  readonly config: Pick<PdConfig, 'pdServerTimeout' | 'pdForwarding'>
}

interface Target {
  readonly endpoint: Endpoint
  readonly metadata: Metadata | undefined
}

/**
 * One call to PD: sent to the leader, again to the next one when leadership moved, within one deadline.
 *
 * Errors: `PD_UNAVAILABLE` at the deadline, `PD_CLUSTER_MISMATCH`, `PD_REFUSED` (details: `type` of `pdpb.ErrorType`
 * and `status`), `RPC_TLS`, `ABORTED`.
 */
export class PdCaller {
  readonly #options: PdCallerOptions

  constructor(options: PdCallerOptions) {
    this.#options = options
  }

  header(): RequestHeader {
    const clusterId = this.#options.members.clusterId
    return { clusterId, senderId: 0n, callerId: 'orbit-tikv', callerComponent: '' }
  }

  async call<Request extends PdRequest, Response extends PdResponse>(
    method: Method<Request, Response>,
    request: Omit<Request, 'header'>,
    options: PdCallOptions & { readonly allowFollower?: boolean | undefined } = {},
  ): Promise<Response> {
    const { env, telemetry } = this.#options
    const startMs = env.clock.monotonicMs()
    const span = telemetry.tracer.startSpan(`tikv.pd.${method.name}`)
    try {
      // The header is the one field that every request has besides its own.
      return await this.#attempts(method, { ...request, header: this.header() } as Request, options)
    } catch (error) {
      telemetry.pdErrors.add(1, { method: method.name })
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      telemetry.pdSeconds.observe((env.clock.monotonicMs() - startMs) / 1000, { method: method.name })
      span.end()
    }
  }

  /**
   * Asks the members of these addresses in turn, whether they lead or not, and gives the first answer.
   * @throws `PD_UNAVAILABLE` when none answers within the deadline; `INVALID_ARGUMENT`
   */
  async callMembers<Request extends PdRequest, Response extends PdResponse>(
    method: Method<Request, Response>,
    request: Omit<Request, 'header'>,
    urls: readonly string[],
    options: PdCallOptions = {},
  ): Promise<Response> {
    const { env, members, config } = this.#options
    const timeoutMs = options.timeoutMs ?? config.pdServerTimeout
    const deadlineMs = env.clock.monotonicMs() + timeoutMs
    const endpoints = urls.map((url) => members.memberAt(url))
    let last: unknown
    for (const endpoint of endpoints) {
      const leftMs = deadlineMs - env.clock.monotonicMs()
      if (leftMs <= 0) break
      try {
        // The header is the one field that every request has besides its own.
        const full = { ...request, header: this.header() } as Request
        const call = { timeoutMs: leftMs, signal: options.signal, metadata: { [FOLLOWER_HANDLE]: 'true' } }
        return answered(await members.channel(endpoint).unary(method, full, call))
      } catch (error) {
        if (hasCode(error, 'ABORTED') || hasCode(error, 'CLIENT_CLOSED')) throw error
        last = error
      }
    }
    throw new OrbitError(
      'PD_UNAVAILABLE',
      `none of the members ${urls.join(', ')} answered ${method.name}; last: ${last instanceof Error ? last.message : 'no time was left'}`,
      { method: method.name, members: [...urls] },
      { cause: last },
    )
  }

  /**
   * Where the leader is reached, and with which metadata; undefined while no leader is known. With forwarding, every
   * other attempt goes through a follower: the odd ones, or the even ones for a leader that is known not to serve.
   */
  leaderTarget(attempt: number): Target | undefined {
    const { members, config } = this.#options
    const leader = members.leader
    if (leader === undefined) return undefined
    const throughFollower = (attempt % 2 === 1) === members.leaderServes
    const follower = throughFollower && config.pdForwarding ? members.follower() : undefined
    if (follower === undefined) return { endpoint: leader, metadata: undefined }
    return { endpoint: follower, metadata: { [FORWARDED_HOST]: leader.url } }
  }

  async #attempts<Request extends PdRequest, Response extends PdResponse>(
    method: Method<Request, Response>,
    request: Request,
    options: PdCallOptions & { readonly allowFollower?: boolean | undefined },
  ): Promise<Response> {
    const { env, members } = this.#options
    const timeoutMs = options.timeoutMs ?? this.#options.config.pdServerTimeout
    const deadlineMs = env.clock.monotonicMs() + timeoutMs
    const fromFollower =
      options.allowFollower === true
        ? await this.#tryFollower(method, request, timeoutMs / 2, options)
        : undefined
    if (fromFollower !== undefined) return fromFollower
    let pauseMs = RETRY_PAUSE_MS.first
    let last: unknown
    for (let attempt = 0; ; attempt++) {
      const leftMs = deadlineMs - env.clock.monotonicMs()
      if (leftMs <= 0) throw deadlineError(method.name, timeoutMs, members, last)
      const target = this.leaderTarget(attempt)
      try {
        if (target !== undefined) {
          return answered(
            await members.channel(target.endpoint).unary(method, request, {
              timeoutMs: leftMs,
              signal: options.signal,
              metadata: target.metadata,
            }),
          )
        }
      } catch (error) {
        last = error
        if (isTimeout(error)) {
          void members.refresh()
          throw deadlineError(method.name, timeoutMs, members, error)
        }
        if (!isAnotherMembersTurn(error)) throw translated(method.name, error)
      }
      const left = (): number => Math.max(0, deadlineMs - env.clock.monotonicMs())
      await abortable(settledWithin(env, members.refresh(), left()), options.signal)
      await pause(env, Math.min(pauseMs, left()), options.signal, members.closing)
      pauseMs = Math.min(RETRY_PAUSE_MS.max, pauseMs * 2)
    }
  }

  /** Leaves the leader enough of the time. */
  async #tryFollower<Request extends PdRequest, Response extends PdResponse>(
    method: Method<Request, Response>,
    request: Request,
    timeoutMs: number,
    options: PdCallOptions,
  ): Promise<Response | undefined> {
    const { members } = this.#options
    const follower = members.follower()
    if (follower === undefined) return undefined
    try {
      const response = await members.channel(follower).unary(method, request, {
        timeoutMs,
        signal: options.signal,
        metadata: { [FOLLOWER_HANDLE]: 'true' },
      })
      if (errorOf(response) === undefined) return response
    } catch (error) {
      if (error instanceof OrbitError && error.code === 'ABORTED') throw error
      members.quarantine(follower)
    }
    return undefined
  }
}

function errorOf(response: PdResponse): PdError | undefined {
  const error = response.header?.error
  return error === undefined || error.type === ErrorType.OK ? undefined : error
}

/** The response, unless its header holds an error. */
function answered<Response extends PdResponse>(response: Response): Response {
  const error = errorOf(response)
  if (error === undefined) return response
  throw new OrbitError('PD_REFUSED', `PD: ${error.message}`, { type: error.type, message: error.message })
}

const isTimeout = (error: unknown): boolean => error instanceof OrbitError && error.code === 'RPC_TIMEOUT'

/** The member is gone, or no longer (or not yet) the leader: nothing was done, and another one may answer. */
export function isAnotherMembersTurn(error: unknown): boolean {
  if (!(error instanceof OrbitError) || error.code !== 'RPC_FAILED') return false
  const status = statusOf(error)
  if (status === GrpcStatus.UNAVAILABLE || status === GrpcStatus.CANCELLED) return true
  return /not leader|no leader|leader change/i.test(error.message)
}

export function translated(method: string, error: unknown): unknown {
  if (!(error instanceof OrbitError) || error.code !== 'RPC_FAILED') return error
  if (/mismatch cluster id/i.test(error.message)) {
    return new OrbitError('PD_CLUSTER_MISMATCH', mismatch(error.reason), error.details, { cause: error })
  }
  return new OrbitError('PD_REFUSED', `PD refused ${method}: ${error.reason}`, error.details, {
    cause: error,
  })
}

/** What PD says is the cluster that it serves, then the one that it was asked for. */
function mismatch(said: string): string {
  const [, served, wanted] = /need (\d+) but got (\d+)/i.exec(said) ?? []
  if (served === undefined) return said
  return `${said}: PD serves cluster ${served} there now, and this client began with cluster ${wanted ?? ''}; let pdEndpoints name the members of cluster ${wanted ?? ''}, or open the client anew for the other one`
}

function deadlineError(method: string, timeoutMs: number, members: PdMembers, cause: unknown): OrbitError {
  const leader = members.leader?.url ?? 'none known'
  const why = cause instanceof Error ? `; last: ${cause.message}` : ''
  return new OrbitError(
    'PD_UNAVAILABLE',
    `PD did not answer ${method} within ${timeoutMs} ms (pdServerTimeout); leader: ${leader}${why}`,
    { method, timeoutMs, leader },
    { cause },
  )
}

/** Waits for `work`, which never rejects, but not longer than `maxMs`. */
function settledWithin(env: Env, work: Promise<void>, maxMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = env.timers.set(resolve, Math.max(0, maxMs))
    void work.then(() => {
      timer.cancel()
      resolve()
    })
  })
}
