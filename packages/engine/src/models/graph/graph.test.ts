import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holds, type Equal, type IsRefused } from '../../type-assertions.test.data.js'
import { graph } from './graph.js'
import { withDatabase } from './graph-database.test.data.js'
import type { GraphNode, NodeInput } from './graph-records.js'

const routes = graph('routes', {
  nodes: {
    Airport: {
      properties: { name: 'string', latitude: 'number?', tags: 'string[]?', size: 'integer' },
      indexes: ['name', { fields: ['latitude', 'name'] }],
    },
    Company: { properties: { name: 'string', listed: 'boolean?' } },
    Place: {},
  },
  edges: {
    FLIGHT: { from: 'Airport', to: 'Airport', properties: { count: 'integer' }, unique: true },
    SERVES: { from: 'Company', to: ['Airport', 'Place'] },
  },
})

test('a schema is plain JSON', () => {
  assert.deepEqual(Object.keys(routes), ['kind', 'name', 'input'])
  assert.deepEqual(JSON.parse(JSON.stringify(routes)), routes)
})

/** True when the compiler finds the two types to be the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

function isType<T extends true>(...proof: T[]): void {
  assert.equal(proof.length, 0)
}

test('the types of properties follow from the schema', () =>
  withDatabase([routes], async (db) => {
    const session = db.graph(routes)
    const [airport] = await session.addNodes([
      { id: 'OSL', labels: 'Airport', properties: { name: 'Oslo', size: 3, latitude: null } },
      { id: 'SAS', labels: ['Company'], properties: { name: 'SAS' } },
      { id: 'X', labels: 'Place' },
      { id: 'Y', labels: ['Place', 'Company'], properties: { name: 'both', anything: [1] } },
    ])
    const found = await session.findNodes({ label: 'Airport', where: { latitude: { isNull: true } } })
    isType<Same<(typeof found)[number]['properties'], AirportProperties>>()
    assert.deepEqual(found, [airport])
    const flight = await session.addEdge({ type: 'FLIGHT', from: 'OSL', to: 'OSL', properties: { count: 2 } })
    isType<Same<typeof flight.properties, { readonly count: number }>>()
    assert.equal(flight.properties.count, 2)
    const serves = await session.addEdge({ type: 'SERVES', from: 'SAS', to: 'X', id: '1' })
    assert.deepEqual(serves.properties, {})
    const edge = await session.getEdge(flight)
    assert.equal(edge?.properties.count, 2)
    for (const each of await session.edges('OSL')) {
      // The type tells the properties.
      if (each.type === 'FLIGHT') isType<Same<typeof each.properties.count, number>>()
    }
  }))

interface AirportPropertiesShape {
  readonly name: string
  readonly latitude?: number
  readonly tags?: readonly string[]
  readonly size: number
}
type AirportProperties = { [K in keyof AirportPropertiesShape]: AirportPropertiesShape[K] }

type Input = NodeInput<NonNullable<(typeof routes)['types']>['nodes']>

test('nodes are refused at compile time as they are at run time', () => {
  holds<
    [
      Equal<IsRefused<{ labels: 'Airport'; properties: { name: string; size: number } }, Input>, false>,
      Equal<IsRefused<{ labels: ['Place']; properties: { anything: { goes: [true] } } }, Input>, false>,
      IsRefused<{ labels: 'Airport'; properties: { name: string } }, Input>,
      IsRefused<{ labels: 'Airprot'; properties: { name: string; size: number } }, Input>,
      IsRefused<{ labels: ['Company']; properties: { name: number } }, Input>,
      IsRefused<{ labels: 'Company' }, Input>,
    ]
  >()
  assert.equal(routes.kind, 'graph')
})

test('an open graph takes any label beside the declared ones, and a graph by name takes anything', () =>
  withDatabase(
    [graph('open', { open: true, nodes: { Known: { properties: { n: 'number' } } } })],
    async (db) => {
      const open = graph('open', { open: true, nodes: { Known: { properties: { n: 'number' } } } })
      const node = await db.graph(open).addNode({ id: 'a', labels: 'Unknown', properties: { x: 1 } })
      const known: GraphNode<string, { readonly n: number }>[] = await db
        .graph(open)
        .findNodes({ label: 'Known' })
      assert.deepEqual([node.labels, known], [['Unknown'], []])
      const labels: string[] = ['Known', 'More']
      const byName = await db.graph('open').addNode({ id: 'b', labels, properties: { n: 1 } })
      assert.deepEqual(byName.labels, labels)
    },
  ))
