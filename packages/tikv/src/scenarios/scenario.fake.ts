import assert from 'node:assert/strict'
import { it } from 'node:test'
import {
  delay,
  fromUtf8,
  hasCode,
  systemEnv,
  TestEnv,
  utf8,
  type ErrorCode,
  type OrbitError,
} from '@orbit-ts/base'
import { TiKVClient, type ClientRuntime } from '../client.js'
import type { TiKVConfigInput } from '../config/tikv-config.js'
import type { LockInfo } from '../gen/kvrpcpb.js'
import type { KvMethod } from '../rpc/method.js'
import { TestCluster, type TestClusterOptions } from '../testing/test-cluster.js'
import type { Transaction } from '../txn/transaction.js'
import { CountingEnv } from './counting-env.fake.js'

/** In the process under virtual time, or over loopback sockets on the real clock. */
export type Way = 'in-process' | 'sockets'

export const WAYS: readonly Way[] = ['in-process', 'sockets']

export interface ScenarioOptions {
  readonly cluster?: Omit<TestClusterOptions, 'env' | 'seed' | 'transport'>
  readonly config?: Partial<TiKVConfigInput>
  /** How much faster than real time passes over sockets. Default 1. Below 1 a busy machine has more time. */
  readonly speed?: number
}

/** Sockets and ref'd timers that keep this process up. */
function openHandles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /^(TCP|TLS|Timeout|Immediate)/.test(name))
    .sort()
}

/** What the process is given, at most, to close handles. Only a leak lasts that long, on a busy machine too. */
const CLOSING_MAX_MS = 30_000

/** A test cluster with clients. A scenario is written once and awaits as it likes: time passes by itself. */
export class Scenario {
  readonly env: TestEnv | CountingEnv
  readonly cluster: TestCluster
  readonly #config: Partial<TiKVConfigInput>
  readonly #clients: TiKVClient[] = []
  #client: TiKVClient | undefined

  private constructor(env: TestEnv | CountingEnv, cluster: TestCluster, config: Partial<TiKVConfigInput>) {
    this.env = env
    this.cluster = cluster
    this.#config = config
  }

  /** Runs `body` on a fresh cluster, closes everything, and checks that nothing is left. */
  static async run(
    way: Way,
    options: ScenarioOptions,
    body: (scenario: Scenario) => Promise<void>,
  ): Promise<void> {
    const env = way === 'in-process' ? new TestEnv() : new CountingEnv(options.speed)
    await leavingNothing(env, async () => {
      const work = Scenario.#work(way, env, options, body)
      if (env instanceof TestEnv) await passTime(env, work)
      else await work
    })
  }

