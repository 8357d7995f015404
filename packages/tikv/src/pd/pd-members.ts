import { delay, OrbitError, type Env, type Logger, type Timer } from '@orbit-ts/base'
import { sharedAbort } from '../retry/shared-abort.js'
import type { GetMembersResponse, Member } from '../gen/pdpb.js'
import { pause } from '../retry/pause.js'
import { closedError, statusOf } from '../rpc/rpc-error.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { pdMethods } from '../rpc/pd-methods.js'
import type { Channel, Transport } from '../rpc/transport.js'
import { parseEndpoint, type Endpoint } from './endpoint.js'
import { LossLog } from './loss-log.js'
import { MemberHealth } from './member-health.js'
import type { PdConfig } from './pd-config.js'

/** How long connecting waits for the other members once one has answered, so that foreign ones are noticed. */
const STRAGGLER_MS = 500
const REFRESH_PAUSE_MS = 50
const CONNECT_PAUSE_MS = { first: 100, max: 1000 }

export interface PdMembersOptions {
  readonly env: Env
  readonly logger: Logger
  readonly transport: Transport
  readonly config: Pick<
    PdConfig,
    'pdEndpoints' | 'tls' | 'pdServerTimeout' | 'pdMemberCheckInterval' | 'pdHealthCheckInterval'
  >
}

interface KnownMember {
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

type Answer = { readonly endpoint: Endpoint } & (
  | { readonly response: GetMembersResponse; readonly error?: undefined }
  | { readonly error: unknown; readonly response?: undefined }
)

/**
 * Who serves PD, and which member leads.
 *
 * Invariants:
 * 1. The cluster id is learnt once; a member with another id is refused, at connect with an error for the caller.
 * 2. Concurrent refreshes share one round of `GetMembers` calls, and rounds are at least 50 ms apart.
 * 3. Asked are the addresses announced last, and always the configured ones.
 * 4. After `close` no timer is left, and waits have ended.
 */
export class PdMembers {
  readonly #options: PdMembersOptions
  readonly #seeds: readonly Endpoint[]
  readonly #channels = new Map<string, Channel>()
  readonly #health: MemberHealth
  readonly #loss: LossLog
  /** Addresses where another cluster answered when they were asked last. */
  readonly #foreign = new Set<string>()
  readonly #secure: boolean
  #members: readonly KnownMember[] = []
  #leader: Endpoint | undefined
  #clusterId = 0n
  #refreshing: Promise<void> | undefined
  #refreshedMs = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #nextFollower = 0
  readonly #closing = sharedAbort()

  constructor(options: PdMembersOptions) {
    this.#options = options
    const { env, logger, config } = options
    this.#secure = config.tls !== undefined
    this.#loss = new LossLog(env, logger)
    this.#seeds = config.pdEndpoints.map((text) => parseEndpoint(text, this.#secure))
    this.#health = new MemberHealth({
      env,
      logger,
      members: () => this.#members.flatMap((member) => member.endpoints.slice(0, 1)),
      channel: (endpoint) => this.channel(endpoint),
      intervalMs: () => config.pdHealthCheckInterval,
      onUnhealthy: (endpoint) => {
        if (endpoint.address === this.#leader?.address) void this.refresh()
      },
    })
    if (this.#seeds.length === 0) {
      throw new OrbitError('INVALID_ARGUMENT', 'pdEndpoints is empty; name at least one address of PD', {
        field: 'pdEndpoints',
      })
    }
    refuseSchemes(this.#seeds, this.#secure)
  }

  /** Aborted, with the error for callers, when this is closed: waits end with it. */
  get closing(): AbortSignal {
    return this.#closing.signal
  }

  get clusterId(): bigint {
    return this.#clusterId
  }

  get leader(): Endpoint | undefined {
    return this.#leader
  }

