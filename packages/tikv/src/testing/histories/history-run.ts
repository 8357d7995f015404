import { fromUtf8, OrbitError, TestEnv, utf8 } from '@orbit-ts/base'
import type { TransactionOptions } from '../../txn/transaction-options.js'
import { TestCluster } from '../test-cluster.js'
import { Dice } from './dice.js'
import { FaultScheduler } from './fault-scheduler.js'
import { Fleet } from './fleet.js'
import { writtenBy, type Anomaly, type HistoryTransaction, type Version, type Versions } from './history.js'
import { NodeEnv } from './node-env.js'
import { Recorder } from './recorder.js'
import { checkVersions } from './version-checker.js'
import type { Level, Workload } from './workload.js'
import { bank } from './workloads/bank.js'
import { cycle } from './workloads/cycle.js'
import { listAppend } from './workloads/list-append.js'
import { pairs } from './workloads/pairs.js'

const WORKLOADS = [bank, cycle, listAppend, pairs] as const
/** Far more than any run needs: one that is not done by then hangs. */
const LIMIT_MS = 30 * 60_000
const STEP_MS = 5

/** What a seed stands for. */
export interface HistoryPlan {
  readonly seed: number
  readonly workload: Workload
  readonly level: Level
  readonly modes: readonly ('optimistic' | 'pessimistic')[]
  readonly stores: number
  readonly clients: number
  readonly transactions: number
  /** The longest between two faults. */
  readonly faultPauseMs: number
}

export interface HistoryResult {
  readonly plan: HistoryPlan
  readonly history: readonly HistoryTransaction[]
  readonly faults: readonly string[]
  readonly anomalies: readonly Anomaly[]
  readonly virtualMs: number
}

export interface HistoryHooks {
  /** For looking into a failure: sees the cluster before anything happens. */
  readonly onCluster?: (cluster: TestCluster) => void
}

export function planOf(seed: number): HistoryPlan {
  const dice = new Dice(seed)
  return {
    seed,
    workload: WORKLOADS[seed % WORKLOADS.length] ?? bank,
    level: Math.floor(seed / WORKLOADS.length) % 2 === 0 ? 'snapshot' : 'serializable',
    modes: dice.pick([['optimistic'], ['pessimistic'], ['optimistic', 'pessimistic']]),
    stores: dice.pick([3, 4, 5]),
    clients: dice.between(2, 4),
    transactions: dice.between(80, 160),
    faultPauseMs: dice.pick([40, 100, 250]),
  }
}

/**
 * Runs clients against a cluster that fails all the time, and checks what they saw. The seed decides everything.
 *
 * A run that does not come to its end within bounded virtual time is an anomaly too, as are locks, timers and calls
 * that are left afterwards.
 */
export async function runHistory(seed: number, hooks: HistoryHooks = {}): Promise<HistoryResult> {
  const run = new HistoryRun(planOf(seed), hooks)
  return run.run()
}

class HistoryRun {
  readonly #plan: HistoryPlan
  readonly #hooks: HistoryHooks
  readonly #env: TestEnv
  readonly #dice: Dice
  readonly #recorder = new Recorder()
  readonly #anomalies: Anomaly[] = []

  constructor(plan: HistoryPlan, hooks: HistoryHooks) {
    this.#plan = plan
    this.#hooks = hooks
    this.#env = new TestEnv({ seed: plan.seed })
    this.#dice = new Dice(plan.seed ^ 0x5eed)
  }

