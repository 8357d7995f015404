import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { openDatabase } from '../../database.js'
import { audit, collect, refuses, withDatabase } from './graph-database.test.data.js'
import type { GraphSession } from './graph-session.js'
import { graph } from './graph.js'
import { openStore } from '../store.test.data.js'

const routes = graph('routes', {
  nodes: {
    Airport: {
      properties: {
        name: 'string',
        latitude: 'number?',
        runways: 'integer?',
        open: 'boolean?',
        codes: 'string[]?',
        more: 'object?',
      },
      indexes: ['name', { name: 'codes', fields: 'codes', unique: true }],
    },
    Hub: { properties: { rank: 'integer' } },
    Place: {},
  },
  edges: { FLIGHT: { from: 'Airport', to: ['Airport', 'Place'] } },
})
const oslo = { id: 'OSL', labels: ['Airport'], properties: { name: 'Oslo', latitude: 60.2 } }

type Session = Pick<
  GraphSession,
  'addNode' | 'addNodes' | 'getNode' | 'getNodes' | 'updateNode' | 'deleteNode'
>

function withRoutes(
  work: (session: Session, counts: () => Promise<[number, number]>) => Promise<void>,
): Promise<void> {
  return withDatabase([routes], async (db) => {
    await work(db.graph('routes'), async () => {
      const { nodes, edges } = await audit(db, 'routes')
      return [nodes.size, edges.length]
    })
    await audit(db, 'routes')
  })
}

test('nodes come back as they were added, without what is null or undefined', () =>
  withRoutes(async (session) => {
    const added = await session.addNodes([
      oslo,
      {
        id: 'X',
        labels: ['Place', 'Place'],
        properties: { deep: [{ a: null, b: [1, 'é', true] }], gone: null },
      },
      { id: 'Y', labels: 'Place' },
    ])
    const expected = [
      oslo,
      { id: 'X', labels: ['Place'], properties: { deep: [{ a: null, b: [1, 'é', true] }] } },
      { id: 'Y', labels: ['Place'], properties: {} },
    ]
    assert.deepEqual(added, expected)
    assert.deepEqual(await session.getNodes(['Y', 'nobody', 'X', 'OSL', 'Y']), [
      expected[2],
      undefined,
      expected[1],
      expected[0],
      expected[2],
    ])
    assert.deepEqual(await session.getNode('OSL'), oslo)
    assert.equal(await session.getNode('nobody'), undefined)
    assert.deepEqual(await session.addNodes([]), [])
    assert.deepEqual(await session.getNodes([]), [])
  }))

test('ids that are not given are made up, and sort by the time of the transaction', async () => {
  const storage = await openStore()
  const env = new TestEnv()
  const db = await openDatabase({ storage, schema: [routes], env })
  const ids: string[] = []
  for (let i = 0; i < 5; i++) {
    const nodes = await db.graph(routes).addNodes([{ labels: 'Place' }, { labels: 'Place' }])
    assert.equal(new Set(nodes.map(({ id }) => id)).size, 2)
    for (const { id } of nodes) assert.match(id, /^[0-9a-hjkmnp-tv-z]{26}$/)
    ids.push(...nodes.map(({ id }) => id).sort())
    await env.advance(1)
  }
  assert.deepEqual(ids, ids.toSorted())
  await storage.close()
})

