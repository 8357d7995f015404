import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transaction } from '@orbit-ts/storage'
import { audit, refuses, withDatabase } from './graph-database.test.data.js'
import type { GraphSession } from './graph-session.js'
import { graph } from './graph.js'

const people = graph('people', {
  nodes: {
    Person: {
      properties: { name: 'string', city: 'string?', age: 'integer?', tags: 'string[]?', address: 'object?' },
      indexes: ['age', { name: 'place', fields: ['city', 'age', 'name'] }, 'tags', 'address.zip'],
    },
    Free: {
      indexes: [
        { name: 'pair', fields: ['x', 'y'] },
        { name: 'key', fields: 'key', unique: true },
      ],
    },
  },
  edges: {
    RATED: {
      properties: { stars: 'integer', note: 'string?' },
      indexes: [{ name: 'stars', fields: ['stars', 'note'] }],
    },
  },
})

const roads = graph('roads', {
  nodes: { Town: {} },
  edges: {
    ROAD: { indexes: [{ fields: [] }] },
    RAIL: { properties: { km: 'integer', stops: 'string[]?' }, indexes: ['stops', 'km'] },
    PATH: { indexes: ['via'] },
  },
})

type Session = Pick<
  GraphSession,
  | 'addNodes'
  | 'addEdges'
  | 'findNodes'
  | 'findEdges'
  | 'countNodes'
  | 'countEdges'
  | 'explainNodes'
  | 'explainEdges'
>

function withPeople(work: (session: Session) => Promise<void>): Promise<void> {
  return withDatabase([people], async (db) => {
    const session: Session = db.graph('people')
    const person = (
      id: string,
      properties: Record<string, string | number | readonly string[] | { zip: number }>,
    ): Parameters<Session['addNodes']>[0][number] => ({
      id,
      labels: 'Person',
      properties: { name: id, ...properties },
    })
    await session.addNodes([
      person('ann', { city: 'Oslo', age: 30, tags: ['x', 'y'] }),
      person('bob', { city: 'Oslo', age: 20 }),
      person('cid', { city: 'Rome', age: 40, tags: ['y', 'z'], address: { zip: 7 } }),
      person('dan', { city: 'Oslo', tags: [] }),
      person('eve', { age: 50 }),
      { id: 'free', labels: 'Free', properties: { x: 'a', y: [1, 2], key: 1 } },
      { id: 'wild', labels: 'Free', properties: { x: 'a', y: { z: 1 }, key: '1' } },
    ])
    await session.addEdges(
      [1, 5, 3, 5].map((stars, i) => ({
        type: 'RATED',
        from: 'ann',
        to: 'bob',
        id: String(i),
        properties: i === 1 ? { stars, note: 'n' } : { stars },
      })),
    )
    await work(session)
  })
}

