import type { Env, Logger, Timer } from '@orbit-ts/base'
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { healthMethods } from '../rpc/pd-methods.js'
import { statusOf } from '../rpc/rpc-error.js'
import type { Channel } from '../rpc/transport.js'
import type { Endpoint } from './endpoint.js'

const QUARANTINE_MS = 10_000

export interface MemberHealthOptions {
  readonly env: Env
  readonly logger: Logger
  /** The address of each member. One alone is not asked: there is no other to turn to. */
  readonly members: () => readonly Endpoint[]
  readonly channel: (endpoint: Endpoint) => Channel
  readonly intervalMs: () => number
  /** Called after each round in which a member did not pass. */
  readonly onUnhealthy: (endpoint: Endpoint) => void
}

/**
 * Which members of PD serve: by what calls to them came to, and by their gRPC health service.
 *
 * Invariants:
 * 1. One round of probes at a time, each ended after an interval, and an interval between rounds.
 * 2. A member is unhealthy when it cannot be reached or says that it does not serve, until a probe says otherwise. A
 *    server that has no health service is healthy.
 * 3. After `close` no timer is left.
 */
export class MemberHealth {
  readonly #options: MemberHealthOptions
  readonly #quarantinedUntilMs = new Map<string, number>()
  readonly #unhealthy = new Set<string>()
  #timer: Timer | undefined
  #closed = false

  constructor(options: MemberHealthOptions) {
    this.#options = options
  }

  /** With an interval of 0 nobody is asked. */
  start(): void {
    const intervalMs = this.#options.intervalMs()
    if (this.#closed || intervalMs === 0) return
    this.#timer = this.#options.env.timers.set(() => {
      void this.#round().then(() => this.start())
    }, intervalMs)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  isHealthy({ address }: Endpoint): boolean {
    const untilMs = this.#quarantinedUntilMs.get(address)
    const isQuarantined = untilMs !== undefined && untilMs > this.#options.env.clock.monotonicMs()
    return !isQuarantined && !this.#unhealthy.has(address)
  }

  /** False when the last probe failed. */
  serves({ address }: Endpoint): boolean {
    return !this.#unhealthy.has(address)
  }

  /** A call to the member failed: it is left alone for 10 s. */
  quarantine({ address }: Endpoint): void {
    this.#quarantinedUntilMs.set(address, this.#options.env.clock.monotonicMs() + QUARANTINE_MS)
  }

  forget(address: string): void {
    this.#quarantinedUntilMs.delete(address)
    this.#unhealthy.delete(address)
  }

  async #round(): Promise<void> {
    const members = this.#options.members()
    if (members.length > 1) await Promise.all(members.map((member) => this.#probe(member)))
  }

  async #probe(member: Endpoint): Promise<void> {
    const serves = await this.#ask(member)
    if (this.#closed) return
    if (serves) {
      this.#unhealthy.delete(member.address)
      return
    }
    if (!this.#unhealthy.has(member.address))
      this.#options.logger.warn({ member: member.url }, 'a member of PD is not healthy')
    this.#unhealthy.add(member.address)
    this.#options.onUnhealthy(member)
  }

  async #ask(member: Endpoint): Promise<boolean> {
    try {
      const { status } = await this.#options
        .channel(member)
        .unary(healthMethods.check, { service: '' }, { timeoutMs: this.#options.intervalMs() })
      return status === ServingStatus.SERVING
    } catch (error) {
      return statusOf(error) === GrpcStatus.UNIMPLEMENTED
    }
  }
}