  describe(): { name: string; urls: string[]; healthy: boolean }[] {
    return this.#members.map((member) => ({
      name: member.name,
      urls: member.endpoints.map((endpoint) => endpoint.url),
      healthy: member.endpoints.some((endpoint) => this.#health.isHealthy(endpoint)),
    }))
  }

  /**
   * Waits until PD answers.
   * @throws `PD_CLUSTER_MISMATCH`, `RPC_TLS`, `PD_REFUSED` (the address is not PD's) at once; `PD_UNAVAILABLE` after
   *   `timeoutMs`, with what each address said; `ABORTED`.
   */
  async connect(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const { env } = this.#options
    const deadlineMs = env.clock.monotonicMs() + timeoutMs
    let pauseMs = CONNECT_PAUSE_MS.first
    for (;;) {
      this.closing.throwIfAborted()
      if (signal?.aborted === true) throw connectAborted(signal)
      const leftMs = deadlineMs - env.clock.monotonicMs()
      const answers = await this.#askAll(
        Math.min(leftMs, this.#options.config.pdServerTimeout),
        signal,
        STRAGGLER_MS,
      )
      this.#refuseForeign(answers)
      if (this.#learn(answers)) break
      refuseHopeless(answers)
      if (deadlineMs - env.clock.monotonicMs() <= pauseMs) throw unreachable(answers, timeoutMs)
      this.#loss.lost(() => `${saidBy(answers).join('; ')}; trying for ${timeoutMs / 1000} s`)
      await pause(env, pauseMs, signal, this.closing)
      pauseMs = Math.min(CONNECT_PAUSE_MS.max, pauseMs * 2)
    }
    this.#loss.found()
    this.#scheduleCheck()
    this.#health.start()
  }

  /** @throws `INVALID_ARGUMENT` for an address that is none, or is of no member */
  memberAt(url: string): Endpoint {
    const { address } = parseEndpoint(url, this.#secure)
    const known = this.#known().find((endpoint) => endpoint.address === address)
    if (known !== undefined) return known
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `members: ${url} is no member of PD; give one of ${this.#known()
        .map((endpoint) => endpoint.url)
        .join(', ')}`,
      { field: 'members', value: url },
    )
  }

  /** The connection to an address; made when first asked for. */
  channel(endpoint: Endpoint): Channel {
    this.closing.throwIfAborted()
    let channel = this.#channels.get(endpoint.address)
    if (channel === undefined) {
      channel = this.#options.transport.open(endpoint.address)
      this.#channels.set(endpoint.address, channel)
    }
    return channel
  }

  /** Whether the leader passed when its health was asked last. */
  get leaderServes(): boolean {
    return this.#leader !== undefined && this.#health.serves(this.#leader)
  }

  /** A member that does not lead, is healthy and did not fail lately; round robin. */
  follower(): Endpoint | undefined {
    const candidates = this.#members
      .flatMap((member) => member.endpoints.slice(0, 1))
      .filter((endpoint) => endpoint.address !== this.#leader?.address && this.#health.isHealthy(endpoint))
    if (candidates.length === 0) return undefined
    this.#nextFollower = (this.#nextFollower + 1) % candidates.length
    return candidates[this.#nextFollower]
  }

  /** Leaves a member out of {@link follower} for 10 s. */
  quarantine(endpoint: Endpoint): void {
    this.#health.quarantine(endpoint)
  }

  /** Asks who leads; shares a round that is under way. Never rejects: without an answer all stays as it was. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => (this.#refreshing = undefined))
    return this.#refreshing
  }

  close(): void {
    this.#closing.abort(closedError('the PD client'))
    this.#timer?.cancel()
    this.#health.close()
    for (const channel of this.#channels.values()) channel.close()
    this.#channels.clear()
  }

  async #refreshOnce(): Promise<void> {
    const { env, config } = this.#options
    try {
      const sinceMs = env.clock.monotonicMs() - this.#refreshedMs
      if (sinceMs < REFRESH_PAUSE_MS) await delay(env, REFRESH_PAUSE_MS - sinceMs, this.closing)
      this.#refreshedMs = env.clock.monotonicMs()
      if (this.closing.aborted) return
      const answers = await this.#askAll(config.pdServerTimeout, undefined, 0)
      this.#noteForeign(answers)
      if (this.#learn(answers)) this.#loss.found()
      else this.#loss.lost(() => saidBy(answers).join('; '))
    } catch (error) {
      if (!this.closing.aborted) this.#loss.lost(() => OrbitError.from(error).message)
    }
  }

  #noteForeign(answers: readonly Answer[]): void {
    for (const { endpoint, response } of answers) {
      if (response === undefined) continue
      if (!this.#isForeign(response)) this.#foreign.delete(endpoint.address)
      else if (!this.#foreign.has(endpoint.address)) {
        this.#foreign.add(endpoint.address)
        const clusters = {
          clusterId: String(this.#clusterId),
          otherClusterId: String(response.header?.clusterId),
        }
        this.#options.logger.error(
          { member: endpoint.url, ...clusters },
          'a member of PD belongs to another cluster and is left out',
        )
      }
    }
  }

  /** One round to every address. Ends when all answered, or `stragglerMs` after the first that names a leader. */
  #askAll(
    timeoutMs: number,
    signal: AbortSignal | undefined,
    stragglerMs: number,
  ): Promise<readonly Answer[]> {
    const { env } = this.#options
    const endpoints = this.#known()
    return new Promise((resolve) => {
      const answers: Answer[] = []
      let straggler: Timer | undefined
      const finish = (): void => {
        straggler?.cancel()
        resolve(answers)
      }
      for (const endpoint of endpoints) {
        void this.#ask(endpoint, timeoutMs, signal).then((answer) => {
          answers.push(answer)
          if (answers.length === endpoints.length) finish()
          else if (answer.response?.leader !== undefined) {
            straggler ??= env.timers.set(finish, stragglerMs)
          }
        })
      }
    })
  }

  async #ask(endpoint: Endpoint, timeoutMs: number, signal: AbortSignal | undefined): Promise<Answer> {
    try {
      const response = await this.channel(endpoint).unary(
        pdMethods.getMembers,
        { header: undefined },
        { timeoutMs, signal },
      )
      return { endpoint, response }
    } catch (error) {
      return { endpoint, error }
    }
  }

  /** False when no answer of this cluster names a leader. */
  #learn(answers: readonly Answer[]): boolean {
    const usable = answers.find(
      ({ response }) =>
        response?.leader !== undefined && response.leader.clientUrls.length > 0 && !this.#isForeign(response),
    )?.response
    if (usable?.leader === undefined) return false
    if (this.#clusterId === 0n) this.#clusterId = usable.header?.clusterId ?? 0n
    this.#members = usable.members.map((member) => this.#knownMember(member))
    const leader = this.#knownMember(usable.leader).endpoints[0]
    if (leader !== undefined && leader.url !== this.#leader?.url) {
      this.#options.logger.info({ leader: leader.url }, 'PD leader')
    }
    this.#leader = leader
    this.#dropUnused()
    return leader !== undefined
  }

  #knownMember(member: Member): KnownMember {
    const endpoints = member.clientUrls.flatMap((url) => {
      try {
        return [parseEndpoint(url, this.#secure)]
      } catch {
        this.#options.logger.warn(
          { member: member.name, url },
          'a member of PD announces an address that is none',
        )
        return []
      }
    })
    return { name: member.name, endpoints }
  }

  #known(): Endpoint[] {
    const all = [...this.#seeds, ...this.#members.flatMap((member) => member.endpoints)]
    return [...new Map(all.map((endpoint) => [endpoint.address, endpoint])).values()]
  }

  #dropUnused(): void {
    const used = new Set(this.#known().map((endpoint) => endpoint.address))
    for (const [address, channel] of this.#channels) {
      if (used.has(address)) continue
      channel.close()
      this.#channels.delete(address)
      this.#health.forget(address)
    }
  }

  #isForeign(response: GetMembersResponse): boolean {
    const id = response.header?.clusterId ?? 0n
    return this.#clusterId !== 0n && id !== 0n && id !== this.#clusterId
  }

  #refuseForeign(answers: readonly Answer[]): void {
    const clusters = new Map<bigint, string[]>()
    for (const { endpoint, response } of answers) {
      const id = response?.header?.clusterId ?? 0n
      if (id !== 0n) clusters.set(id, [...(clusters.get(id) ?? []), endpoint.url])
    }
    if (clusters.size > 1) throw mixedClusters(clusters)
  }

  #scheduleCheck(): void {
    if (this.closing.aborted) return
    this.#timer = this.#options.env.timers.set(() => {
      void this.refresh().then(() => this.#scheduleCheck())
    }, this.#options.config.pdMemberCheckInterval)
  }
}

