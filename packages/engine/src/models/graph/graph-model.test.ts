import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Database } from '../../database.js'
import { audit, collect, refuses, withDatabase } from './graph-database.test.data.js'
import type { GraphDefinition } from './graph-definition.js'
import type { GraphInput } from './graph-input.js'
import { graph } from './graph.js'

const base = {
  nodes: { A: { properties: { n: 'number?', s: 'string?' }, indexes: ['n'] }, B: {} },
  edges: { R: { from: 'A', properties: { w: 'integer?' }, indexes: ['w'] }, S: {} },
} as const satisfies GraphInput

/** The graph `g` as declared, with nodes `a` and `a2` of A, `b` of B, and edges R and S from `a` to `b`. */
async function withGraph(
  input: GraphInput,
  work: (change: (input: GraphInput) => Promise<GraphDefinition>, db: Database) => Promise<void>,
): Promise<void> {
  await withDatabase([graph('g', input)], async (db) => {
    await db.graph('g').addNodes([
      { id: 'a', labels: ['A'], properties: { n: 1, s: 'x' } },
      { id: 'a2', labels: ['A', 'B'], properties: { n: 2, s: 'x', free: [1] } },
      { id: 'b', labels: ['B'] },
    ])
    await db.graph('g').addEdges([
      { type: 'R', from: 'a', to: 'b', id: '1', properties: { w: 1 } },
      { type: 'R', from: 'a2', to: 'b', id: '1', properties: { w: 2 } },
      { type: 'S', from: 'b', to: 'a', id: '1', properties: { any: true } },
    ])
    await work(async (next) => {
      const before = (await db.describe('graph', 'g')) as { version: number }
      const changed = await db.change({ kind: 'graph', name: 'g', input: next })
      await audit(db, 'g')
      assert(changed.version === before.version || changed.version === before.version + 1)
      return changed.definition as GraphDefinition
    }, db)
    await audit(db, 'g')
  })
}

test('the same declaration changes nothing, in whatever order its parts come', () =>
  withGraph(base, async (_change, db) => {
    const same: GraphInput = {
      edges: {
        S: {},
        R: { indexes: [{ fields: ['w'] }], properties: { w: 'integer?' }, from: ['A'], unique: false },
      },
      nodes: { B: { indexes: [] }, A: { indexes: ['n'], properties: { s: 'string?', n: 'number?' } } },
      open: false,
    }
    assert.deepEqual(await db.apply([graph('g', same)]), { created: [], changed: [], unchanged: ['g'] })
  }))

test('ids are kept, and never used again', () =>
  withGraph(base, async (change) => {
    const first = await change({ ...base, nodes: { ...base.nodes, C: { indexes: ['x'] } } })
    assert.deepEqual(
      first.labels.map(({ id, name }) => [id, name]),
      [
        [1, 'A'],
        [2, 'B'],
        [5, 'C'],
      ],
    )
    assert.deepEqual(
      first.labels[2]?.indexes.map(({ id }) => id),
      [3],
    )
    const second = await change({ ...base, nodes: { ...base.nodes, D: { indexes: ['x'] } } })
    assert.deepEqual(
      second.labels.map(({ id, name }) => [id, name]),
      [
        [1, 'A'],
        [2, 'B'],
        [6, 'D'],
      ],
    )
    assert.deepEqual(
      [second.labels[2]?.indexes.map(({ id }) => id), second.nextId, second.nextIndexId],
      [[4], 7, 5],
    )
  }))

test('new indexes are built over the data, and dropped ones are removed', () =>
  withGraph(base, async (change, db) => {
    await change({
      nodes: {
        A: {
          ...base.nodes.A,
          indexes: [
            { name: 'other', fields: ['s', 'n'] },
            { fields: 'n', unique: true },
          ],
        },
        B: { indexes: ['free'] },
      },
      edges: { R: { ...base.edges.R, indexes: [] }, S: { indexes: ['any'] } },
    })
    const session = db.graph('g')
    const query = { label: 'A', where: { s: 'x' }, orderBy: 'n' } as const
    assert.deepEqual(
      (await session.findNodes(query)).map(({ id }) => id),
      ['a', 'a2'],
    )
    const plan = await session.explainNodes(query)
    assert.deepEqual([plan.index, plan.sort], ['other', 'index'])
    assert.deepEqual(
      (await session.findNodes({ label: 'B', where: { free: 1 } })).map(({ id }) => id),
      ['a2'],
    )
    assert.equal((await session.findEdges({ type: 'S', where: { any: true } })).length, 1)
    assert.equal((await session.explainEdges({ type: 'R', where: { w: 1 } })).access, 'all')
    await refuses(
      session.addNode({ id: 'a3', labels: 'A', properties: { n: 2 } }),
      'UNIQUE_VIOLATION',
      /node "a3": its n is taken by node "a2"/,
    )
  }))

