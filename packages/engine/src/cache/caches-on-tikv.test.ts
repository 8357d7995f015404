import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { openProvider } from '@orbit-ts/storage'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { openDatabase } from '../database.js'
import { SqlEngine } from '../lang/sql/session/sql-engine.js'
import { run } from '../lang/sql/session/test-session.test.data.js'

test('two servers on one TiKV cluster: own commits are seen at once, those of the other in time', async () => {
  await using cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  const options = { kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] } as const
  await using firstStore = await openProvider(options)
  await using secondStore = await openProvider(options)
  const env = new TestEnv()
  const cache = { queryResults: true, queryResultTtlMs: 5000 }
  await using first = await openDatabase({ storage: firstStore, env, cache })
  await using second = await openDatabase({ storage: secondStore, env, cache })
  await using one = await (await SqlEngine.open(first)).openSession()
  await using other = await (await SqlEngine.open(second)).openSession()
  await run(one, 'create table t (id int primary key, n int); insert into t values (1, 1), (2, 2); analyze t')
  const sum = 'select sum(n) from t'
  assert.deepEqual([await run(one, sum), await run(other, sum)], [['3'], ['3']])
  const reads = secondStore.metrics().readOperations
  assert.deepEqual(await run(other, sum), ['3'])
  // The version of the catalog, nothing of the table.
  assert.equal(secondStore.metrics().readOperations, reads + 1)
  await run(one, 'update t set n = 10 where id = 1')
  assert.deepEqual([await run(one, sum), await run(other, sum)], [['12'], ['3']])
  await env.advance(5000)
  assert.deepEqual(await run(other, sum), ['12'])
})

test('warming up reads definitions, statistics and the places of regions', async () => {
  await using cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  await using storage = await openProvider({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] })
  await using writer = await openDatabase({ storage })
  await using session = await (await SqlEngine.open(writer)).openSession()
  await run(session, 'create table t (id int primary key); insert into t values (1); analyze t')
  for (const key of ['a', 'm', 'x']) cluster.splitAt(Buffer.from(key))
  await using fresh = await openProvider({ kind: 'tikv', pdEndpoints: [...cluster.pdEndpoints] })
  await using database = await openDatabase({ storage: fresh })
  assert.deepEqual(await database.warmUp({ regionsMax: 3 }), { definitions: 1, statistics: 1, regions: 3 })
  assert.deepEqual(await database.warmUp(), { definitions: 1, statistics: 1, regions: 4 })
  const { region, schema, statistics, hitRatio } = database.caches.metrics()
  assert.deepEqual([region?.entries, schema.entries, statistics.entries], [4, 1, 1])
  assert.ok((region?.sizeBytes ?? 0) > 0 && (region?.misses ?? 0) > 0)
  assert.ok(hitRatio > 0 && hitRatio < 1)
})