test('an index gives the records, the order, or both, and the plan says so', () =>
  withPeople(async (session) => {
    const check = async (
      query: Parameters<Session['findNodes']>[0],
      ids: readonly string[],
      plan: Readonly<Record<string, unknown>>,
    ): Promise<void> => {
      assert.deepEqual(
        (await session.findNodes(query)).map(({ id }) => id),
        ids,
      )
      assert.deepEqual(await session.explainNodes(query), {
        graph: 'people',
        reads: 'nodes',
        label: 'Person',
        ...plan,
      })
    }
    const label = 'Person'
    await check({ label }, ['ann', 'bob', 'cid', 'dan', 'eve'], { access: 'label' })
    await check({ label, where: { name: 'bob' } }, ['bob'], { access: 'label', filter: { name: 'bob' } })
    await check({ label, where: { age: { gte: 30, lt: 50 } } }, ['ann', 'cid'], {
      access: 'index',
      index: 'age',
      bounds: [
        {
          field: 'age',
          range: {
            kind: 'number',
            lower: { value: 30, inclusive: true },
            upper: { value: 50, inclusive: false },
          },
          nulls: false,
        },
      ],
    })
    await check({ label, orderBy: 'age' }, ['bob', 'ann', 'cid', 'eve', 'dan'], {
      access: 'index',
      index: 'age',
      sort: 'index',
    })
    await check({ label, orderBy: { field: 'age', direction: 'desc' }, limit: 3 }, ['dan', 'eve', 'cid'], {
      access: 'index',
      index: 'age',
      sort: 'index',
    })
    await check({ label, orderBy: 'age', offset: 1, limit: 2 }, ['ann', 'cid'], {
      access: 'index',
      index: 'age',
      sort: 'index',
    })
    await check({ label, where: { city: 'Oslo' }, orderBy: ['city', 'age', 'name'] }, ['bob', 'ann', 'dan'], {
      access: 'index',
      index: 'place',
      bounds: [{ field: 'city', points: ['Oslo'], nulls: false }],
      sort: 'index',
    })
    await check({ label, where: { city: 'Oslo', age: { gt: 20 }, name: { startsWith: 'a' } } }, ['ann'], {
      access: 'index',
      index: 'place',
      bounds: [
        { field: 'city', points: ['Oslo'], nulls: false },
        { field: 'age', range: { kind: 'number', lower: { value: 20, inclusive: false } }, nulls: false },
      ],
      filter: { name: { startsWith: 'a' } },
    })
    await check(
      {
        label,
        where: { city: { in: ['Rome', 'Oslo', null] } },
        orderBy: { field: 'name', direction: 'desc' },
      },
      ['eve', 'dan', 'cid', 'bob', 'ann'],
      {
        access: 'index',
        index: 'place',
        bounds: [{ field: 'city', points: ['Oslo', 'Rome'], nulls: true }],
        sort: 'memory',
      },
    )
    await check({ label, where: { tags: 'y' } }, ['ann', 'cid'], {
      access: 'index',
      index: 'tags',
      bounds: [{ field: 'tags', points: ['y'], nulls: false }],
      filter: { tags: { eq: 'y' } },
    })
    // Not sorted by the index: what it has are elements, each by itself.
    await check({ label, where: { tags: { gte: 'x' } }, orderBy: 'tags' }, ['ann', 'cid'], {
      access: 'index',
      index: 'tags',
      bounds: [
        { field: 'tags', range: { kind: 'string', lower: { value: 'x', inclusive: true } }, nulls: false },
      ],
      filter: { tags: { gte: 'x' } },
      sort: 'memory',
    })
    await check({ label, where: { 'address.zip': 7 } }, ['cid'], {
      access: 'index',
      index: 'address.zip',
      bounds: [{ field: 'address.zip', points: [7], nulls: false }],
      filter: { 'address.zip': { eq: 7 } },
    })
    await check({ label, where: { age: { gt: 3, lt: 2 } } }, [], {
      access: 'index',
      index: 'age',
      bounds: [{ field: 'age', points: [], nulls: false }],
    })
    await check({ label, where: { name: { in: [] } } }, [], { access: 'none', filter: { name: { in: [] } } })
    await check({ label, where: { age: 20n } as never }, ['bob'], {
      access: 'index',
      index: 'age',
      bounds: [{ field: 'age', points: [20n], nulls: false }],
    })
  }))

test('a query without a label reads all nodes', () =>
  withPeople(async (session) => {
    const all = { where: { age: { gte: 40 } } }
    assert.deepEqual(
      (await session.findNodes(all)).map(({ id }) => id),
      ['cid', 'eve'],
    )
    assert.deepEqual(await session.explainNodes(all), {
      graph: 'people',
      reads: 'nodes',
      access: 'all',
      filter: all.where,
    })
    assert.equal((await session.findNodes()).length, 7)
    assert.deepEqual(
      [
        await session.countNodes(),
        await session.countNodes(all),
        await session.countNodes({ label: 'Free' }),
      ],
      [7, 2, 2],
    )
  }))

