import { defined, utf8 } from '@orbit-ts/base'
import type { FaultAction } from '../faults.js'
import { regionErrors } from '../store/region-refusal.js'
import type { TestCluster } from '../test-cluster.js'
import type { Dice } from './dice.js'
import type { NodeEnv } from './node-env.js'

/** Who can be harmed. */
export interface Victims {
  readonly cluster: TestCluster
  /** The clock of all servers. */
  readonly servers: NodeEnv
  /** Keys near which regions are cut. */
  readonly splitKeys: readonly string[]
  /** Names and clocks of the clients that live. */
  readonly clients: () => ReadonlyMap<string, NodeEnv>
  /** How many were killed so far. */
  readonly kills: () => number
  /** Ends a client as a crash does, as soon as it has sent the next prewrite; another takes its place. */
  readonly killAtPrewrite: (client: string, delayMs: number) => void
}

/** Harm that was done. */
export interface Harm {
  readonly what: string
  /** Undoes it, after so long. Harm without it passes by itself. */
  readonly heal?: { readonly afterMs: number; readonly run: () => void | Promise<void> }
}

/** Does harm of one kind, if it can be done now. */
export type Harmer = (victims: Victims, dice: Dice) => Promise<Harm | undefined> | Harm | undefined

const KILLS_MAX = 5

const METHODS = [
  'KvGet',
  'KvBatchGet',
  'KvScan',
  'KvPrewrite',
  'KvPrewrite',
  'KvCommit',
  'KvCommit',
  'KvPessimisticLock',
  'KVPessimisticRollback',
  'KvBatchRollback',
  'KvCheckTxnStatus',
  'KvCheckSecondaryLocks',
  'KvResolveLock',
  'KvTxnHeartBeat',
]

async function stopStore({ cluster }: Victims, dice: Dice): Promise<Harm | undefined> {
  const running = cluster.state.stores().filter((store) => store.running)
  // Two of five could go, but a region of three peers would then be without a majority.
  if (running.length < cluster.state.stores().length) return undefined
  const { id } = dice.pick(running)
  const electionMs = dice.pick([0, dice.between(1, 800)])
  await cluster.stopStore(id, { electionMs })
  const newAddress = dice.chance(0.2)
  const run = async (): Promise<void> => void (await cluster.startStore(id, { newAddress }))
  return {
    what: `stop store ${id}, election ${electionMs} ms`,
    heal: { afterMs: dice.between(100, 4000), run },
  }
}

function moveLeader({ cluster }: Victims, dice: Dice): Harm | undefined {
  const { region, leader } = dice.pick(cluster.state.regions())
  const candidates = region.peers.filter(
    ({ storeId }) => storeId !== leader?.storeId && cluster.state.store(storeId).running,
  )
  if (candidates.length === 0) return undefined
  const { storeId } = dice.pick(candidates)
  cluster.state.transferLeader(region.id, storeId)
  return { what: `move leader of ${region.id} to store ${storeId}` }
}

function dropLeader({ cluster }: Victims, dice: Dice): Harm {
  const { id } = dice.pick(cluster.state.regions()).region
  cluster.state.dropLeader(id)
  const run = (): void => {
    const found = cluster.state.findRegion(id)
    if (found !== undefined && found.leader === undefined) cluster.state.elect(id)
  }
  return { what: `no leader of ${id}`, heal: { afterMs: dice.between(20, 1500), run } }
}

function split({ cluster, splitKeys }: Victims, dice: Dice): Harm {
  const key = `${dice.pick(splitKeys)}${dice.pick(['', '', '0', '/'])}`
  cluster.splitAt(utf8(key))
  return { what: `split at ${key}` }
}

function merge({ cluster }: Victims, dice: Dice): Harm | undefined {
  const regions = cluster.state.regions()
  if (regions.length < 2) return undefined
  const at = dice.between(0, regions.length - 2)
  const pair = [regions[at], regions[at + 1]].map((one) => defined(one, 'a region').region.id)
  const [source = 0n, target = 0n] = dice.chance(0.5) ? pair : pair.reverse()
  cluster.state.mergeRegions(source, target)
  return { what: `merge ${source} into ${target}` }
}

