import { defined, delay, OrbitError, silentLogger, type Env } from '@orbit-ts/base'
import { openProvider, type StorageProvider, type TransactionOptions } from '@orbit-ts/storage'
import type { Transport } from '@orbit-ts/tikv'
import type { TestCluster } from '@orbit-ts/tikv/testing'
import { NodeEnv, type Anomaly, type Dice, type Level, type Outcome } from '@orbit-ts/tikv/testing/histories'
import { openDatabase, type Database, type ObjectSchema } from '../database.js'
import type { DatabaseTransaction } from '../txn/database-transaction.js'
import { Attempt } from './attempt.test.data.js'
import type { Ended, FaultWorkload, Step } from './fault-workload.test.data.js'

export interface DatabaseFleetOptions {
  readonly env: Env
  readonly cluster: TestCluster
  readonly dice: Dice
  readonly workload: FaultWorkload
  readonly level: Level
  readonly modes: readonly ('optimistic' | 'pessimistic')[]
}

interface Member {
  readonly name: string
  readonly env: NodeEnv
  readonly db: Database
  readonly provider: StorageProvider
  readonly transport: Transport
  readonly killed: Promise<void>
  readonly kill: () => void
}

/** How a part of a run went. */
export interface Phase {
  readonly committed: number
  readonly virtualMs: number
  /** Codes of what failed, as often as they came. */
  readonly failures: ReadonlyMap<string, number>
}

/** Transactions of one database that run at once. */
const CONCURRENCY = 2
const PAUSE_MAX_MS = 30
const RESTART_MS = 200
const LOCK_WAITS_MS = [0, 200, 3000] as const

/** What becomes of a transaction where others write the same. */
export const CONTENTION: readonly string[] = [
  'TRANSACTION_CONFLICT',
  'TRANSACTION_DEADLOCK',
  'LOCK_TIMEOUT',
  'LOCK_NOT_AVAILABLE',
]
/** And where servers fail. */
const OUTAGES: readonly string[] = ['TRANSACTION_TIMEOUT', 'COMMIT_UNDETERMINED', 'STORAGE_UNAVAILABLE']
const CHANGED_ITS_MIND = 'ABORTED'

/**
 * Databases that share one cluster, each as in a process of its own: with a clock, a client and connections that end
 * when it is killed.
 *
 * Invariants:
 * 1. A database that was killed does nothing more: no message, no timer. The outcome of what it had open is unknown.
 * 2. Every error that a program gets is one that it can be expected to handle; others are anomalies.
 */
export class DatabaseFleet {
  readonly anomalies: Anomaly[] = []
  readonly #options: DatabaseFleetOptions
  readonly #members = new Map<string, Member>()
  readonly #dead = new Set<string>()
  readonly #doomed = new Map<string, number>()
  readonly #work = new Set<Promise<void>>()
  readonly #open = new Set<Attempt>()
  readonly #ended: Ended[] = []
  #failures = new Map<string, number>()
  #committed = 0
  #lastName = 0
  #lastAttempt = 0
  #moment = 0
  #left = 0

  constructor(options: DatabaseFleetOptions) {
    this.#options = options
    defined(options.cluster.network, 'a network within the process').addHook({
      onMessage: ({ call }) =>
        this.#dead.has(call.from) ? 'drop' : { delayMs: options.dice.pick([0, 0, 1, 1, 2, 5]) },
    })
  }

