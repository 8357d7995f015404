// @ts-check
/**
 * Three servers on one TiKV cluster work on transactions that clients send over HTTP. Servers are killed with SIGKILL
 * in the middle of commits and started again; meanwhile stores of the cluster are stopped and started, leaders move, PD
 * changes its leader, and regions split and merge. Clients go on with whoever answers. Afterwards every acknowledged
 * transaction is there, none that was refused is, and of none only a part; of two that ask for the same number, through
 * different servers, one gets it.
 */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { openDatabase } from '@orbit-ts/engine'
import { keepSplitting, TestCluster } from '@orbit-ts/tikv/testing'
import { findDamage, mulberry32, notes, requireKilled, schema, send, startServer } from './http-workload.js'

const ROUNDS = Number(process.env['ORBIT_CRASH_ROUNDS'] ?? 6)
const SEED = Number(process.env['ORBIT_CRASH_SEED'] ?? 1)
const SERVERS = 3
const CLIENTS = 9
/** Acknowledged transactions over which a rate is taken. */
const MEASURED = 100
/** Requests that the cluster gets, at most, between one blow and the next. */
const APART_MAX = 500
/** Transactions that are done before anything is measured. */
const WARM = 30
/** Locks of the dead end long before. */
const RECOVERY_MAX_MS = 120_000
const SPLITTING = { intervalMs: 200, regionsMax: 16 }
/** Of one number that is asked for twice. */
const TWICE = 0.15
/** What may be answered while others write, and while servers are lost; nothing has happened then. */
const REFUSALS = [
  'TRANSACTION_CONFLICT',
  'TRANSACTION_TIMEOUT',
  'LOCK_TIMEOUT',
  'STORAGE_UNAVAILABLE',
  'UNIQUE_VIOLATION',
  'RECORD_EXISTS',
  'KEY_EXISTS',
]

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

/** The servers that live. */
class Fleet {
  /** @type {(Server | undefined)[]} */
  #servers = []
  #changes = new EventEmitter().setMaxListeners(0)

  /** @param {number} at @param {Server} server */
  add(at, server) {
    this.#servers[at] = server
    this.#changes.emit('added')
  }

  /** @param {number} at @returns {Server} which is not asked any more */
  take(at) {
    const server = this.#servers[at]
    assert.ok(server !== undefined)
    this.#servers[at] = undefined
    return server
  }

  get all() {
    return this.#servers.filter((server) => server !== undefined)
  }

  /** One of them; the next one that starts when there is none. @param {() => number} random */
  async any(random) {
    for (;;) {
      const { all } = this
      const server = all[Math.floor(random() * all.length)]
      if (server !== undefined) return server
      await once(this.#changes, 'added')
    }
  }
}

/** What clients were told. */
class Outcomes {
  #changes = new EventEmitter().setMaxListeners(0)
  /** @type {Set<number>} */
  acknowledged = new Set()
  /** Numbers that two have got. @type {number[]} */
  twice = []
  /** Nobody can know. @type {Set<number>} */
  unknown = new Set()
  /** @type {Set<number>} */
  refused = new Set()
  /** @type {Map<string, number>} */
  codes = new Map()

  /** @param {number} n @param {Awaited<ReturnType<typeof send>>} answer */
  note(n, answer) {
    if (answer?.status === 200) {
      if (this.acknowledged.has(n)) this.twice.push(n)
      this.acknowledged.add(n)
      this.#changes.emit('acknowledged')
      return
    }
    const code = answer?.code ?? 'connection broken'
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1)
    if (answer === undefined || code === 'COMMIT_UNDETERMINED') this.unknown.add(n)
    else {
      assert.ok(REFUSALS.includes(code), `transaction ${n}: ${answer.status} ${code}`)
      this.refused.add(n)
    }
  }

  /** Resolves when so many more are acknowledged. @param {number} count */
  async more(count) {
    const wanted = this.acknowledged.size + count
    while (this.acknowledged.size < wanted) await once(this.#changes, 'acknowledged')
  }

  /** Of all that asked for the number. */
  get certainlyRefused() {
    return new Set([...this.refused].filter((n) => !this.acknowledged.has(n) && !this.unknown.has(n)))
  }
}

test(
  `tikv: ${ROUNDS} kills of servers on a cluster that fails lose and tear nothing (seed ${SEED})`,
  { timeout: 10 * 60_000 },
  async (context) => {
    const random = mulberry32(SEED)
    const cluster = await TestCluster.start({ transport: 'sockets', stores: 3, pdMembers: 3 })
    cluster.faults.logLimit = 0
    const splitting = keepSplitting(cluster, SPLITTING)
    const storage = /** @type {const} */ ({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] })
    const start = () => startServer(['--storage', 'tikv', '--pd-endpoints', cluster.pdEndpoints.join(',')])
    const fleet = new Fleet()
    const outcomes = new Outcomes()
    const stop = new AbortController()
    try {
      await (await openDatabase({ storage, schema })).close()
      for (let at = 0; at < SERVERS; at++) fleet.add(at, await start())
      const clients = runClients({ fleet, outcomes, random, stop: stop.signal })
      // Servers that have just started are slow.
      await outcomes.more(WARM)
      const before = await rate(outcomes)
      for (let round = 0; round < ROUNDS; round++) {
        const at = Math.floor(random() * SERVERS)
        const heal = await harm(cluster, round, random)
        await requests(cluster, Math.floor(random() * APART_MAX))
        const victim = fleet.take(at)
        victim.child.kill('SIGKILL')
        await requireKilled(victim)
        await requests(cluster, Math.floor(random() * APART_MAX))
        await heal()
        fleet.add(at, await start())
      }
      const recovery = await recover(outcomes, before / 2)
      stop.abort()
      await clients
      await check(storage, outcomes)
      context.diagnostic(
        `${outcomes.acknowledged.size} acknowledged, ${outcomes.unknown.size} unknown, ${ROUNDS} kills; others: ${JSON.stringify([...outcomes.codes])}`,
      )
      context.diagnostic(
        `commits a second before ${before.toFixed(0)}, afterwards ${recovery.rate.toFixed(0)}, reached after ${recovery.seconds} s; ratio ${(recovery.rate / before).toFixed(2)}`,
      )
      assert.ok(outcomes.codes.has('connection broken'), 'a server was killed in the middle of something')
    } finally {
      stop.abort()
      splitting.cancel()
      for (const { child } of fleet.all) child.kill('SIGKILL')
      await cluster.close()
    }
  },
)

