import { delay, OrbitError, silentLogger, TestEnv, toHex } from '@orbit-ts/base'
import { physicalMs, TiKVClient } from '@orbit-ts/tikv'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { Dice, FaultScheduler, NodeEnv, type Anomaly, type Level } from '@orbit-ts/tikv/testing/histories'
import { claims } from './claims.test.data.js'
import { definitions } from './definitions.test.data.js'
import { CONTENTION, DatabaseFleet, type Phase } from './database-fleet.test.data.js'
import type { Ended, FaultWorkload } from './fault-workload.test.data.js'
import { lists } from './lists.test.data.js'
import { money } from './money.test.data.js'

const WORKLOADS = [lists, money, claims, definitions] as const
/** Far more than any run needs: one that is not done by then hangs. */
const LIMIT_MS = 60 * 60_000
const STEP_MS = 5
/** First bytes of the keys of models, near which regions are cut; keys that are being written do the rest. */
const SPLIT_KEYS = ['a', 'd', 'g', 't']
const REGIONS_MAX = 16
const SPLIT_EVERY_MS = 60
/** What is not done by then is done in peace. */
const HARM_MAX_MS = 40_000
/** By then the locks of whoever was killed have run out. */
const SETTLED_MS = 25_000
const SHOWN_MAX = 10

/** What a seed stands for. */
export interface FaultPlan {
  readonly seed: number
  readonly workload: FaultWorkload
  readonly level: Level
  readonly modes: readonly ('optimistic' | 'pessimistic')[]
  readonly stores: number
  readonly databases: number
  /** Of the calm before, and of that after. */
  readonly calm: number
  readonly harmed: number
  /** The longest between two faults. */
  readonly faultPauseMs: number
}

export interface FaultResult {
  readonly plan: FaultPlan
  readonly ended: readonly Ended[]
  readonly faults: readonly string[]
  readonly kills: number
  readonly anomalies: readonly Anomaly[]
  /** Before, during and after the faults. */
  readonly phases: readonly Phase[]
}

export function planOf(seed: number): FaultPlan {
  const dice = new Dice(seed)
  return {
    seed,
    workload: WORKLOADS[seed % WORKLOADS.length] ?? lists,
    level: Math.floor(seed / WORKLOADS.length) % 2 === 0 ? 'snapshot' : 'serializable',
    modes: dice.pick([['optimistic'], ['optimistic'], ['optimistic', 'pessimistic'], ['pessimistic']]),
    stores: dice.pick([3, 4, 5]),
    databases: dice.between(2, 3),
    calm: 60,
    harmed: dice.between(80, 140),
    faultPauseMs: dice.pick([40, 100, 250]),
  }
}

/** What was wrong with the run of a seed, and how to see it again; undefined when all was well. */
export function complaintOf({ plan, anomalies, faults }: FaultResult): string | undefined {
  if (anomalies.length === 0) return undefined
  const { seed, workload, level, modes } = plan
  return [
    `seed ${seed}: ${workload.name}, ${level}, ${modes.join(' and ')}, ${faults.length} faults, ${anomalies.length} anomalies:`,
    ...anomalies.slice(0, SHOWN_MAX).map(({ kind, detail }) => `  ${kind}: ${detail}`),
    `again: SEED=${seed} node --test packages/engine/dist/tikv-faults/fault-runs.test.js`,
  ].join('\n')
}

/** How throughput went, in virtual time. */
export function throughputOf({ phases, plan, kills, faults }: FaultResult): string {
  const [before = 0, during = 0, after = 0] = phases.map(
    ({ committed, virtualMs }) => (committed * 1000) / virtualMs,
  )
  const numbers = [before, during, after].map((rate) => rate.toFixed(0)).join(', ')
  return `seed ${plan.seed}: commits a second before, during and after ${faults.length} faults and ${kills} kills: ${numbers}; after / before ${(after / before).toFixed(2)}`
}

/**
 * Several databases work on one cluster, first in peace, then while it fails all the time and they are killed, then in
 * peace again; what they were told is compared with what is there. The seed decides everything.
 *
 * A run that does not come to its end within bounded virtual time is an anomaly too, as are errors other than conflicts
 * after the faults, and locks, timers and calls that are left at the end.
 */
export async function runFaults(seed: number): Promise<FaultResult> {
  return new FaultRun(planOf(seed)).run()
}

class FaultRun {
  readonly #plan: FaultPlan
  readonly #env: TestEnv
  readonly #servers: NodeEnv
  readonly #dice: Dice
  readonly #anomalies: Anomaly[] = []
  readonly #phases: Phase[] = []
  #faults: readonly string[] = []
  #kills = 0
  #ended: readonly Ended[] = []