test('values of another kind are not found in an index for one another, and those that do not sort are found too', () =>
  withPeople(async (session) => {
    const ids = async (where: Record<string, unknown>): Promise<string[]> =>
      (await session.findNodes({ label: 'Free', where } as Parameters<Session['findNodes']>[0]))
        .map(({ id }) => id)
        .sort()
    assert.deepEqual(await ids({ key: 1 }), ['free'])
    assert.deepEqual(await ids({ key: '1' }), ['wild'])
    assert.deepEqual(await ids({ key: true }), [])
    assert.deepEqual(await ids({ x: 'a', y: 2 }), ['free'])
    assert.deepEqual(await ids({ x: 'a', y: { isNull: false } }), ['free', 'wild'])
    assert.deepEqual(await ids({ x: 'a', y: { eq: { z: 1 } } }), ['wild'])
    assert.deepEqual(await ids({ x: { gte: new Date(0) } }), [])
    assert.deepEqual(await ids({ x: new Uint8Array(1) }), [])
    assert.deepEqual(await ids({ x: '\ud800' }), [])
    assert.deepEqual(await ids({ x: { gte: '\ud800' } }), [])
  }))

test('edges are queried as nodes are, by type or all', () =>
  withPeople(async (session) => {
    const found = await session.findEdges({
      type: 'RATED',
      where: { stars: { gte: 3 } },
      orderBy: [{ field: 'stars', direction: 'desc' }],
      select: ['stars'],
    })
    assert.deepEqual(
      found.map(({ properties }) => properties),
      [{ stars: 5 }, { stars: 5 }, { stars: 3 }],
    )
    assert.deepEqual(await session.explainEdges({ type: 'RATED', orderBy: 'stars', limit: 1 }), {
      graph: 'people',
      reads: 'edges',
      type: 'RATED',
      access: 'index',
      index: 'stars',
      sort: 'index',
    })
    assert.deepEqual(
      (await session.findEdges({ where: { stars: 3 } })).map(({ id }) => id),
      ['2'],
    )
    assert.deepEqual(await session.explainEdges({ where: { stars: 3 } }), {
      graph: 'people',
      reads: 'edges',
      access: 'all',
      filter: { stars: 3 },
    })
    assert.deepEqual(
      [
        await session.countEdges(),
        await session.countEdges({ type: 'RATED', where: { note: { isNull: true } } }),
      ],
      [4, 3],
    )
  }))

test('edges of a type are listed by an index of it, without reading those of others', () =>
  withDatabase([roads], async (db) => {
    const session = db.graph(roads)
    await session.addNodes(['a', 'b', 'c'].map((id) => ({ id, labels: 'Town' })))
    await session.addEdges([
      ...['1', '2', '3'].map((id) => ({ type: 'ROAD' as const, from: 'b', to: 'c', id })),
      { type: 'RAIL', from: 'a', to: 'b', id: 'r', properties: { km: 7, stops: ['x', 'y'] } },
      { type: 'RAIL', from: 'c', to: 'a', id: 's', properties: { km: 3 } },
      { type: 'PATH', from: 'c', to: 'a', id: 'p', properties: { via: ['x', 'y'] } },
    ])
    const plan = { graph: 'roads', reads: 'edges' }
    assert.deepEqual(await session.explainEdges({ type: 'ROAD' }), {
      ...plan,
      access: 'type',
      type: 'ROAD',
      index: 'type',
    })
    // Any index that has each edge once will do.
    assert.deepEqual(await session.explainEdges({ type: 'RAIL' }), {
      ...plan,
      access: 'type',
      type: 'RAIL',
      index: 'km',
    })
    // Arrays put an edge into an index more than once.
    assert.deepEqual(await session.explainEdges({ type: 'PATH' }), {
      ...plan,
      access: 'all',
      type: 'PATH',
      advice: 'reads edges of every type; an index { fields: [] } of PATH lists its own',
    })
    for (const [type, ids] of [
      ['ROAD', ['1', '2', '3']],
      ['RAIL', ['s', 'r']],
      ['PATH', ['p']],
    ] as const) {
      const found = (edges: readonly { readonly id: string }[]): string[] => edges.map(({ id }) => id)
      assert.deepEqual(found(await session.findEdges({ type })), ids)
      assert.equal(await session.countEdges({ type }), ids.length)
      const scanned: string[] = []
      for await (const chunk of session.scanEdges({ type, chunkSize: 2 })) scanned.push(...found(chunk))
      assert.deepEqual(scanned, ids)
    }
    await db.transaction(async (tx) => {
      const gets = countReads(tx.storage)
      assert.equal(await tx.graph(roads).countEdges({ type: 'ROAD' }), 3)
      assert.equal(gets(), 3)
    })
    await session.deleteEdge({ type: 'ROAD', from: 'b', to: 'c', id: '2' })
    assert.equal(await session.countEdges({ type: 'ROAD' }), 2)
    await audit(db, 'roads')
  }))