/**
 * @param {{ fleet: Fleet, outcomes: Outcomes, random: () => number, stop: AbortSignal }} parts
 */
async function runClients({ fleet, outcomes, random, stop }) {
  let next = 0
  const client = async () => {
    while (!stop.aborted) {
      const n = next++
      const copies = random() < TWICE ? 2 : 1
      const sent = Array.from({ length: copies }, async () => {
        const { url } = await fleet.any(random)
        outcomes.note(n, await send(url, n))
      })
      await Promise.all(sent)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

/**
 * Resolves when stores and PD have got so many more requests. Some always come, also while the cluster fails.
 * @param {TestCluster} cluster @param {number} count
 */
async function requests({ faults, pd }, count) {
  let left = count
  const changes = new EventEmitter()
  const seen = () => {
    left -= 1
    if (left <= 0) changes.emit('enough')
    return false
  }
  const enough = once(changes, 'enough')
  const watch = faults.add({ where: seen }, { kind: 'delay', ms: 0 })
  const unwatch = pd.addHook(() => void seen())
  await enough
  watch.remove()
  unwatch()
}

/** Does harm to the cluster; gives what undoes it. @param {TestCluster} cluster @param {number} round @param {() => number} random */
async function harm(cluster, round, random) {
  const { state, pd } = cluster
  if (round % 3 === 0) {
    const id = cluster.storeIds[Math.floor(random() * cluster.storeIds.length)] ?? 1n
    await cluster.stopStore(id, { electionMs: Math.floor(random() * 500) })
    return async () => void (await cluster.startStore(id))
  }
  if (round % 3 === 1) {
    pd.setLeader(undefined)
    return async () => pd.setLeader(round % pd.members.length)
  }
  for (const { region, leader } of [...state.regions()]) {
    const other = region.peers.find(({ storeId }) => storeId !== leader?.storeId)
    if (other !== undefined) state.transferLeader(region.id, other.storeId)
  }
  return async () => undefined
}

/** Commits a second while nothing is harmed. @param {Outcomes} outcomes */
async function rate(outcomes) {
  const startedMs = performance.now()
  await outcomes.more(MEASURED)
  return (MEASURED * 1000) / (performance.now() - startedMs)
}

/**
 * The first rate that reaches what is wanted, and how long that took; the best one when none does.
 * @param {Outcomes} outcomes
 * @param {number} wanted
 */
async function recover(outcomes, wanted) {
  const startedMs = Date.now()
  const seen = { rate: 0, seconds: 0 }
  while (seen.rate < wanted && Date.now() - startedMs < RECOVERY_MAX_MS) {
    seen.rate = Math.max(seen.rate, await rate(outcomes))
    seen.seconds = Math.round((Date.now() - startedMs) / 1000)
  }
  return seen
}

/** @param {{ kind: 'tikv', pdEndpoints: string[] }} storage @param {Outcomes} outcomes */
async function check(storage, outcomes) {
  const { acknowledged, certainlyRefused, twice } = outcomes
  assert.deepEqual(twice, [])
  const db = await openDatabase({ storage, schema })
  try {
    const { damage, count } = await findDamage(db, acknowledged, certainlyRefused)
    assert.deepEqual(damage.slice(0, 10), [], `seed ${SEED}`)
    assert.ok(count >= acknowledged.size)
    // The checker itself: what nobody sent must be missed, what was done must not have been refused, a part must be seen.
    const nobody = -1
    const [done = nobody] = acknowledged
    assert.equal((await findDamage(db, new Set([nobody]))).damage.length, 1)
    assert.equal((await findDamage(db, new Set(), new Set([done]))).damage.length, 1)
    await db.collection(notes).insert({ id: 'torn', n: nobody })
    assert.equal((await findDamage(db, acknowledged)).damage.length, 1)
  } finally {
    await db.close()
  }
}
