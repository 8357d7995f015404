import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audit, collect, refuses, withDatabase } from './graph-database.test.data.js'
import { graph } from './graph.js'

const LEAVES = 10_000
const schema = graph('hubs', {
  nodes: { Hub: {}, Leaf: { properties: { n: 'integer' } } },
  edges: { OUT: { unique: true, properties: { n: 'integer' }, indexes: ['n'] }, IN: { unique: true } },
})

test('a hub with 10 000 edges in each direction', () =>
  withDatabase([schema], async (db) => {
    const session = db.graph(schema)
    const leaves = Array.from({ length: LEAVES }, (_, n) => ({
      id: `leaf${n}`,
      labels: 'Leaf' as const,
      properties: { n },
    }))
    await session.addNodes([{ id: 'hub', labels: 'Hub' }, ...leaves])
    await session.addEdges(
      leaves.map(({ id, properties }) => ({ type: 'OUT', from: 'hub', to: id, properties })),
    )
    await session.addEdges(leaves.map(({ id }) => ({ type: 'IN', from: id, to: 'hub' })))

    assert.equal(await session.degree('hub'), 2 * LEAVES)
    assert.equal(await session.degree('hub', { types: 'IN' }), LEAVES)
    assert.deepEqual(
      (await session.edges('hub', { types: 'OUT', where: { n: 77 } })).map(({ to }) => to),
      ['leaf77'],
    )
    assert.equal((await session.edges('hub', { direction: 'in', limit: 3 })).length, 3)
    assert.equal((await session.neighbors('hub')).length, LEAVES)
    assert.deepEqual(
      (await session.neighbors('hub', { where: { n: { lt: 2 } } })).map(({ id }) => id),
      ['leaf0', 'leaf1'],
    )
    const twoAway = await collect(session.traverse({ start: 'leaf5', types: ['IN', 'OUT'], maxDepth: 2 }))
    assert.equal(twoAway.length, LEAVES)
    const path = await session.shortestPath('leaf1', 'leaf9999')
    assert.deepEqual(
      path?.nodes.map(({ id }) => id),
      ['leaf1', 'hub', 'leaf9999'],
    )
    assert.equal((await session.findEdges({ type: 'OUT', where: { n: { gte: 9000 } } })).length, 1000)

    const error = await refuses(
      session.deleteNode('hub'),
      'NODE_HAS_EDGES',
      /node "hub" has more than 1000 edges/,
    )
    assert.deepEqual([error.details['edges'], error.details['more']], [1000, true])
    assert.equal(await session.deleteNode('hub', { detach: true }), true)
    const stored = await audit(db, 'hubs')
    assert.deepEqual([stored.nodes.size, stored.edges.length], [LEAVES, 0])
  }))

test('writers of one hub do not conflict', () =>
  withDatabase([schema], async (db) => {
    await db.graph(schema).addNodes([{ id: 'hub', labels: 'Hub' }])
    let attempts = 0
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        db.transaction(async (tx) => {
          attempts++
          await tx.graph(schema).addNode({ id: `leaf${n}`, labels: 'Leaf', properties: { n } })
          await tx.graph(schema).addEdge({ type: 'IN', from: `leaf${n}`, to: 'hub' })
        }),
      ),
    )
    assert.equal(attempts, 50)
    assert.equal(await db.graph(schema).degree('hub'), 50)
  }))
