/** Requests for time series that a TiKV cluster gets. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { timeSeriesKeys } from '@orbit-ts/storage'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { openDatabase, type Database } from '../../database.js'
import { series } from './series.js'

const HOUR = 3_600_000
const ticks = series('ticks', { tags: ['k'], fields: { v: 'float' } })
const rolled = series('rolled', { tags: ['k'], fields: { v: 'float' }, rollups: [{ granularity: '1h' }] })
const tags = { k: 'a' }

describe('time series on TiKV', () => {
  let cluster: TestCluster
  let db: Database
  before(async () => {
    cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
    db = await openDatabase({
      storage: { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] },
      schema: [ticks, rolled],
    })
  })
  after(async () => {
    await db.close()
    await cluster.close()
  })

  /** The methods of the requests that have a key of the collection in them. */
  async function requestsOf(name: string, work: () => Promise<unknown>): Promise<string[]> {
    const { id } = await db.describe('series', name)
    const { start = new Uint8Array() } = timeSeriesKeys.collection(id)
    cluster.faults.clearLog()
    await work()
    return cluster.faults.calls
      .filter(({ request }) => holds(request, Buffer.from(start)))
      .map(({ method }) => method)
  }

  test('an append to a series that is known takes one read and one commit', async () => {
    const append = (v: number): Promise<unknown> =>
      db.series(ticks).append({ timestamp: v, tags, fields: { v } })
    await append(1)
    assert.deepEqual(await requestsOf('ticks', () => append(2)), ['KvGet', 'KvBatchGet', 'KvPrewrite'])
    assert.deepEqual(await requestsOf('ticks', () => append(3)), ['KvBatchGet', 'KvPrewrite'])
  })

  test('with rollups its guard is asked for and locked besides', async () => {
    const append = (v: number): Promise<unknown> =>
      db.series(rolled).append({ timestamp: v, tags, fields: { v } })
    for (const v of [1, 2]) await append(v)
    assert.deepEqual(await requestsOf('rolled', () => append(3)), [
      'KvScanLock',
      'KvBatchGet',
      'KvPessimisticLock',
      'KvPrewrite',
    ])
  })

  test('points of a series that is known take one read', async () => {
    await db.series(ticks).append({ timestamp: 0, tags, fields: { v: 0 } })
    const range = (): Promise<unknown> => db.series(ticks).range({ tags, to: HOUR })
    await range()
    assert.deepEqual(await requestsOf('ticks', range), ['KvScan'])
  })
})

function holds(part: unknown, bytes: Buffer): boolean {
  if (part instanceof Uint8Array) return Buffer.from(part).includes(bytes)
  if (typeof part !== 'object' || part === null) return false
  return Object.values(part).some((value) => holds(value, bytes))
}