test('a change that the data does not allow is refused, names what is in its way, and leaves all as it was', () =>
  withGraph(base, async (change, db) => {
    const before = await db.describe('graph', 'g')
    const bad = async (
      input: GraphInput,
      code: 'SCHEMA_MISMATCH' | 'UNIQUE_VIOLATION' | 'SCHEMA_INVALID',
      message: RegExp,
    ): Promise<void> => {
      await refuses(change(input), code, message)
      assert.deepEqual(await db.describe('graph', 'g'), before)
      await audit(db, 'g')
    }
    const { A } = base.nodes
    const { R, S } = base.edges
    const nodes = (changed: object): GraphInput => ({ ...base, nodes: { ...base.nodes, ...changed } })
    const edges = (changed: object): GraphInput => ({ ...base, edges: { ...base.edges, ...changed } })
    await bad(
      { nodes: { A }, edges: { R, S } },
      'SCHEMA_MISMATCH',
      /graph "g": label "B" is left out, but nodes have it; take it from them, or declare it/,
    )
    await bad(
      { ...base, edges: { R } },
      'SCHEMA_MISMATCH',
      /graph "g": edge type "S" is left out, but edge S "b" -> "a" \(id "1"\) has it; delete its edges, or declare it/,
    )
    await bad(
      nodes({ A: { ...A, indexes: [{ fields: 's', unique: true }] } }),
      'UNIQUE_VIOLATION',
      /node "a2": its s is taken by node "a"; index "s" of A is unique/,
    )
    await bad(
      nodes({ A: { properties: { n: 'number', s: 'integer?' } } }),
      'SCHEMA_MISMATCH',
      /stored data is against the new definition: node "a": property "s" is "x"; A declares it as integer/,
    )
    await bad(
      nodes({ A: { properties: { n: 'number?' } } }),
      'SCHEMA_MISMATCH',
      /node "a": property "s" is not declared/,
    )
    await bad(
      nodes({ B: { properties: {} } }),
      'SCHEMA_MISMATCH',
      /node "a2": property "free" is not declared/,
    )
    await bad(
      nodes({ A: { properties: { n: 'number?', s: 'string?', more: 'string' } } }),
      'SCHEMA_MISMATCH',
      /node "a": property "more" is missing, and A requires it/,
    )
    await bad(
      edges({ R: { ...R, properties: { w: 'string?' } } }),
      'SCHEMA_MISMATCH',
      /edge R "a" -> "b" \(id "1"\): property "w" is 1; R declares it as string/,
    )
    await bad(
      edges({ R: { ...R, from: 'B' } }),
      'SCHEMA_MISMATCH',
      /edge R "a" -> "b" \(id "1"\): R edges leave nodes labelled B only; node "a" has A/,
    )
    await bad(
      edges({ S: { to: 'B' } }),
      'SCHEMA_MISMATCH',
      /edge S "b" -> "a" \(id "1"\): S edges reach nodes labelled B only; node "a" has A/,
    )
    await bad(
      edges({ R: { ...R, unique: true } }),
      'SCHEMA_MISMATCH',
      /edge R "a" -> "b" \(id "1"\) has an id, so edge type "R" cannot become unique/,
    )
    await bad(
      nodes({ A: { ...A, properties: { n: 'nope' } } }),
      'SCHEMA_INVALID',
      /nodes.A.properties.n: "nope" is no property type/,
    )
  }))

test('a change that all data fits is accepted, tighter or wider', () =>
  withGraph(base, async (change, db) => {
    await change({
      nodes: { A: { properties: { n: 'integer', s: 'json?', new: 'string?' }, indexes: ['n'] }, B: {} },
      edges: {
        R: { from: ['A', 'B'], to: 'B', properties: { w: 'number' }, indexes: ['w'] },
        S: { from: 'B', properties: { any: 'boolean' } },
      },
    })
    const session = db.graph('g')
    await refuses(
      session.addNode({ id: 'x', labels: 'A', properties: { n: 1.5 } }),
      'TYPE_MISMATCH',
      /integer/,
    )
    await refuses(
      session.addEdge({ type: 'R', from: 'a', to: 'a', properties: { w: 1 } }),
      'CHECK_VIOLATION',
      /reach nodes labelled B only/,
    )
    await session.addEdge({ type: 'R', from: 'b', to: 'b', properties: { w: 1.5 } })
    await change({ nodes: { A: {}, B: {} }, edges: { R: {}, S: {} } })
    await session.addNode({ id: 'x', labels: 'A', properties: { n: 'anything' } })
    await session.addEdge({ type: 'R', from: 'b', to: 'x' })
  }))

test('labels and types without data can be left out', () =>
  withGraph(
    { nodes: { ...base.nodes, C: { indexes: ['x'] } }, edges: { ...base.edges, T: { unique: true } } },
    async (change, db) => {
      const { labels, types } = await change(base)
      assert.deepEqual(
        [labels.map(({ name }) => name), types.map(({ name }) => name)],
        [
          ['A', 'B'],
          ['R', 'S'],
        ],
      )
      await refuses(db.graph('g').addNode({ labels: 'C' }), 'INVALID_ARGUMENT', /label "C" is not declared/)
    },
  ))