  static async #work(
    way: Way,
    env: TestEnv | CountingEnv,
    options: ScenarioOptions,
    body: (scenario: Scenario) => Promise<void>,
  ): Promise<void> {
    const cluster = await TestCluster.start({ ...options.cluster, env, transport: way })
    const scenario = new Scenario(env, cluster, options.config ?? {})
    try {
      await body(scenario)
    } finally {
      await Promise.all(scenario.#clients.map((client) => client.close()))
      await cluster.close()
    }
  }

  get pdEndpoints(): string[] {
    return [...this.cluster.pdEndpoints]
  }

  get faults(): TestCluster['faults'] {
    return this.cluster.faults
  }

  get locks(): readonly LockInfo[] {
    return this.cluster.mvcc.locks()
  }

  /** The scenario's own client; connected when first asked for. */
  async client(): Promise<TiKVClient> {
    this.#client ??= await this.connect()
    return this.#client
  }

  /** A client with caches of its own. */
  async connect(config: Partial<TiKVConfigInput> = {}, runtime: ClientRuntime = {}): Promise<TiKVClient> {
    const { transport } = this.cluster
    const client = await TiKVClient.connect(
      { pdEndpoints: this.pdEndpoints, redactLogs: false, ...this.#config, ...config },
      { env: this.env, ...(transport && { transport }), ...runtime },
    )
    this.#clients.push(client)
    return client
  }

  sleep(ms: number): Promise<void> {
    return delay(this.env, ms)
  }

  /** Waits for something that other work brings about. */
  async until(condition: () => boolean): Promise<void> {
    const { clock } = this.isVirtual ? this.env : systemEnv
    const deadlineMs = clock.monotonicMs() + 60_000
    while (!condition()) {
      assert.ok(clock.monotonicMs() < deadlineMs, `not within a minute: ${String(condition)}`)
      await this.sleep(1)
    }
  }

  nowMs(): number {
    return this.env.clock.monotonicMs()
  }

  /** Whether time passes only when nothing else is to do: on the real clock a busy machine takes as long as it likes. */
  get isVirtual(): boolean {
    return this.env instanceof TestEnv
  }

  /** Checks a duration from above, where that can be told: under virtual time. */
  tookAtMost(elapsedMs: number, limitMs: number): void {
    if (this.isVirtual) assert.ok(elapsedMs <= limitMs, `${elapsedMs} ms, not ${limitMs} at most`)
  }

  /** Milliseconds that `work` took, failed or not. */
  async timed(work: Promise<unknown>): Promise<number> {
    const startMs = this.nowMs()
    await work.catch(() => undefined)
    return this.nowMs() - startMs
  }

  requests<Request, Response>(method: KvMethod<Request, Response>): readonly Request[] {
    return this.faults.callsOf(method.name).map(({ request }) => request as Request)
  }

  /** Commits these writes and waits until nothing of it is under way. */
  async write(entries: Readonly<Record<string, string>>): Promise<void> {
    const client = await this.client()
    await client.txn.run(async (transaction) => put(transaction, entries))
    await client.settle()
  }

  /** The newest value, as a client sees it that knows nothing yet. */
  async read(key: string): Promise<string | undefined> {
    const client = await this.connect()
    return text(await (await client.txn.snapshot()).get(utf8(key)))
  }
}

/** Checks that `work` leaves no socket and no timer: neither one that keeps the process up nor one that does not. */
export async function leavingNothing(env: TestEnv | CountingEnv, work: () => Promise<void>): Promise<void> {
  const before = openHandles()
  await work()
  assert.equal(env.pendingTimers, 0)
  // A handle that was closed is listed until the event loop has let go of it.
  const deadlineMs = systemEnv.clock.monotonicMs() + CLOSING_MAX_MS
  while (added(before).length > 0 && systemEnv.clock.monotonicMs() < deadlineMs) await delay(systemEnv, 1)
  assert.deepEqual(added(before), [])
}

/** The open handles that are more than there were: what is gone since then was not this test's. */
function added(before: readonly string[]): string[] {
  const rest = [...before]
  return openHandles().filter((name) => {
    const at = rest.indexOf(name)
    if (at !== -1) rest.splice(at, 1)
    return at === -1
  })
}

/** One test for each way; `name` begins with the number of the scenario. */
export function scenario(
  name: string,
  options: ScenarioOptions,
  body: (scenario: Scenario) => Promise<void>,
  ways: readonly Way[] = WAYS,
): void {
  for (const way of ways) it(`${name} (${way})`, () => Scenario.run(way, options, body))
}

export function put(transaction: Transaction, entries: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(entries)) transaction.put(utf8(key), utf8(value))
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : fromUtf8(value)
}

/** Rejects with this code and, where given, a message that matches. */
export async function failsWith(
  work: Promise<unknown>,
  code: ErrorCode,
  message: RegExp = /./,
): Promise<OrbitError> {
  let failure: unknown
  await assert.rejects(work, (error) => {
    failure = error
    return true
  })
  assert.ok(hasCode(failure, code), `${code} was expected: ${String(failure)}`)
  assert.match(failure.message, message)
  return failure
}

async function passTime<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { settled: false }
  const note = (): void => void (state.settled = true)
  work.then(note, note)
  while (!state.settled) await env.advance(1)
  return work
}
