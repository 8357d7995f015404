import { defined, delay, OrbitError, silentLogger, type Env } from '@orbit-ts/base'
import { TiKVClient } from '../../client.js'
import type { Transport } from '../../rpc/transport.js'
import type { Transaction } from '../../txn/transaction.js'
import type { TransactionOptions } from '../../txn/transaction-options.js'
import type { TestCluster } from '../test-cluster.js'
import type { Dice } from './dice.js'
import type { Anomaly } from './history.js'
import { NodeEnv } from './node-env.js'
import type { HistoryOperations, OpenTransaction, Recorder } from './recorder.js'
import type { Step } from './workload.js'

export interface FleetOptions {
  readonly env: Env
  readonly cluster: TestCluster
  readonly recorder: Recorder
  readonly dice: Dice
  readonly nextOptions: (dice: Dice) => TransactionOptions
  readonly nextStep: (dice: Dice, options: TransactionOptions) => Step
  /** Transactions of one client that run at once. */
  readonly concurrency: number
}

interface Member {
  readonly name: string
  readonly env: NodeEnv
  readonly client: TiKVClient
  readonly transport: Transport
  readonly open: Set<OpenTransaction>
  readonly killed: Promise<void>
  readonly kill: () => void
}

const FILL = 'fill'

/** What may become of a transaction when servers fail and others write the same keys. */
const EXPECTED_ERRORS = new Set([
  'TRANSACTION_CONFLICT',
  'TRANSACTION_DEADLOCK',
  'TRANSACTION_TIMEOUT',
  'TRANSACTION_ABORTED',
  'COMMIT_UNDETERMINED',
  'LOCK_TIMEOUT',
  'LOCK_NOT_AVAILABLE',
  'RPC_FAILED',
  'RPC_TIMEOUT',
  'PD_UNAVAILABLE',
  'REGION_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'SERVER_BUSY',
])

/**
 * The clients of a run.
 *
 * Invariants:
 * 1. A client that was killed does nothing more: no message, no timer. Its open transactions stay open in the history.
 * 2. Every error that a client gets is one that the program can be expected to handle; others are anomalies.
 */
export class Fleet {
  readonly anomalies: Anomaly[] = []
  readonly #options: FleetOptions
  readonly #members = new Map<string, Member>()
  readonly #dead = new Set<string>()
  readonly #doomed = new Map<string, number>()
  readonly #work = new Set<Promise<void>>()
  #lastName = 0
  #left = 0