test('bad nodes are refused by name, and nothing of their call is added', () =>
  withRoutes(async (session, counts) => {
    await session.addNode(oslo)
    const bad = async (
      node: unknown,
      code: Parameters<typeof refuses>[1],
      message: RegExp,
    ): Promise<void> => {
      const fine = { id: 'fine', labels: 'Place' }
      await refuses(session.addNodes([fine, node as typeof fine]), code, message)
      assert.deepEqual(await counts(), [1, 0])
    }
    const airport = (properties: unknown): unknown => ({ id: 'A', labels: 'Airport', properties })
    await bad(oslo, 'RECORD_EXISTS', /graph "routes": node "OSL" exists already/)
    await bad({ id: 'fine', labels: 'Place' }, 'RECORD_EXISTS', /node "fine" is given twice/)
    await bad(
      { id: 'A', labels: ['Aiport'] },
      'INVALID_ARGUMENT',
      /nodes\[1\]\.labels: label "Aiport" is not declared; did you mean "Airport"\?/,
    )
    await bad(
      { id: 'A', labels: ['Zzzzzzz'] },
      'INVALID_ARGUMENT',
      /label "Zzzzzzz" is not declared; declare it, or declare the graph with open: true/,
    )
    await bad({ id: 'A', labels: [7] }, 'INVALID_ARGUMENT', /7 is no label/)
    await bad(
      { id: 'A', labels: [] },
      'INVALID_ARGUMENT',
      /nodes\[1\]\.labels is empty; a node has at least one label/,
    )
    await bad({ labels: [] }, 'INVALID_ARGUMENT', /nodes\[1\]\.labels is empty/)
    await bad({ id: 'A' }, 'INVALID_ARGUMENT', /labels is empty/)
    await bad(
      { id: 'A', labels: Array.from({ length: 65 }, () => 'Place') },
      'LIMIT_EXCEEDED',
      /labels are 65; the limit is 64/,
    )
    await bad(
      { id: 'A', label: 'Place' },
      'INVALID_ARGUMENT',
      /nodes\[1\]\.label is not known; did you mean "labels"/,
    )
    await bad('A', 'INVALID_ARGUMENT', /nodes\[1\] is "A"; it must be an object/)
    await bad({ id: '', labels: 'Place' }, 'INVALID_ARGUMENT', /nodes\[1\]\.id is empty/)
    await bad({ id: 7, labels: 'Place' }, 'INVALID_ARGUMENT', /nodes\[1\]\.id is 7, not text/)
    await bad(
      { id: 'x'.repeat(513), labels: 'Place' },
      'INVALID_ARGUMENT',
      /id has 513 bytes of UTF-8; the limit is 512/,
    )
    await bad({ id: 'é'.repeat(257), labels: 'Place' }, 'INVALID_ARGUMENT', /id has 514 bytes/)
    await bad({ id: '\udc00', labels: 'Place' }, 'INVALID_ARGUMENT', /id holds a lone surrogate/)
    await bad(
      airport({ name: 1 }),
      'TYPE_MISMATCH',
      /node "A": property "name" is 1; Airport declares it as string/,
    )
    await bad(
      airport({ name: 'x', runways: 1.5 }),
      'TYPE_MISMATCH',
      /property "runways" is 1.5; Airport declares it as integer/,
    )
    await bad(airport({ name: 'x', runways: 2 ** 53 }), 'TYPE_MISMATCH', /declares it as integer/)
    await bad(airport({ name: 'x', open: 'yes' }), 'TYPE_MISMATCH', /declares it as boolean/)
    await bad(airport({ name: 'x', codes: ['a', 1] }), 'TYPE_MISMATCH', /declares it as string\[\]/)
    await bad(airport({ name: 'x', more: [] }), 'TYPE_MISMATCH', /declares it as object/)
    await bad(airport({}), 'NOT_NULL_VIOLATION', /property "name" is missing, and Airport requires it/)
    await bad(airport({ name: null }), 'NOT_NULL_VIOLATION', /property "name" is missing/)
    await bad(
      airport({ name: 'x', latitud: 1 }),
      'INVALID_ARGUMENT',
      /property "latitud" is not declared; did you mean "latitude"\?/,
    )
    await bad(
      airport({ name: 'x', latitude: Number.NaN }),
      'INVALID_ARGUMENT',
      /node "A": properties: latitude is NaN/,
    )
    await bad(airport({ name: 'x', latitude: Infinity }), 'INVALID_ARGUMENT', /latitude is Infinity/)
    await bad(airport([]), 'INVALID_ARGUMENT', /node "A": properties is an array of 0; it must be an object/)
    await bad(airport(new Map()), 'INVALID_ARGUMENT', /properties is a Map/)
    const place = (value: unknown): unknown => ({ id: 'A', labels: 'Place', properties: { value } })
    await bad(place(10n), 'INVALID_ARGUMENT', /value is a bigint/)
    await bad(place(new Date(0)), 'INVALID_ARGUMENT', /value is an object of class Date/)
    await bad(place('\ud800'), 'INVALID_ARGUMENT', /value is text with a lone surrogate/)
    await bad(
      place(() => 1),
      'INVALID_ARGUMENT',
      /value is function/,
    )
    await bad(place([undefined]), 'INVALID_ARGUMENT', /undefined, which JSON does not have/)
    let deep: unknown = 1
    for (let i = 0; i < 101; i++) deep = [deep]
    await bad(place(deep), 'LIMIT_EXCEEDED', /nested deeper than 100 levels/)
    await bad(
      place('x'.repeat(16 * 1024 * 1024)),
      'LIMIT_EXCEEDED',
      /node "A" takes 167772\d\d bytes; the limit is 16777216/,
    )
    await refuses(
      session.addNodes({} as never),
      'INVALID_ARGUMENT',
      /nodes is an object; it must be an array/,
    )
    await refuses(session.getNodes(['a', 3] as never), 'INVALID_ARGUMENT', /ids\[1\] is 3, not text/)
    await refuses(session.getNodes('a' as never), 'INVALID_ARGUMENT', /ids is "a"; it must be an array/)
  }))