function mixedClusters(clusters: ReadonlyMap<bigint, readonly string[]>): OrbitError {
  const facts = [...clusters].map(([id, urls]) => ({ clusterId: String(id), urls }))
  const list = facts.map(
    ({ clusterId, urls }) => `${urls.join(', ')} ${urls.length > 1 ? 'are' : 'is'} of cluster ${clusterId}`,
  )
  return new OrbitError(
    'PD_CLUSTER_MISMATCH',
    `the addresses in pdEndpoints belong to different clusters: ${list.join('; ')}; leave in pdEndpoints the members of the one that is wanted`,
    { clusters: facts },
  )
}

const connectAborted = (signal: AbortSignal): OrbitError =>
  new OrbitError('ABORTED', 'connecting was aborted by its signal', {}, { cause: signal.reason })

function refuseSchemes(seeds: readonly Endpoint[], secure: boolean): void {
  const wrong = seeds.find((seed) => seed.secure !== secure)
  if (wrong === undefined) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    wrong.secure
      ? `pdEndpoints: ${wrong.url} asks for TLS, but no tls is configured; set tls.caFile or tls.ca`
      : `pdEndpoints: ${wrong.url} is without TLS, but tls is configured; write https:// or leave the scheme out`,
    { field: 'pdEndpoints', value: wrong.url },
  )
}

