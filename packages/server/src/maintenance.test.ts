import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StorageAddressableDirectory, StorageClusterNodes } from '@orbit-ts/actors'
import { Metrics, TestEnv, createLogger } from '@orbit-ts/base'
import { openDatabase, series, type Database } from '@orbit-ts/engine'
import { Maintenance } from './maintenance.js'

const MINUTE = 60_000

const weather = series('weather', {
  fields: { temperature: 'float' },
  retention: '1h',
  rollups: [{ granularity: '1m' }],
})

interface Bench {
  readonly env: TestEnv
  readonly database: Database
  readonly directory: StorageAddressableDirectory
  readonly nodes: StorageClusterNodes
  readonly maintenance: Maintenance
  readonly log: string[]
  metric(step: string, name?: string): Promise<number>
}

async function bench(t: { after(end: () => Promise<void>): void }): Promise<Bench> {
  const env = new TestEnv()
  const database = await openDatabase({ storage: { kind: 'memory' }, schema: [weather], env })
  t.after(() => database.close())
  const directory = new StorageAddressableDirectory(database.storage, { env })
  const nodes = new StorageClusterNodes(database.storage, { env })
  const log: string[] = []
  const metrics = new Metrics()
  const maintenance = new Maintenance({
    database,
    directory,
    nodes,
    intervalMs: MINUTE,
    env,
    logger: createLogger({ level: 'info', env, destination: { write: (line) => log.push(line) } }),
    metrics,
  })
  const metric = async (step: string, name = 'done'): Promise<number> => {
    const line = (await metrics.render())
      .split('\n')
      .find((each) => each.startsWith(`orbit_maintenance_${name}_total{step="${step}"}`))
    return Number(line?.split(' ')[1] ?? 0)
  }
  return { env, database, directory, nodes, maintenance, log, metric }
}

describe('Maintenance', () => {
  it('rolls up, drops what is past its retention, and frees what has expired, once an interval', async (t) => {
    const { env, database, directory, nodes, maintenance, metric } = await bench(t)
    const points = database.series(weather)
    await points.append({ fields: { temperature: 1 } })
    await directory.register({ reference: { type: 'a', key: 'k' }, nodeId: 'n', ttlMs: 1000 })
    await nodes.join({ id: 'n', url: 'http://n' }, { ttlMs: 1000 })
    maintenance.start()
    await env.advance(MINUTE - 1)
    assert.deepEqual(await Promise.all(['leases', 'nodes', 'rollups'].map((step) => metric(step))), [0, 0, 0])
    await env.advance(1)
    // The round has begun.
    while ((await metric('rollups')) === 0) await env.timers.nextTurn()
    assert.deepEqual(await Promise.all(['leases', 'nodes', 'rollups'].map((step) => metric(step))), [1, 1, 1])
    assert.equal(await points.count(), 1)
    await env.advance(120 * MINUTE)
    while ((await metric('retention')) === 0) await env.timers.nextTurn()
    assert.equal(await points.count(), 0)
    maintenance.stop()
  })

  it('goes on when a step fails', async (t) => {
    const { database, directory, maintenance, metric, log } = await bench(t)
    await database.series(weather).append({ fields: { temperature: 1 } })
    directory.cleanupExpired = () => Promise.reject(new Error('out of order'))
    await maintenance.runOnce()
    assert.deepEqual([await metric('leases', 'errors'), await metric('rollups')], [1, 1])
    assert.equal(log.length, 1)
    const { step, err } = JSON.parse(log[0] ?? '') as { step: string; err: { message: string } }
    assert.deepEqual([step, err.message], ['leases', 'out of order'])
  })

  it('does nothing after it was stopped', async (t) => {
    const { env, maintenance, metric } = await bench(t)
    maintenance.start()
    maintenance.stop()
    await env.advance(10 * MINUTE)
    await maintenance.runOnce()
    assert.equal(await metric('rollups'), 0)
    assert.equal(env.pendingTimers, 0)
  })
})
