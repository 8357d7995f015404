import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../database.js'
import { audit, collect, refuses, withDatabase } from './graph-database.test.data.js'
import type { GraphSession } from './graph-session.js'
import { graph } from './graph.js'

const social = graph('social', {
  nodes: { Person: {}, Page: {} },
  edges: {
    KNOWS: {
      from: 'Person',
      to: 'Person',
      properties: { since: 'integer?', weight: 'number?' },
      indexes: ['weight'],
    },
    LIKES: { from: 'Person', to: ['Page', 'Person'], unique: true, properties: { stars: 'integer' } },
    TAGGED: { indexes: [{ name: 'tag', fields: 'tag', unique: true }] },
  },
})

type Session = Pick<
  GraphSession,
  | 'addEdge'
  | 'addEdges'
  | 'getEdge'
  | 'getEdges'
  | 'updateEdge'
  | 'deleteEdge'
  | 'edges'
  | 'degree'
  | 'scanEdges'
  | 'deleteNode'
>

function withPeople(work: (session: Session, db: Database) => Promise<void>): Promise<void> {
  return withDatabase([social], async (db) => {
    await db
      .graph(social)
      .addNodes([
        ...['ann', 'bob', 'cid'].map((id) => ({ id, labels: 'Person' }) as const),
        { id: 'web', labels: 'Page' },
      ])
    await work(db.graph('social'), db)
    await audit(db, 'social')
  })
}

test('an edge is found under both of its ends, by its key, and comes back as it was added', () =>
  withPeople(async (session) => {
    const knows = await session.addEdge({
      type: 'KNOWS',
      from: 'ann',
      to: 'bob',
      id: 'k1',
      properties: { since: 2020, weight: null },
    })
    assert.deepEqual(knows, { type: 'KNOWS', from: 'ann', to: 'bob', id: 'k1', properties: { since: 2020 } })
    const likes = await session.addEdge({ type: 'LIKES', from: 'ann', to: 'web', properties: { stars: 5 } })
    assert.deepEqual(likes, { type: 'LIKES', from: 'ann', to: 'web', id: '', properties: { stars: 5 } })
    assert.deepEqual(await session.edges('ann'), [knows, likes])
    assert.deepEqual(await session.edges('bob', { direction: 'in' }), [knows])
    assert.deepEqual(await session.edges('bob', { direction: 'out' }), [])
    assert.deepEqual(await session.edges('web'), [likes])
    assert.deepEqual(await session.getEdge(knows), knows)
    assert.deepEqual(await session.getEdge({ type: 'LIKES', from: 'ann', to: 'web' }), likes)
    const missing = { type: 'KNOWS', from: 'bob', to: 'ann', id: 'k1' }
    assert.deepEqual(await session.getEdges([likes, missing, knows]), [likes, undefined, knows])
    assert.equal(await session.getEdge(missing), undefined)
    assert.deepEqual(await session.addEdges([]), [])
  }))

test('edges of one type between the same nodes are told apart by ids, made up if not given', () =>
  withPeople(async (session) => {
    const given = { type: 'KNOWS', from: 'ann', to: 'bob' }
    const edges = await session.addEdges([given, given, { ...given, id: 'mine' }])
    const ids = edges.map(({ id }) => id)
    assert.equal(new Set(ids).size, 3)
    assert.match(ids[0] ?? '', /^[0-9a-hjkmnp-tv-z]{26}$/)
    assert.equal(ids[2], 'mine')
    assert.equal(await session.degree('bob'), 3)
    assert.equal(await session.deleteEdge({ ...given, id: 'mine' }), true)
    assert.equal(await session.deleteEdge({ ...given, id: 'mine' }), false)
    assert.deepEqual((await session.edges('bob')).map(({ id }) => id).sort(), ids.slice(0, 2).sort())
  }))

