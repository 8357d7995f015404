/** Stores in memory that tests of transactions across stores run on, and how they look into them. */
import { fromUtf8, TestEnv, utf8 } from '@orbit-ts/base'
import type { Reader, StorageProvider } from '../provider.js'
import { openMemoryEngine } from '../providers/memory/open-memory-engine.js'
import { LocalTransactions } from '../transaction/local-transactions.js'
import {
  DistributedTransactionCoordinator,
  type DistributedTransactionCoordinatorOptions,
} from './distributed-transaction-coordinator.js'
import type { DistributedTransaction } from './distributed-transaction.js'
import { FaultyStore } from './faulty-provider.fake.js'
import type { ProtocolStep } from './transaction-state.js'

export async function openMemoryStore(env: TestEnv): Promise<StorageProvider> {
  return LocalTransactions.open(await openMemoryEngine({}, { env }), { env })
}

/** Lets time pass until it is done. */
export async function passing<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  const state = { done: false }
  work.then(
    () => (state.done = true),
    () => (state.done = true),
  )
  while (!state.done) await env.advance(10)
  return work
}

/** Two stores, `a` with the decision log and `b`, that outlive the coordinators opened on them. */
export class TestStores implements AsyncDisposable {
  readonly env: TestEnv
  readonly a: FaultyStore
  readonly b: FaultyStore
  readonly #opened: DistributedTransactionCoordinator[] = []

  private constructor(env: TestEnv, a: StorageProvider, b: StorageProvider) {
    this.env = env
    this.a = new FaultyStore(a, env)
    this.b = new FaultyStore(b, env)
  }

  static async open(env = new TestEnv()): Promise<TestStores> {
    return new TestStores(env, await openMemoryStore(env), await openMemoryStore(env))
  }

  async coordinator(
    options: Partial<DistributedTransactionCoordinatorOptions> = {},
  ): Promise<DistributedTransactionCoordinator> {
    const coordinator = await DistributedTransactionCoordinator.open({
      stores: { a: this.a.provider, b: this.b.provider },
      log: 'a',
      env: this.env,
      recoveryIntervalMs: 0,
      ...options,
    })
    this.#opened.push(coordinator)
    return coordinator
  }

  /** Every key of both stores, those of the coordinator too but for the log's identity. */
  async everything(): Promise<string[]> {
    const all: string[] = []
    for (const [name, { provider }] of [['a', this.a] as const, ['b', this.b] as const]) {
      await using tx = await provider.begin()
      for (const entry of await entriesOf(tx)) all.push(`${name}/${entry}`)
    }
    return all.filter((entry) => !entry.startsWith('a/_distributed.identity'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const coordinator of this.#opened) await coordinator.close()
    await this.a.provider.close()
    await this.b.provider.close()
  }
}

export async function entriesOf(reader: Reader): Promise<string[]> {
  const entries: string[] = []
  for await (const chunk of reader.scan({})) {
    for (const { key, value } of chunk) entries.push(`${fromUtf8(key)}=${fromUtf8(value)}`)
  }
  return entries
}

/** Writes `key` in both stores. */
export async function putBoth(tx: DistributedTransaction, key: string, value: string): Promise<void> {
  for (const name of ['a', 'b']) (await tx.on(name)).put(utf8(key), utf8(value))
}

export async function getFrom(
  coordinator: DistributedTransactionCoordinator,
  store: string,
  key: string,
): Promise<string | undefined> {
  await using tx = await coordinator.store(store).begin()
  const value = await tx.get(utf8(key))
  return value && fromUtf8(value)
}

/** Stops a transaction at one step, as a process does that is killed there, or that hangs for a long time. */
export class Freezer {
  readonly #at: string
  #reached: () => void = () => undefined
  #thaw: () => void = () => undefined
  readonly reached = new Promise<void>((resolve) => (this.#reached = resolve))
  readonly #thawed = new Promise<void>((resolve) => (this.#thaw = resolve))

  constructor(at: string) {
    this.#at = at
  }

  readonly onStep = async (_id: string, step: ProtocolStep): Promise<void> => {
    if (nameOf(step) !== this.#at) return
    this.#reached()
    await this.#thawed
  }

  thaw(): void {
    this.#thaw()
  }
}

export function nameOf(step: ProtocolStep): string {
  return 'store' in step ? `${step.step}:${step.store}` : step.step
}