test('where all edges are of one type they are read in a row', () =>
  withPeople(async (session) => {
    assert.equal((await session.explainEdges({ type: 'RATED' })).access, 'all')
  }))

/** The entries that scans of a transaction give from here on. */
function countReads(storage: Transaction): () => number {
  let count = 0
  const scan = storage.scan.bind(storage)
  storage.scan = async function* (...args) {
    for await (const chunk of scan(...args)) {
      count += chunk.length
      yield chunk
    }
  }
  return () => count
}

test('select keeps the fields asked for, nested as they are', () =>
  withPeople(async (session) => {
    const query = { label: 'Person', where: { name: 'cid' }, select: ['age', 'address.zip'] }
    assert.deepEqual(await session.findNodes(query), [
      { id: 'cid', labels: ['Person'], properties: { age: 40, address: { zip: 7 } } },
    ])
  }))

test('queries are checked, by the names of the properties too', () =>
  withPeople(async (session) => {
    const bad = (query: unknown, message: RegExp): Promise<unknown> =>
      refuses(session.findNodes(query as never), 'INVALID_ARGUMENT', message)
    await bad({ label: 'Persn' }, /label: label "Persn" is not declared; did you mean "Person"/)
    await bad({ lable: 'Person' }, /query.lable is not known; did you mean "label"/)
    await bad({ limit: -1 }, /limit is -1/)
    await bad({ where: { age: { above: 3 } } }, /graph "people": nodes: where.age has no operator "above"/)
    await bad({ orderBy: { field: 'age', direction: 'up' } }, /direction is "up"/)
    await bad([], /query is an array of 0/)
    const edges = (query: unknown, message: RegExp): Promise<unknown> =>
      refuses(session.findEdges(query as never), 'INVALID_ARGUMENT', message)
    await edges(
      { type: 'RATED', where: { star: 1 } },
      /graph "people": edges: where.star names an unknown field "star"; did you mean "stars"/,
    )
    await edges(
      { type: 'RATED', orderBy: 'nte' },
      /orderBy names an unknown field "nte"; did you mean "note"/,
    )
    await edges({ type: 'RATED', select: ['nope'] }, /select\[0\] names an unknown field "nope"/)
    await edges({ type: 'RTED' }, /edge type "RTED" is not declared; did you mean "RATED"/)
  }))

test('sorting in memory is bounded, and the limit is named', () =>
  withDatabase([graph('large', { open: true })], async (db) => {
    const session = db.graph('large')
    const ids = Array.from({ length: 100_001 }, (_, i) => i)
    await session.addNodes(ids.map((i) => ({ id: `n${i}`, labels: [], properties: { i: -i } })))
    await refuses(
      session.findNodes({ orderBy: 'i' }),
      'LIMIT_EXCEEDED',
      /graph "large": nodes: orderBy i would sort more than 100000 rows in memory; add an index on i/,
    )
    assert.deepEqual(
      (await session.findNodes({ orderBy: 'i', limit: 2 })).map(({ id }) => id),
      ['n100000', 'n99999'],
    )
  }))