  async run(): Promise<HistoryResult> {
    const startedMs = this.#env.clock.nowMs()
    const servers = new NodeEnv(this.#env)
    const { stores, workload } = this.#plan
    const splitKeys = this.#dice.sample(workload.splitKeys, 3).map(utf8)
    const cluster = await this.#drive(TestCluster.start({ env: servers, stores, pdMembers: 3, splitKeys }))
    this.#hooks.onCluster?.(cluster)
    const fleet = this.#fleet(cluster)
    const faults = new FaultScheduler(this.#env, this.#victims(cluster, servers, fleet), this.#dice.split())
    const work = this.#work(cluster, fleet, faults)
    try {
      await this.#drive(work)
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.#anomalies.push({ kind: 'run', detail: text })
    }
    const { history } = this.#recorder
    return {
      plan: this.#plan,
      history,
      faults: faults.log,
      anomalies: [...fleet.anomalies, ...this.#anomalies],
      virtualMs: this.#env.clock.nowMs() - startedMs,
    }
  }

  #fleet(cluster: TestCluster): Fleet {
    const { level, modes, workload } = this.#plan
    return new Fleet({
      env: this.#env,
      cluster,
      recorder: this.#recorder,
      dice: this.#dice.split(),
      nextOptions: (dice) => optionsOf(dice, dice.pick(modes), level),
      nextStep: (dice, options) => workload.next(dice, options.mode ?? 'optimistic'),
      concurrency: 2,
    })
  }

  #victims(
    cluster: TestCluster,
    servers: NodeEnv,
    fleet: Fleet,
  ): ConstructorParameters<typeof FaultScheduler>[1] {
    return {
      cluster,
      servers,
      splitKeys: this.#plan.workload.splitKeys,
      clients: () => fleet.clients,
      kills: () => fleet.kills,
      killAtPrewrite: (name, delayMs) => fleet.killAtPrewrite(name, delayMs),
    }
  }

  async #work(cluster: TestCluster, fleet: Fleet, faults: FaultScheduler): Promise<void> {
    const { clients, transactions, faultPauseMs } = this.#plan
    await this.#fill(fleet)
    faults.start(faultPauseMs)
    await fleet.run(clients, transactions)
    await faults.stop()
    const final = await this.#inspect(cluster, fleet)
    await fleet.close()
    const versions = versionsOf(cluster)
    await cluster.close()
    this.#check(final, versions)
    const left = { timers: this.#env.pendingTimers, calls: cluster.network?.callCount ?? 0 }
    if (left.timers + left.calls > 0)
      this.#anomalies.push({ kind: 'left-behind', detail: JSON.stringify(left) })
  }

  async #fill(fleet: Fleet): Promise<void> {
    const { initial } = this.#plan.workload
    await fleet.fill((operations) => {
      for (const [key, payload] of initial) operations.put(key, writtenBy(operations.id, payload))
    })
  }

  /** Ends what dead clients left, and reads everything. */
  async #inspect(cluster: TestCluster, fleet: Fleet): Promise<ReadonlyMap<string, string>> {
    const { start, end } = this.#plan.workload.range
    const client = await fleet.connect()
    const snapshot = await client.txn.snapshot()
    const rows: [string, string][] = []
    for await (const chunk of snapshot.scan({ start: utf8(start), end: utf8(end) })) {
      rows.push(...chunk.map(({ key, value }): [string, string] => [fromUtf8(key), fromUtf8(value)]))
    }
    await client.admin.resolveLocks(await client.txn.currentTimestamp())
    for (const lock of cluster.mvcc.locks()) {
      this.#anomalies.push({ kind: 'lock-left', detail: `${fromUtf8(lock.key)} by ${lock.lockVersion}` })
    }
    return new Map(rows)
  }

  #check(final: ReadonlyMap<string, string>, versions: Versions): void {
    const { workload, level } = this.#plan
    const { history } = this.#recorder
    this.#anomalies.push(...checkVersions(history, versions), ...workload.check(history, final, level))
    const newest = [...versions].flatMap(([key, list]) => {
      const value = list.at(-1)?.value
      return value === undefined ? [] : [`${key}=${value}`]
    })
    const seen = [...final].map(([key, value]) => `${key}=${value}`)
    if (newest.sort().join() === seen.sort().join()) return
    this.#anomalies.push({
      kind: 'final-read',
      detail: `the servers have ${newest.join(' ')}, a reader saw ${seen.join(' ')}`,
    })
  }

  async #drive<T>(work: Promise<T>): Promise<T> {
    const state = { done: false }
    const mark = (): void => void (state.done = true)
    work.then(mark, mark)
    const limitMs = this.#env.clock.nowMs() + LIMIT_MS
    while (!state.done) {
      if (this.#env.clock.nowMs() > limitMs) {
        throw new OrbitError('INTERNAL', `the run was not done after ${LIMIT_MS} ms: it hangs`)
      }
      await this.#env.advance(STEP_MS)
    }
    return work
  }
}

function optionsOf(dice: Dice, mode: 'optimistic' | 'pessimistic', isolation: Level): TransactionOptions {
  const pipelines = mode === 'optimistic' && isolation === 'snapshot' && dice.chance(0.1)
  return {
    mode,
    isolation,
    asyncCommit: dice.chance(0.6),
    onePc: dice.chance(0.5),
    lockWait: dice.pick(['nowait', 200, 3000, 20_000]),
    ...(dice.chance(0.1) && { timeoutMs: dice.between(200, 5000) }),
    ...(pipelines && { pipelined: { flushKeysMin: 1, flushBytesMin: 1 } }),
  }
}

function versionsOf(cluster: TestCluster): Versions {
  const versions = new Map<string, readonly Version[]>()
  for (const [key, { writes, values }] of cluster.mvcc.state.data.ascending(utf8(''))) {
    const committed = writes.filter(({ type }) => type === 'put' || type === 'delete')
    if (committed.length === 0) continue
    const found = committed.map(({ type, startTs, commitTs, shortValue }): Version => {
      const value = type === 'delete' ? undefined : (shortValue ?? values.get(startTs))
      return { startTs, commitTs, value: value === undefined ? undefined : fromUtf8(value) }
    })
    versions.set(fromUtf8(key), found.reverse())
  }
  return versions
}