test('a type may become unique when no edge has an id, and edges keep theirs when it ceases to be', () =>
  withDatabase([graph('u', { open: true, edges: { R: { unique: true }, T: {} } })], async (db) => {
    const session = db.graph('u')
    await session.addNodes(['a', 'b'].map((id) => ({ id, labels: [] })))
    await session.addEdge({ type: 'R', from: 'a', to: 'b' })
    await db.change(graph('u', { open: true, edges: { R: {}, T: { unique: true } } }))
    await session.addEdge({ type: 'R', from: 'a', to: 'b', id: '2' })
    await session.addEdge({ type: 'T', from: 'a', to: 'b' })
    assert.deepEqual(
      (await session.edges('a', { types: 'R' })).map(({ id }) => id),
      ['', '2'],
    )
    assert.equal((await session.getEdge({ type: 'R', from: 'a', to: 'b', id: '' }))?.type, 'R')
    assert.equal(await session.deleteEdge({ type: 'R', from: 'a', to: 'b', id: '' }), true)
    await refuses(
      db.change(graph('u', { open: true, edges: { R: { unique: true }, T: {} } })),
      'SCHEMA_MISMATCH',
      /has an id/,
    )
    await session.deleteEdge({ type: 'R', from: 'a', to: 'b', id: '2' })
    await db.change(graph('u', { open: true, edges: { R: { unique: true }, T: {} } }))
    await session.addEdge({ type: 'R', from: 'a', to: 'b' })
    await audit(db, 'u')
  }))

test('what an open graph has taken can be declared later, and be the only thing it takes', () =>
  withDatabase([graph('o', { open: true })], async (db) => {
    const session = db.graph('o')
    await session.addNodes([
      { id: 'a', labels: ['X'], properties: { n: 2 } },
      { id: 'b', labels: ['X', 'Y'], properties: { n: 1 } },
      { id: 'c', labels: [] },
    ])
    await session.addEdge({ type: 'E', from: 'a', to: 'b', id: '1', properties: { w: 1 } })
    const open: GraphInput = {
      open: true,
      nodes: { X: { properties: { n: 'integer' }, indexes: ['n'] } },
      edges: { E: { from: 'X', properties: { w: 'number' }, indexes: ['w'] } },
    }
    await db.change(graph('o', open))
    await audit(db, 'o')
    assert.deepEqual(
      (await session.findNodes({ label: 'X', orderBy: 'n' })).map(({ id }) => id),
      ['b', 'a'],
    )
    assert.equal((await session.explainNodes({ label: 'X', orderBy: 'n' })).access, 'index')
    assert.equal((await session.findEdges({ type: 'E', where: { w: 1 } })).length, 1)
    assert.deepEqual(
      (await session.edges('a')).map(({ type }) => type),
      ['E'],
    )
    await session.updateNode('a', { properties: { n: 3 } })
    await session.addEdge({ type: 'E', from: 'b', to: 'a', id: '1', properties: { w: 2 } })
    await refuses(
      db.change(graph('o', { ...open, open: false })),
      'SCHEMA_MISMATCH',
      /label "Y" is not declared; /,
    )
    await session.updateNode('b', { removeLabels: ['Y'] })
    await refuses(db.change(graph('o', { ...open, open: false })), 'SCHEMA_MISMATCH', /node "c" has no label/)
    await session.deleteNode('c')
    await session.addEdge({ type: 'F', from: 'a', to: 'b', id: '1' })
    await refuses(
      db.change(graph('o', { ...open, open: false })),
      'SCHEMA_MISMATCH',
      /edge type "F" is left out/,
    )
    await session.deleteEdge({ type: 'F', from: 'a', to: 'b', id: '1' })
    await db.change(graph('o', { ...open, open: false }))
    await refuses(session.addNode({ labels: 'Y' }), 'INVALID_ARGUMENT', /label "Y" is not declared/)
    await refuses(db.change(graph('o', { open: true })), 'SCHEMA_MISMATCH', /label "X" is left out/)
    const stored = await audit(db, 'o')
    assert.deepEqual([stored.nodes.size, stored.edges.length], [2, 2])
  }))

test('a dropped graph leaves nothing, and another of its name begins empty', () =>
  withGraph(base, async (_change, db) => {
    await db.drop('graph', 'g')
    await refuses(db.graph('g').countNodes(), 'OBJECT_NOT_FOUND', /graph "g" does not exist/)
    await refuses(collect(db.graph('g').scanNodes()), 'OBJECT_NOT_FOUND', /graph "g"/)
    const left = await db.storage.begin()
    for await (const entries of left.scan({ start: Buffer.from('g'), end: Buffer.from('h') }))
      assert.deepEqual(entries, [])
    await left.rollback()
    await db.create(graph('g', base))
    assert.deepEqual((await audit(db, 'g')).nodes, new Map())
  }))