function cutStream({ cluster }: Victims, dice: Dice): Harm {
  const storeId = dice.pick(cluster.storeIds)
  const afterAnswers = dice.between(0, 4)
  cluster.faults.cutStream(afterAnswers, storeId)
  return { what: `cut a stream of store ${storeId} after ${afterAnswers} answers` }
}

function cutConnections({ cluster, clients }: Victims, dice: Dice): Harm {
  const network = defined(cluster.network, 'a network within the process')
  const store = cluster.state.store(dice.pick(cluster.storeIds))
  // Nobody, while the last one that was killed starts again.
  const from = [...clients().keys()].map((name) => ({ from: name }))
  const filter = dice.chance(0.5) && from.length > 0 ? dice.pick(from) : { to: store.address }
  return { what: `cut ${network.cut(filter)} calls of ${JSON.stringify(filter)}` }
}

function disturbCalls({ cluster }: Victims, dice: Dice): Harm {
  const method = dice.pick(METHODS)
  const action = dice.pick(disturbances)(dice)
  const times = dice.between(1, 3)
  const fault = cluster.faults.add({ method }, action, { times, skip: dice.between(0, 2) })
  const heal = { afterMs: dice.between(500, 5000), run: () => fault.remove() }
  const name = action.kind === 'region-error' ? Object.keys(action.error).join() : JSON.stringify(action)
  return { what: `${times} × ${method}: ${name}`, heal }
}

const disturbances: readonly ((dice: Dice) => FaultAction)[] = [
  () => ({ kind: 'drop' }),
  () => ({ kind: 'lose-answer' }),
  () => ({ kind: 'lose-answer' }),
  (dice) => ({ kind: 'delay', ms: dice.between(1, 4000) }),
  (dice) => ({ kind: 'delay-answer', ms: dice.between(1, 4000) }),
  (dice) => ({ kind: 'delay-apply', ms: dice.between(1, 500) }),
  () => ({ kind: 'duplicate' }),
  () => ({ kind: 'hang' }),
  () => ({ kind: 'hang-answer' }),
  () => ({ kind: 'region-error', error: regionErrors.serverIsBusy('simulated') }),
  () => ({ kind: 'region-error', error: regionErrors.staleCommand() }),
  () => ({ kind: 'region-error', error: regionErrors.maxTimestampNotSynced() }),
  () => ({ kind: 'region-error', error: regionErrors.undeterminedResult('simulated') }),
]

function freezePd({ cluster }: Victims, dice: Dice): Harm {
  cluster.pd.freeze()
  return { what: 'freeze PD', heal: { afterMs: dice.between(20, 4000), run: () => cluster.pd.thaw() } }
}

function movePdLeader({ cluster }: Victims, dice: Dice): Harm {
  const next = dice.between(0, cluster.pd.members.length - 1)
  const electionMs = dice.pick([0, dice.between(1, 1500)])
  cluster.pd.setLeader(electionMs === 0 ? next : undefined)
  const what = `PD is led by ${next} after ${electionMs} ms`
  return electionMs === 0
    ? { what }
    : { what, heal: { afterMs: electionMs, run: () => cluster.pd.setLeader(next) } }
}

function killClient({ clients, killAtPrewrite, kills }: Victims, dice: Dice): Harm | undefined {
  // What the dead were doing says little, and there must be something left to check.
  if (kills() >= KILLS_MAX || clients().size === 0) return undefined
  const client = dice.pick([...clients().keys()])
  const delayMs = dice.pick([0, dice.between(0, 15)])
  killAtPrewrite(client, delayMs)
  return { what: `kill ${client} ${delayMs} ms after its next prewrite` }
}

function jumpClock({ clients, servers }: Victims, dice: Dice): Harm {
  const [name, env] = dice.pick([...clients(), ['all servers', servers] as const])
  const ms = dice.between(500, 30_000)
  env.jump(ms)
  return { what: `the clock of ${name} jumps ${ms} ms ahead` }
}

/** Every kind of harm; those that matter most more than once. */
export const harmers: readonly Harmer[] = [
  stopStore,
  stopStore,
  moveLeader,
  moveLeader,
  dropLeader,
  split,
  split,
  merge,
  cutStream,
  cutConnections,
  disturbCalls,
  disturbCalls,
  disturbCalls,
  disturbCalls,
  freezePd,
  movePdLeader,
  killClient,
  jumpClock,
]