test('a unique index refuses a value twice, within a call and over calls, and says who has it', () =>
  withRoutes(async (session, counts) => {
    const airport = (id: string, codes?: string[]): Parameters<Session['addNode']>[0] => ({
      id,
      labels: 'Airport',
      properties: { name: id, ...(codes === undefined ? {} : { codes }) },
    })
    await session.addNodes([airport('A', ['1', '2', '2']), airport('B'), airport('C'), airport('D', [])])
    const error = await refuses(
      session.addNode(airport('E', ['3', '2'])),
      'UNIQUE_VIOLATION',
      /graph "routes": node "E": its codes is taken by node "A"; index "codes" of Airport is unique/,
    )
    assert.deepEqual(error.details, {
      model: 'graph',
      object: 'routes',
      node: 'E',
      index: 'codes',
      fields: ['codes'],
    })
    await refuses(
      session.addNodes([airport('E', ['3']), airport('F', ['3'])]),
      'UNIQUE_VIOLATION',
      /node "F": its codes is taken by node "E"/,
    )
    await refuses(
      session.updateNode('B', { properties: { codes: ['1'] } }),
      'UNIQUE_VIOLATION',
      /node "B".*taken by node "A"/,
    )
    assert.deepEqual(await counts(), [4, 0])
    await session.updateNode('A', { properties: { codes: ['2'] } })
    await session.updateNode('B', { properties: { codes: ['1'] } })
    await session.deleteNode('A')
    await session.addNode(airport('E', ['2']))
    assert.deepEqual(await counts(), [4, 0])
  }))

test('an array that makes too many entries of an index is refused', () =>
  withRoutes(async (session, counts) => {
    const codes = Array.from({ length: 1001 }, (_, i) => `c${i}`)
    await refuses(
      session.addNode({ id: 'A', labels: 'Airport', properties: { name: 'A', codes } }),
      'LIMIT_EXCEEDED',
      /node "A": its arrays make more than 1000 entries in index "codes" of Airport/,
    )
    await session.addNode({ id: 'A', labels: 'Airport', properties: { name: 'A', codes: codes.slice(1) } })
    assert.deepEqual(await counts(), [1, 0])
  }))

test('a value that makes too large a key is refused by the name of its index', () =>
  withRoutes(async (session, counts) => {
    const add = (name: string): Promise<unknown> =>
      session.addNode({ id: 'A', labels: 'Airport', properties: { name } })
    const error = await refuses(
      add('x'.repeat(100_000)),
      'KEY_TOO_LARGE',
      /graph "routes": node "A": its value makes a key of 1125\d\d bytes in index "name" of Airport/,
    )
    assert.equal(error.details['index'], 'name')
    assert.deepEqual(await counts(), [0, 0])
    await add('x')
  }))