test('edges of a node: direction, types, filter and limit; loops once', () =>
  withPeople(async (session) => {
    await session.addEdges([
      { type: 'KNOWS', from: 'ann', to: 'ann', id: 'loop', properties: { weight: 9 } },
      { type: 'KNOWS', from: 'ann', to: 'bob', id: '1', properties: { weight: 1 } },
      { type: 'KNOWS', from: 'bob', to: 'ann', id: '2', properties: { weight: 2 } },
      { type: 'LIKES', from: 'bob', to: 'ann', properties: { stars: 1 } },
      { type: 'TAGGED', from: 'web', to: 'ann', id: '3', properties: { weight: 3, tag: 'x' } },
    ])
    const ids = async (options: Parameters<Session['edges']>[1]): Promise<string[]> =>
      (await session.edges('ann', options)).map(({ id, type }) => `${type}${id}`)
    assert.deepEqual(await ids({}), ['KNOWSloop', 'KNOWS1', 'KNOWS2', 'LIKES', 'TAGGED3'])
    assert.deepEqual(await ids({ direction: 'out' }), ['KNOWSloop', 'KNOWS1'])
    assert.deepEqual(await ids({ direction: 'in' }), ['KNOWSloop', 'KNOWS2', 'LIKES', 'TAGGED3'])
    assert.deepEqual(await ids({ types: 'KNOWS' }), ['KNOWSloop', 'KNOWS1', 'KNOWS2'])
    assert.deepEqual(await ids({ types: ['TAGGED', 'KNOWS', 'TAGGED'], direction: 'in' }), [
      'KNOWSloop',
      'KNOWS2',
      'TAGGED3',
    ])
    assert.deepEqual(await ids({ types: [] }), [])
    assert.deepEqual(await ids({ where: { weight: { gte: 2 } } }), ['KNOWSloop', 'KNOWS2', 'TAGGED3'])
    assert.deepEqual(await ids({ where: { weight: { gte: 2 } }, limit: 2 }), ['KNOWSloop', 'KNOWS2'])
    assert.deepEqual(await ids({ limit: 0 }), [])
    assert.deepEqual(
      await Promise.all(
        ['out', 'in', 'both'].map((direction) => session.degree('ann', { direction: direction as 'in' })),
      ),
      [2, 4, 5],
    )
    assert.equal(await session.degree('ann', { types: ['LIKES', 'TAGGED'] }), 2)
    await refuses(
      ids({ direction: 'around' as never }),
      'INVALID_ARGUMENT',
      /direction is "around"; it must be one of out, in, both/,
    )
    await refuses(
      ids({ types: 'KNOW' }),
      'INVALID_ARGUMENT',
      /types: edge type "KNOW" is not declared; did you mean "KNOWS"/,
    )
    await refuses(ids({ limit: 1.5 }), 'INVALID_ARGUMENT', /limit is 1.5/)
    await refuses(
      ids({ where: { weight: { bigger: 2 } } }),
      'INVALID_ARGUMENT',
      /graph "social": where: where.weight has no operator "bigger"/,
    )
    await refuses(session.edges(''), 'INVALID_ARGUMENT', /nodeId is empty/)
    await refuses(
      session.degree('ann', { where: {} } as never),
      'INVALID_ARGUMENT',
      /options.where is not known/,
    )
  }))