  constructor(options: FleetOptions) {
    this.#options = options
    const network = defined(options.cluster.network, 'a network within the process')
    network.addHook({
      onMessage: ({ call }) => {
        if (this.#dead.has(call.from)) return 'drop'
        return { delayMs: options.dice.pick([0, 0, 1, 1, 2, 5]) }
      },
    })
    options.cluster.faults.add(
      { method: 'KvPrewrite', where: ({ request }) => this.#onPrewrite(request) },
      { kind: 'drop' },
    )
  }

  /** Clocks of those that live. */
  get clients(): ReadonlyMap<string, NodeEnv> {
    return new Map([...this.#members].map(([name, { env }]) => [name, env]))
  }

  get kills(): number {
    return this.#dead.size
  }

  async connect(): Promise<TiKVClient> {
    return (await this.#join()).client
  }

  /** Runs so many transactions with so many clients. */
  async run(clients: number, transactions: number): Promise<void> {
    this.#left = transactions
    const members: Member[] = []
    while (members.length < clients) members.push(await this.#join())
    for (const member of members) this.#employ(member)
    while (this.#work.size > 0) await Promise.all(this.#work)
  }

  /** Writes the first values. */
  async fill(write: (operations: HistoryOperations) => void): Promise<void> {
    const run = async (operations: HistoryOperations): Promise<void> => write(operations)
    await this.#attempt(await this.#join(), { label: FILL, run }, {}, this.#options.dice)
  }

  killAtPrewrite(name: string, delayMs: number): void {
    this.#doomed.set(name, delayMs)
  }

  async close(): Promise<void> {
    for (const { client } of this.#members.values()) await client.settle()
    for (const { client } of this.#members.values()) await client.close()
    this.#members.clear()
  }

  async #join(): Promise<Member> {
    const { cluster } = this.#options
    const name = `c${++this.#lastName}`
    const env = new NodeEnv(this.#options.env)
    const transport = defined(cluster.network, 'a network within the process').transport(name)
    const config = {
      pdEndpoints: [...cluster.pdEndpoints],
      redactLogs: false,
      connectTimeout: '10m',
    } as const
    const client = await TiKVClient.connect(config, { env, transport, logger: silentLogger })
    let kill = (): void => undefined
    const killed = new Promise<void>((resolve) => (kill = resolve))
    const member: Member = { name, env, client, transport, open: new Set(), killed, kill }
    this.#members.set(name, member)
    return member
  }

  #employ(member: Member): void {
    for (let index = 0; index < this.#options.concurrency; index++) {
      const dice = this.#options.dice.split()
      const work = Promise.race([this.#loop(member, dice), member.killed])
      this.#work.add(work)
      void work.then(() => this.#work.delete(work))
    }
  }

  async #loop(member: Member, dice: Dice): Promise<void> {
    const { nextOptions, nextStep } = this.#options
    while (this.#left > 0 && !member.env.killed) {
      this.#left--
      await delay(member.env, dice.between(0, 60))
      const options = nextOptions(dice)
      await this.#attempt(member, nextStep(dice, options), options, dice)
    }
  }

  async #attempt(member: Member, step: Step, options: TransactionOptions, dice: Dice): Promise<void> {
    const { recorder } = this.#options
    const open = recorder.begin({ client: member.name, label: step.label, options })
    member.open.add(open)
    let transaction: Transaction | undefined
    let committing = false
    try {
      transaction = await member.client.txn.begin(options)
      open.attach(transaction)
      await step.run(open)
      if (step.label !== FILL && dice.chance(0.04))
        throw new OrbitError('TRANSACTION_ABORTED', 'the client changed its mind')
      committing = true
      const { commitTs } = await transaction.commit()
      if (!member.env.killed) recorder.end(open, 'committed', commitTs, undefined)
    } catch (error) {
      if (member.env.killed) return
      if (!committing) await transaction?.rollback()
      if (!member.env.killed) this.#failed(open, step, error)
    } finally {
      if (!member.env.killed) member.open.delete(open)
    }
  }

  #failed(open: OpenTransaction, step: Step, error: unknown): void {
    const code = error instanceof OrbitError ? error.code : String(error)
    this.#options.recorder.end(
      open,
      code === 'COMMIT_UNDETERMINED' ? 'undetermined' : 'aborted',
      undefined,
      code,
    )
    if (EXPECTED_ERRORS.has(code)) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.anomalies.push({ kind: 'unexpected-error', detail: `T${open.id} (${step.label}): ${text}` })
  }

  /** Lets every call pass, and sees which client it is of. */
  #onPrewrite(request: unknown): boolean {
    if (this.#doomed.size === 0) return false
    const startTs =
      typeof request === 'object' && request !== null && 'startVersion' in request
        ? request.startVersion
        : undefined
    for (const [name, delayMs] of this.#doomed) {
      const member = this.#members.get(name)
      if (member === undefined || ![...member.open].some((open) => open.startTs === startTs)) continue
      this.#doomed.delete(name)
      this.#options.env.timers.set(() => this.#kill(member), delayMs)
    }
    return false
  }

  #kill(member: Member): void {
    if (!this.#members.delete(member.name)) return
    this.#dead.add(member.name)
    member.env.kill()
    // What it sends from now on fails at once, so that no call of it is left.
    void member.transport.close()
    const successor = this.#join().then((next) => this.#employ(next))
    this.#work.add(successor)
    // Only then the others may find that nothing is left to do.
    void successor.then(() => this.#work.delete(successor))
    member.kill()
  }
}