  constructor(plan: FaultPlan) {
    this.#plan = plan
    this.#env = new TestEnv({ seed: plan.seed })
    this.#servers = new NodeEnv(this.#env)
    this.#dice = new Dice(plan.seed ^ 0x5eed)
  }

  async run(): Promise<FaultResult> {
    try {
      await this.#drive(this.#work())
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      this.#anomalies.push({ kind: 'run', detail: text })
    }
    return {
      plan: this.#plan,
      ended: this.#ended,
      faults: this.#faults,
      kills: this.#kills,
      anomalies: this.#anomalies,
      phases: this.#phases,
    }
  }

  async #work(): Promise<void> {
    const { stores, databases, workload, level, modes, calm, harmed, faultPauseMs } = this.#plan
    const cluster = await TestCluster.start({ env: this.#servers, stores, pdMembers: 3 })
    const dice = this.#dice.split()
    const fleet = new DatabaseFleet({ env: this.#env, cluster, dice, workload, level, modes })
    await fleet.join(databases)
    await (await fleet.connect()).transaction((tx) => workload.fill(tx))
    this.#phases.push(await fleet.run(calm))
    const faults = this.#scheduler(cluster, fleet)
    faults.start(faultPauseMs)
    const splitting = keepSplitting(cluster, {
      env: this.#env,
      intervalMs: SPLIT_EVERY_MS,
      regionsMax: REGIONS_MAX,
    })
    const harming = fleet.run(harmed)
    const done = new AbortController()
    const late = delay(this.#env, HARM_MAX_MS, done.signal).catch(() => undefined)
    await Promise.race([harming, late])
    done.abort()
    splitting.cancel()
    await faults.stop()
    this.#phases.push(await harming)
    await delay(this.#env, SETTLED_MS)
    this.#anomalies.push(...this.#findLiveLocks({ mvcc: cluster.mvcc, now: cluster.now() }))
    const after = await fleet.run(calm)
    this.#phases.push(after)
    this.#ended = fleet.ended
    this.#faults = faults.log
    this.#kills = fleet.kills
    this.#anomalies.push(...fleet.anomalies, ...this.#checkCalm(after))
    this.#anomalies.push(...(await workload.check(await fleet.connect(), fleet.ended, level)))
    await fleet.close()
    await this.#resolveLocks(cluster)
    await cluster.close()
    const left = { timers: this.#env.pendingTimers, calls: cluster.network?.callCount ?? 0 }
    if (left.timers + left.calls > 0)
      this.#anomalies.push({ kind: 'left-behind', detail: JSON.stringify(left) })
  }

  #scheduler(cluster: TestCluster, fleet: DatabaseFleet): FaultScheduler {
    const victims = {
      cluster,
      servers: this.#servers,
      splitKeys: SPLIT_KEYS,
      clients: () => fleet.clients,
      kills: () => fleet.kills,
      killAtPrewrite: (name: string, delayMs: number) => fleet.killAtCommit(name, delayMs),
    }
    return new FaultScheduler(this.#env, victims, this.#dice.split())
  }

  /** The locks of whoever was killed have run out; nobody who lives holds any. */
  #findLiveLocks({ mvcc, now }: { readonly mvcc: TestCluster['mvcc']; readonly now: bigint }): Anomaly[] {
    return mvcc.locks().flatMap(({ key, lockVersion, lockTtl }) => {
      const leftMs = Number(lockTtl) - (physicalMs(now) - physicalMs(lockVersion))
      return leftMs <= 0
        ? []
        : [{ kind: 'lock-alive', detail: `${toHex(key)} of ${lockVersion} for ${leftMs} ms` }]
    })
  }

  /** A cluster that is well again serves everybody. */
  #checkCalm({ failures }: Phase): Anomaly[] {
    const expected = [...CONTENTION, ...this.#plan.workload.refusals, 'ABORTED']
    return [...failures]
      .filter(([code]) => !expected.includes(code))
      .map(([code, count]) => ({ kind: 'not-recovered', detail: `${count} × ${code} after the faults` }))
  }

  /** Locks of the dead are all that may be left. */
  async #resolveLocks(cluster: TestCluster): Promise<void> {
    const runtime = { env: this.#env, logger: silentLogger }
    const transport = cluster.network?.transport('janitor')
    const client = await TiKVClient.connect(
      { pdEndpoints: [...cluster.pdEndpoints] },
      { ...runtime, transport },
    )
    await client.admin.resolveLocks(await client.txn.currentTimestamp())
    for (const { key, lockVersion } of cluster.mvcc.locks()) {
      this.#anomalies.push({ kind: 'lock-left', detail: `${toHex(key)} by ${lockVersion}` })
    }
    await client.close()
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