test('updates merge or replace properties, and change labels', () =>
  withRoutes(async (session) => {
    await session.addNode(oslo)
    assert.deepEqual(await session.updateNode('OSL', { properties: { runways: 2, latitude: null } }), {
      ...oslo,
      properties: { name: 'Oslo', runways: 2 },
    })
    assert.deepEqual(await session.updateNode('OSL', { properties: { name: 'Gardermoen' }, replace: true }), {
      ...oslo,
      properties: { name: 'Gardermoen' },
    })
    assert.deepEqual(
      await session.updateNode('OSL', { addLabels: ['Hub', 'Airport'], properties: { rank: 1 } }),
      {
        id: 'OSL',
        labels: ['Airport', 'Hub'],
        properties: { name: 'Gardermoen', rank: 1 },
      },
    )
    assert.deepEqual(await session.updateNode('OSL', {}), await session.getNode('OSL'))
    await refuses(
      session.updateNode('OSL', { removeLabels: ['Hub'] }),
      'INVALID_ARGUMENT',
      /property "rank" is not declared/,
    )
    await session.updateNode('OSL', { removeLabels: ['Hub', 'Place'], properties: { rank: null } })
    assert.deepEqual((await session.getNode('OSL'))?.labels, ['Airport'])
    await refuses(
      session.updateNode('OSL', { removeLabels: ['Airport'] }),
      'INVALID_ARGUMENT',
      /takes the last label from node "OSL"/,
    )
    await refuses(
      session.updateNode('OSL', { addLabels: ['Hub'], removeLabels: ['Hub'] }),
      'INVALID_ARGUMENT',
      /both adds and removes label "Hub"/,
    )
    await refuses(
      session.updateNode('OSL', { addLabels: ['Hub'] }),
      'NOT_NULL_VIOLATION',
      /property "rank" is missing, and Hub requires it/,
    )
    await refuses(
      session.updateNode('nobody', {}),
      'RECORD_NOT_FOUND',
      /graph "routes": node "nobody" does not exist/,
    )
    await refuses(
      session.updateNode('OSL', { replace: 1 } as never),
      'INVALID_ARGUMENT',
      /update.replace is 1; it must be true or false/,
    )
    await refuses(
      session.updateNode('OSL', { set: {} } as never),
      'INVALID_ARGUMENT',
      /update.set is not known/,
    )
    await refuses(
      session.updateNode('OSL', { properties: 'x' } as never),
      'INVALID_ARGUMENT',
      /properties is "x"/,
    )
  }))

test('a label that an edge needs cannot be taken away', () =>
  withDatabase([routes], async (db) => {
    const session = db.graph('routes')
    await session.addNodes([
      { id: 'A', labels: ['Airport', 'Place'], properties: { name: 'A' } },
      { id: 'B', labels: ['Airport', 'Place'], properties: { name: 'B' } },
    ])
    await session.addEdge({ type: 'FLIGHT', from: 'A', to: 'B', id: '1' })
    // As the end of the edge a place does as well.
    await session.updateNode('B', { removeLabels: ['Airport'] })
    const error = await refuses(
      session.updateNode('A', { removeLabels: ['Airport'] }),
      'CHECK_VIOLATION',
      /node "A" has FLIGHT edges: FLIGHT edges leave nodes labelled Airport only; node "A" has Place after the update/,
    )
    assert.equal(error.details['type'], 'FLIGHT')
    await refuses(
      session.updateNode('B', { removeLabels: ['Place'], addLabels: ['Hub'], properties: { rank: 1 } }),
      'CHECK_VIOLATION',
      /FLIGHT edges reach nodes labelled Airport or Place only; node "B" has Hub/,
    )
    await session.deleteEdge({ type: 'FLIGHT', from: 'A', to: 'B', id: '1' })
    await session.updateNode('A', { removeLabels: ['Airport'] })
    await audit(db, 'routes')
  }))