test('no edge dangles, and bad edges are refused by name with nothing of their call added', () =>
  withPeople(async (session, db) => {
    await session.addEdge({ type: 'LIKES', from: 'ann', to: 'web', properties: { stars: 5 } })
    await session.addEdge({ type: 'KNOWS', from: 'ann', to: 'bob', id: 'k' })
    const bad = async (
      edge: unknown,
      code: Parameters<typeof refuses>[1],
      message: RegExp,
    ): Promise<Record<string, unknown>> => {
      const fine = { type: 'KNOWS', from: 'bob', to: 'cid', id: 'fine' }
      const error = await refuses(session.addEdges([fine, edge as typeof fine]), code, message)
      assert.equal((await audit(db, 'social')).edges.length, 2)
      return error.details
    }
    const knows = { type: 'KNOWS', from: 'ann', to: 'bob' }
    const details = await bad(
      { ...knows, to: 'zoe', id: 'z' },
      'DANGLING_EDGE',
      /graph "social": edge KNOWS "ann" -> "zoe" \(id "z"\): node "zoe" does not exist; add it first/,
    )
    assert.deepEqual(details, {
      model: 'graph',
      object: 'social',
      edge: { type: 'KNOWS', from: 'ann', to: 'zoe', id: 'z' },
      node: 'zoe',
    })
    await bad({ ...knows, from: 'zoe' }, 'DANGLING_EDGE', /"zoe" -> "bob".*node "zoe" does not exist/)
    await bad(
      { ...knows, to: 'web' },
      'CHECK_VIOLATION',
      /edge KNOWS "ann" -> "web".*KNOWS edges reach nodes labelled Person only; node "web" has Page/,
    )
    await bad(
      { type: 'LIKES', from: 'web', to: 'ann', properties: { stars: 1 } },
      'CHECK_VIOLATION',
      /LIKES edges leave nodes labelled Person only/,
    )
    await bad(
      { type: 'LIKES', from: 'ann', to: 'web', properties: { stars: 1 } },
      'RECORD_EXISTS',
      /edge LIKES "ann" -> "web" exists already/,
    )
    await bad({ ...knows, id: 'k' }, 'RECORD_EXISTS', /edge KNOWS "ann" -> "bob" \(id "k"\) exists already/)
    await bad({ type: 'KNOWS', from: 'bob', to: 'cid', id: 'fine' }, 'RECORD_EXISTS', /is given twice/)
    await bad(
      { type: 'LIKES', from: 'ann', to: 'bob', id: 'x', properties: { stars: 1 } },
      'INVALID_ARGUMENT',
      /edges\[1\]\.id: edge type LIKES is unique, so its edges have no id/,
    )
    await bad(
      { ...knows, type: 'KNOW' },
      'INVALID_ARGUMENT',
      /edges\[1\]\.type: edge type "KNOW" is not declared; did you mean "KNOWS"/,
    )
    await bad({ from: 'ann', to: 'bob' }, 'INVALID_ARGUMENT', /edges\[1\]\.type: undefined is no type/)
    await bad({ type: 'KNOWS', to: 'bob' }, 'INVALID_ARGUMENT', /edges\[1\]\.from is undefined, not text/)
    await bad({ ...knows, to: '' }, 'INVALID_ARGUMENT', /edges\[1\]\.to is empty/)
    await bad({ ...knows, id: '' }, 'INVALID_ARGUMENT', /edges\[1\]\.id is empty/)
    await bad({ ...knows, id: 'x'.repeat(513) }, 'INVALID_ARGUMENT', /id has 513 bytes/)
    await bad(
      { ...knows, form: 'ann' },
      'INVALID_ARGUMENT',
      /edges\[1\]\.form is not known; did you mean "from"/,
    )
    await bad(
      { ...knows, properties: { wieght: 1 } },
      'INVALID_ARGUMENT',
      /property "wieght" is not declared; did you mean "weight"/,
    )
    await bad(
      { ...knows, properties: { weight: 'x' } },
      'TYPE_MISMATCH',
      /property "weight" is "x"; KNOWS declares it as number/,
    )
    await bad(
      { type: 'LIKES', from: 'ann', to: 'bob' },
      'NOT_NULL_VIOLATION',
      /property "stars" is missing, and LIKES requires it/,
    )
    await refuses(session.addEdges('x' as never), 'INVALID_ARGUMENT', /edges is "x"; it must be an array/)
  }))

test('edges are changed under both ends, and in their indexes', () =>
  withPeople(async (session, db) => {
    const key = { type: 'KNOWS', from: 'ann', to: 'bob', id: '1' }
    await session.addEdge({ ...key, properties: { weight: 1, since: 1999 } })
    assert.deepEqual(await session.updateEdge(key, { properties: { weight: 2 } }), {
      ...key,
      properties: { weight: 2, since: 1999 },
    })
    assert.deepEqual(await session.edges('bob'), await session.edges('ann'))
    assert.deepEqual(await session.updateEdge(key, { properties: { weight: 3 }, replace: true }), {
      ...key,
      properties: { weight: 3 },
    })
    assert.deepEqual(
      await db.graph('social').findEdges({ type: 'KNOWS', where: { weight: 3 } }),
      await session.edges('bob'),
    )
    assert.deepEqual(await db.graph('social').findEdges({ type: 'KNOWS', where: { weight: 1 } }), [])
    await refuses(
      session.updateEdge({ ...key, id: '2' }, { properties: {} }),
      'RECORD_NOT_FOUND',
      /edge KNOWS "ann" -> "bob" \(id "2"\) does not exist/,
    )
    await refuses(
      session.updateEdge({ type: 'KNOWS', from: 'ann', to: 'bob' }, { properties: {} }),
      'INVALID_ARGUMENT',
      /edge.id is missing; there may be several edges KNOWS/,
    )
    await refuses(session.updateEdge(key, { properties: { weight: [] } }), 'TYPE_MISMATCH', /weight/)
    await refuses(
      session.updateEdge(key, { props: {} } as never),
      'INVALID_ARGUMENT',
      /update.props is not known/,
    )
    await session.addEdges(
      ['a', 'b'].map((tag) => ({ type: 'TAGGED', from: 'ann', to: 'web', id: tag, properties: { tag } })),
    )
    await refuses(
      session.updateEdge({ type: 'TAGGED', from: 'ann', to: 'web', id: 'b' }, { properties: { tag: 'a' } }),
      'UNIQUE_VIOLATION',
      /edge TAGGED "ann" -> "web" \(id "b"\): its tag is taken by edge TAGGED "ann" -> "web" \(id "a"\); index "tag" of TAGGED is unique/,
    )
    await session.deleteEdge({ type: 'TAGGED', from: 'ann', to: 'web', id: 'a' })
    await session.updateEdge(
      { type: 'TAGGED', from: 'ann', to: 'web', id: 'b' },
      { properties: { tag: 'a' } },
    )
  }))

