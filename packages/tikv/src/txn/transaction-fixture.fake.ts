import assert from 'node:assert/strict'
import { OrbitError, utf8, fromUtf8, TestEnv, type ErrorCode } from '@orbit-ts/base'
import { TiKVClient } from '../client.js'
import type { TiKVConfigInput } from '../config/tikv-config.js'
import type { LockInfo } from '../gen/kvrpcpb.js'
import type { KvMethod } from '../rpc/method.js'
import { TestCluster, type TestClusterOptions } from '../testing/test-cluster.js'
import type { Transaction } from './transaction.js'

export const bytes = utf8

/** Values as text; undefined stays. */
export function text(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : fromUtf8(value)
}

/** For `assert.rejects`. */
export function code(expected: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof OrbitError && error.code === expected
}

/** A test cluster with a client on it, in virtual time that passes while something is waited for. */
export class TransactionFixture implements AsyncDisposable {
  readonly env: TestEnv
  readonly cluster: TestCluster
  readonly client: TiKVClient
  readonly #others: TiKVClient[] = []
  readonly #config: Partial<TiKVConfigInput>

  private constructor(
    env: TestEnv,
    cluster: TestCluster,
    client: TiKVClient,
    config: Partial<TiKVConfigInput>,
  ) {
    this.env = env
    this.cluster = cluster
    this.client = client
    this.#config = config
  }

  static async start(
    options: Omit<TestClusterOptions, 'env' | 'seed'> & { readonly seed?: number } = {},
    config: Partial<TiKVConfigInput> = {},
  ): Promise<TransactionFixture> {
    const { seed = 1, ...rest } = options
    const env = new TestEnv({ seed })
    const cluster = await passing(env, TestCluster.start({ ...rest, env }))
    const client = await passing(env, connect(cluster, env, config))
    return new TransactionFixture(env, cluster, client, config)
  }

  /** The answer; time passes meanwhile. */
  run<T>(work: Promise<T> | (() => Promise<T>)): Promise<T> {
    return passing(this.env, typeof work === 'function' ? work() : work)
  }

  /** Lets time pass, and everything happen that does so meanwhile. */
  async pass(ms: number): Promise<void> {
    const stepMs = ms > 1000 ? 10 : 1
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) await this.env.advance(stepMs)
  }

  /** A client of its own, with its own caches. */
  async connect(config: Partial<TiKVConfigInput> = {}): Promise<TiKVClient> {
    const client = await this.run(connect(this.cluster, this.env, { ...this.#config, ...config }))
    this.#others.push(client)
    return client
  }

  /** Commits these writes. */
  async write(entries: Readonly<Record<string, string>>): Promise<void> {
    await this.run(
      this.client.txn.run(async (transaction) => {
        for (const [key, value] of Object.entries(entries)) transaction.put(bytes(key), bytes(value))
      }),
    )
    await this.run(this.client.settle())
  }

  /** The latest value, as another client sees it. */
  async read(key: string): Promise<string | undefined> {
    return this.run(async () => text(await (await this.client.txn.snapshot()).get(bytes(key))))
  }

  /** Requests of one method that reached the stores, in order. */
  requests<Request, Response>(method: KvMethod<Request, Response>): readonly Request[] {
    return this.cluster.faults.callsOf(method.name).map(({ request }) => request as Request)
  }

  /** Names of all calls that stores got, in order, without look-ups of safe timestamps and the like. */
  methods(): readonly string[] {
    return this.cluster.faults.calls.map(({ method }) => method)
  }

  get locks(): readonly LockInfo[] {
    return this.cluster.mvcc.locks()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = [this.client, ...this.#others].map((client) => client.close())
    await this.run(Promise.all(closing))
    await this.run(this.cluster.close())
    assert.equal(this.env.pendingTimers, 0, 'timers are left after close')
  }
}

/** Puts texts. */
export function put(transaction: Transaction, entries: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(entries)) transaction.put(bytes(key), bytes(value))
}

function connect(cluster: TestCluster, env: TestEnv, config: Partial<TiKVConfigInput>): Promise<TiKVClient> {
  const pdEndpoints = [...cluster.pdEndpoints]
  return TiKVClient.connect(
    { pdEndpoints, redactLogs: false, ...config },
    { env, ...(cluster.transport === undefined ? {} : { transport: cluster.transport }) },
  )
}

async function passing<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { settled: false }
  const note = (): void => void (state.settled = true)
  work.then(note, note)
  while (!state.settled) await env.advance(1)
  return work
}