test('a node with edges is deleted only with them', () =>
  withDatabase([routes], async (db) => {
    const session = db.graph('routes')
    await session.addNodes(['A', 'B', 'C'].map((id) => ({ id, labels: 'Airport', properties: { name: id } })))
    const edges = [
      ['A', 'B'],
      ['B', 'A'],
      ['A', 'A'],
      ['B', 'C'],
    ] as const
    await session.addEdges(edges.map(([from, to]) => ({ type: 'FLIGHT', from, to, id: '1' })))
    const error = await refuses(
      session.deleteNode('A'),
      'NODE_HAS_EDGES',
      /node "A" has 3 edges; delete them first, or pass detach: true/,
    )
    assert.deepEqual(error.details, { model: 'graph', object: 'routes', node: 'A', edges: 3, more: false })
    await refuses(session.deleteNode('C', { detach: false }), 'NODE_HAS_EDGES', /node "C" has 1 edge;/)
    assert.equal(await session.deleteNode('A', { detach: true }), true)
    assert.deepEqual(
      (await audit(db, 'routes')).edges.map(({ from, to }) => [from, to]),
      [['B', 'C']],
    )
    assert.equal(await session.deleteNode('A', { detach: true }), false)
    assert.equal(await session.deleteNode('A'), false)
    await refuses(
      session.deleteNode('B', { detach: 1 } as never),
      'INVALID_ARGUMENT',
      /options.detach is neither true nor false/,
    )
    await refuses(
      session.deleteNode('B', { detached: true } as never),
      'INVALID_ARGUMENT',
      /options.detached is not known; did you mean "detach"/,
    )
    // The same id can be used again, also within one transaction.
    await db.transaction(async (tx) => {
      await tx.graph('routes').deleteNode('B', { detach: true })
      await tx.graph('routes').addNode({ id: 'B', labels: 'Place' })
    })
    assert.deepEqual(await session.edges('B'), [])
    assert.equal(await session.countNodes(), 2)
  }))

test('nodes are scanned in chunks, in order of id, by label and filter', () =>
  withDatabase([routes], async (db) => {
    const session = db.graph(routes)
    await session.addNodes(
      Array.from({ length: 25 }, (_, i) => {
        const node = { id: `n${i % 10}${i}`, properties: { rank: i } }
        return i % 2 === 0 ? { ...node, labels: 'Place' } : { ...node, labels: ['Place', 'Hub'] }
      }),
    )
    const all = await collect(session.scanNodes())
    assert.deepEqual(
      all.map(({ id }) => id),
      all.map(({ id }) => id).toSorted(),
    )
    assert.equal(all.length, 25)
    const sizes: number[] = []
    for await (const chunk of session.scanNodes({ chunkSize: 10 })) sizes.push(chunk.length)
    assert.deepEqual(sizes, [10, 10, 5])
    const hubs = await collect(session.scanNodes({ label: 'Hub', where: { rank: { gte: 11 } }, limit: 3 }))
    assert.deepEqual(
      hubs.map(({ properties }) => properties.rank),
      [11, 21, 13],
    )
    assert.deepEqual(await collect(session.scanNodes({ limit: 0 })), [])
    await refuses(
      collect(session.scanNodes({ chunkSize: 0 })),
      'INVALID_ARGUMENT',
      /chunkSize is 0; it must be a whole number from 1 to 10000/,
    )
    await refuses(
      collect(session.scanNodes({ lable: 'Hub' } as never)),
      'INVALID_ARGUMENT',
      /options.lable is not known; did you mean "label"/,
    )
    await refuses(
      collect(session.scanNodes({ signal: 1 } as never)),
      'INVALID_ARGUMENT',
      /signal is no AbortSignal/,
    )
    const aborted = AbortSignal.abort()
    await refuses(collect(session.scanNodes({ signal: aborted })), 'ABORTED', /abort/)
  }))