test('an edge added and its node deleted in one transaction leave nothing behind', () =>
  withPeople(async (_session, db) => {
    await db.transaction(async (tx) => {
      const session = tx.graph('social')
      await session.addNode({ id: 'dan', labels: 'Person' })
      await session.addEdge({ type: 'KNOWS', from: 'dan', to: 'ann', properties: { weight: 1 } })
      await refuses(session.deleteNode('dan'), 'NODE_HAS_EDGES', /node "dan" has 1 edge/)
      await session.deleteNode('dan', { detach: true })
      await refuses(session.addEdge({ type: 'KNOWS', from: 'ann', to: 'dan' }), 'DANGLING_EDGE', /node "dan"/)
    })
    const stored = await audit(db, 'social')
    assert.deepEqual([[...stored.nodes.keys()], stored.edges], [['ann', 'bob', 'cid', 'web'], []])
  }))

test('edges are scanned in chunks, by type and filter', () =>
  withPeople(async (session, db) => {
    await session.addEdges(
      Array.from({ length: 20 }, (_, i) => ({
        type: i % 2 === 0 ? 'KNOWS' : 'TAGGED',
        from: 'bob',
        to: 'ann',
        id: String(i),
        properties: { weight: i },
      })),
    )
    const weights = async (options: Parameters<Session['scanEdges']>[0]): Promise<unknown[]> =>
      (await collect(session.scanEdges(options))).map(({ properties }) => properties['weight'])
    assert.deepEqual(await weights({ type: 'KNOWS', where: { weight: { lt: 7 } } }), [0, 2, 4, 6])
    assert.deepEqual((await weights({ type: 'TAGGED', limit: 3, chunkSize: 2 })).length, 3)
    assert.equal((await weights({})).length, 20)
    const plan = await db.graph('social').explainEdges({ type: 'KNOWS', where: { weight: { lt: 7 } } })
    assert.deepEqual([plan.access, plan.index], ['index', 'weight'])
  }))

test('an open graph takes any label, type and property', () =>
  withDatabase([graph('open', { open: true, edges: { KNOWN: { unique: true } } })], async (db) => {
    const session = db.graph('open')
    await session.addNodes([
      { id: 'a', labels: [] },
      { id: 'b', labels: ['X', 'Y'], properties: { z: [1] } },
    ])
    const any = await session.addEdge({
      type: 'ANY',
      from: 'a',
      to: 'b',
      id: '1',
      properties: { q: null, r: {} },
    })
    assert.deepEqual(any, { type: 'ANY', from: 'a', to: 'b', id: '1', properties: { r: {} } })
    await session.addEdges([
      { type: 'OTHER', from: 'b', to: 'a', id: '1' },
      { type: 'KNOWN', from: 'a', to: 'b' },
    ])
    assert.deepEqual(await session.edges('a', { types: ['ANY'] }), [any])
    assert.equal(await session.degree('a', { types: ['OTHER', 'KNOWN'] }), 2)
    assert.deepEqual(
      (await session.findNodes({ label: 'Y' })).map(({ id }) => id),
      ['b'],
    )
    assert.deepEqual(await session.findNodes({ label: 'Z' }), [])
    assert.deepEqual((await session.scanEdges({ type: 'OTHER' }).next()).value, [
      { type: 'OTHER', from: 'b', to: 'a', id: '1', properties: {} },
    ])
    await session.updateNode('b', { removeLabels: ['X', 'Y'], addLabels: ['W'] })
    await refuses(session.addNode({ id: 'c', labels: [''] }), 'INVALID_ARGUMENT', /"" is no label/)
    await session.deleteNode('b', { detach: true })
    const stored = await audit(db, 'open')
    assert.deepEqual([stored.nodes.size, stored.edges], [1, []])
  }))