  /** Clocks of those that live. */
  get clients(): ReadonlyMap<string, NodeEnv> {
    return new Map([...this.#members].map(([name, { env }]) => [name, env]))
  }

  get kills(): number {
    return this.#dead.size
  }

  /** All attempts so far. Of those that are still open nobody knows how they end. */
  get ended(): readonly Ended[] {
    const open = [...this.#open].map((attempt) => ({
      attempt,
      transaction: attempt.closed(Infinity, 'undetermined', 'none'),
    }))
    return [...this.#ended, ...open].sort((a, b) => a.attempt.id - b.attempt.id)
  }

  async join(count: number): Promise<void> {
    while (this.#members.size < count) await this.#join()
  }

  /** A database besides those that work. */
  async connect(): Promise<Database> {
    return (await this.#join()).db
  }

  /** Begins so many transactions, with all databases. */
  async run(transactions: number): Promise<Phase> {
    const startedMs = this.#options.env.clock.monotonicMs()
    this.#failures = new Map()
    this.#committed = 0
    // Who has lived to see the end of a phase is spared.
    this.#doomed.clear()
    this.#left = transactions
    for (const member of this.#members.values()) this.#employ(member)
    while (this.#work.size > 0) await Promise.all(this.#work)
    const virtualMs = this.#options.env.clock.monotonicMs() - startedMs
    return { committed: this.#committed, virtualMs, failures: this.#failures }
  }

  /** Ends a database as a crash does, so long after it has begun its next commit. */
  killAtCommit(name: string, delayMs: number): void {
    this.#doomed.set(name, delayMs)
  }

  async close(): Promise<void> {
    for (const { db, provider } of this.#members.values()) {
      await db.close()
      await provider.close()
    }
    this.#members.clear()
  }

  async #join(): Promise<Member> {
    const { cluster, workload } = this.#options
    const name = `db${++this.#lastName}`
    const env = new NodeEnv(this.#options.env)
    const transport = defined(cluster.network, 'a network within the process').transport(name)
    let kill = (): void => undefined
    const killed = new Promise<void>((resolve) => (kill = resolve))
    for (;;) {
      try {
        const provider = await openProvider(
          { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints], gcIntervalMs: 0 },
          { env, transport, logger: silentLogger },
        )
        const db = await openDatabase({ storage: provider, env, schema: workload.schema }).catch(
          async (error: unknown) => {
            await provider.close()
            throw error
          },
        )
        const member: Member = { name, env, db, provider, transport, killed, kill }
        this.#members.set(name, member)
        return member
      } catch (error) {
        // As a supervisor does: the cluster may not be there yet, or one that was killed may still hold a definition locked.
        if (!(error instanceof OrbitError && [...OUTAGES, ...CONTENTION].includes(error.code))) throw error
        await delay(env, RESTART_MS)
      }
    }
  }

  #employ(member: Member): void {
    for (let at = 0; at < CONCURRENCY; at++) {
      const dice = this.#options.dice.split()
      const work = Promise.race([this.#loop(member, dice), member.killed])
      this.#work.add(work)
      void work.then(
        () => this.#work.delete(work),
        () => undefined,
      )
    }
  }

  async #loop(member: Member, dice: Dice): Promise<void> {
    while (this.#left > 0 && !member.env.killed) {
      this.#left--
      await delay(member.env, dice.between(0, PAUSE_MAX_MS))
      const step = this.#options.workload.next(dice)
      if (step.schema !== undefined) await this.#redefine(member, step, step.schema)
      else if (dice.chance(0.3)) await this.#runRetried(member, step, dice)
      else await this.#runOnce(member, step, dice)
    }
  }

  async #runOnce(member: Member, step: Step, dice: Dice): Promise<void> {
    const attempt = this.#begin(member, step)
    let tx: DatabaseTransaction | undefined
    try {
      tx = await member.db.begin(this.#transactionOptions(dice))
      await step.run(tx, attempt)
      if (dice.chance(0.04)) throw new OrbitError(CHANGED_ITS_MIND, 'the program changed its mind')
      this.#onCommit(member)
      await tx.commit()
      this.#end(member, attempt, 'committed', undefined)
    } catch (error) {
      if (!member.env.killed) await tx?.rollback()
      this.#failed(member, attempt, error)
    }
  }

  /** Through `Database.transaction`, which runs it again after a conflict. */
  async #runRetried(member: Member, step: Step, dice: Dice): Promise<void> {
    let attempt: Attempt | undefined
    try {
      await member.db.transaction(
        async (tx) => {
          if (attempt !== undefined) this.#end(member, attempt, 'aborted', 'run again')
          attempt = this.#begin(member, step)
          await step.run(tx, attempt)
          this.#onCommit(member)
        },
        { ...this.#transactionOptions(dice), attemptsMax: 5 },
      )
      if (attempt !== undefined) this.#end(member, attempt, 'committed', undefined)
    } catch (error) {
      // Without one, not even the first begin succeeded.
      this.#failed(member, attempt ?? this.#begin(member, step), error)
    }
  }

  async #redefine(member: Member, step: Step, schema: ObjectSchema): Promise<void> {
    const attempt = this.#begin(member, step)
    try {
      this.#onCommit(member)
      await member.db.apply([schema], { wait: false })
      this.#end(member, attempt, 'committed', undefined)
    } catch (error) {
      this.#failed(member, attempt, error)
    }
  }

  #transactionOptions(dice: Dice): TransactionOptions {
    const { level, modes } = this.#options
    return { isolation: level, mode: dice.pick(modes), lockWaitMs: dice.pick(LOCK_WAITS_MS) }
  }

  #begin(member: Member, { label }: Step): Attempt {
    const attempt = new Attempt(++this.#lastAttempt, member.name, label, ++this.#moment)
    this.#open.add(attempt)
    return attempt
  }

  #end(member: Member, attempt: Attempt, outcome: Outcome, error: string | undefined): void {
    if (member.env.killed) return
    this.#open.delete(attempt)
    this.#ended.push({ attempt, transaction: attempt.closed(++this.#moment, outcome, error) })
    if (outcome === 'committed') this.#committed++
  }

  #failed(member: Member, attempt: Attempt, error: unknown): void {
    if (member.env.killed) return
    const code = error instanceof OrbitError ? error.code : String(error)
    this.#end(member, attempt, code === 'COMMIT_UNDETERMINED' ? 'undetermined' : 'aborted', code)
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + 1)
    const { refusals } = this.#options.workload
    if ([...CONTENTION, ...OUTAGES, ...refusals, CHANGED_ITS_MIND].includes(code)) return
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.anomalies.push({ kind: 'unexpected-error', detail: `T${attempt.id} (${attempt.label}): ${text}` })
  }

  #onCommit(member: Member): void {
    const delayMs = this.#doomed.get(member.name)
    if (delayMs === undefined) return
    this.#doomed.delete(member.name)
    this.#options.env.timers.set(() => this.#kill(member), delayMs)
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
    void successor.then(
      () => this.#work.delete(successor),
      () => undefined,
    )
    member.kill()
  }
}
