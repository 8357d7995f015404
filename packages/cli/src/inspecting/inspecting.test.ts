import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { collection, graph, int4, series, table, text, vectors } from '@orbit-ts/engine'
import { onGround, type Ground } from '../importing/import-run.test.data.js'
import { describeValue } from './describe-value.js'
import { KeyNames } from './name-keys.js'
import { measureObject, rangeOf } from './object-sizes.js'

const SCHEMA = [
  table(
    'rows',
    { id: int4().primaryKey(), name: text() },
    { indexes: [{ name: 'by_name', columns: ['name'] }] },
  ),
  table('bare', { line: text() }),
  collection('documents', { indexes: [{ path: 'a' }] }),
  graph('places', { nodes: { Town: {} }, edges: { ROAD: { properties: { km: 'number' }, unique: true } } }),
  vectors('directions', { dimension: 2 }),
  series('readings', { tags: ['at'], fields: { heat: 'float', count: 'int64' } }),
]

async function fill({ database }: Ground): Promise<void> {
  await database.table('rows').insert({ id: 7, name: 'seven' })
  await database.table('bare').insert({ line: 'x' })
  await database.collection('documents').insert({ id: 'd', a: 1 })
  await database.graph('places').addNodes([
    { id: 'n', labels: ['Town'] },
    { id: 'm', labels: ['Town'] },
  ])
  await database.graph('places').addEdge({ type: 'ROAD', from: 'n', to: 'm', properties: { km: 3 } })
  await database.vectors('directions').insert({ id: 'v', vector: [1, 2], metadata: { t: 'x' } })
  await database
    .series('readings')
    .append({ timestamp: 5, tags: { at: 'home' }, fields: { heat: 1.5, count: 7n } })
}

describe('looking into a store', () => {
  it('names keys and decodes records of every model', () =>
    onGround(SCHEMA, async (ground) => {
      await fill(ground)
      const names = new KeyNames(await ground.database.objects())
      const snapshot = await ground.database.storage.snapshot()
      const shown: string[] = []
      for await (const chunk of snapshot.scan({})) {
        for (const { key, value } of chunk)
          shown.push(`${names.format(key)} = ${describeValue(names, key, value)}`)
      }
      await snapshot.close()
      for (const line of [
        'rel:table:rows:row:7 = {"id":7,"name":"seven"}',
        'doc:collection:documents:id:d = [1,{"id":"d","a":1}]',
        'doc:index:documents:a:1:id:d = empty',
        'grp:node:places:n = [[1],{}]',
        'grp:label:places:Town:n = empty',
        'grp:edge:places:n:ROAD:m = [{"km":3}]',
        'grp:adj:places:m:in:ROAD:n = [{"km":3}]',
        'vec:collection:directions:id:v = {"vector":[1,2],"metadata":{"t":"x"}}',
        'ts:series:readings/1:time:5:seq:0 = {"heat":1.5,"count":"7"}',
      ]) {
        assert.ok(shown.includes(line), `${line} in\n${shown.join('\n')}`)
      }
      assert.ok(
        shown.some((line) => /^rel:table:bare:row:\d+ = \{"line":"x"\}$/.test(line)),
        shown.join('\n'),
      )
      assert.ok(
        shown.some((line) => line.startsWith('rel:index:rows:by_name:seven,7 = ')),
        shown.join('\n'),
      )
      assert.ok(shown.some((line) => line.startsWith('cat:name:table:rows = {"kind":"table","name":"rows",')))
    }))

  it('shows damaged records as what they are', () =>
    onGround(SCHEMA, async (ground) => {
      await fill(ground)
      const names = new KeyNames(await ground.database.objects())
      const snapshot = await ground.database.storage.snapshot()
      const rows = await ground.database.describe('table', 'rows')
      for await (const [entry] of snapshot.scan(rangeOf(rows), { reverse: true, limit: 1 })) {
        assert.ok(entry !== undefined)
        assert.match(describeValue(names, entry.key, Buffer.from('ffff', 'hex')), /^[A-Z_]+: .*; bytes ffff$/)
      }
      await snapshot.close()
    }))

  it('counts records and bytes', () =>
    onGround(SCHEMA, async (ground) => {
      await fill(ground)
      const snapshot = await ground.database.storage.snapshot()
      const counted = new Map<string, unknown>()
      for (const object of await ground.database.objects()) {
        const size = await measureObject(snapshot, object)
        counted.set(object.name, [Object.fromEntries(size.records), size.keys])
        assert.ok(size.recordBytes > 0, object.name)
      }
      await snapshot.close()
      assert.deepEqual(Object.fromEntries(counted), {
        rows: [{ row: 1 }, 2],
        bare: [{ row: 1 }, 1],
        documents: [{ document: 1 }, 2],
        places: [{ node: 2, edge: 1 }, 6],
        // Of the vector is also said that it was changed.
        directions: [{ vector: 1 }, 2],
        readings: [{ point: 1 }, 5],
      })
    }))
})