/** What no waiting mends, when no address gave anything better. */
function refuseHopeless(answers: readonly Answer[]): void {
  const errors = answers.map((answer) => answer.error)
  if (errors.length === 0 || errors.some((error) => !isHopeless(error))) return
  const [first] = errors
  if (first instanceof OrbitError && first.code === 'RPC_TLS') throw first
  throw new OrbitError(
    'PD_REFUSED',
    `${answers.map(({ endpoint }) => endpoint.url).join(', ')} does not serve PD's protocol; pdEndpoints must name PD, not a TiKV server`,
    { endpoints: answers.map(({ endpoint }) => endpoint.url) },
    { cause: first },
  )
}

function isHopeless(error: unknown): boolean {
  if (error instanceof OrbitError && error.code === 'RPC_TLS') return true
  return statusOf(error) === GrpcStatus.UNIMPLEMENTED
}

/** What each member has answered instead of naming a leader. */
function saidBy(answers: readonly Answer[]): string[] {
  return answers.map(({ endpoint, error }) =>
    error instanceof Error
      ? `PD at ${endpoint.address} cannot be reached: ${OrbitError.from(error).reason.replace(`${endpoint.address}: `, '')}`
      : `PD at ${endpoint.address} names no leader`,
  )
}

function unreachable(answers: readonly Answer[], timeoutMs: number): OrbitError {
  const said = answers.map(({ endpoint, error }) => ({
    endpoint: endpoint.url,
    answer: error instanceof Error ? error.message : 'names no leader',
  }))
  return new OrbitError(
    'PD_UNAVAILABLE',
    `no member of PD was ready within ${timeoutMs} ms (connectTimeout): ${said.map(({ endpoint, answer }) => `${endpoint}: ${answer}`).join('; ')}`,
    { members: said },
    { cause: answers.find((answer) => answer.error !== undefined)?.error },
  )
}
