import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { refuses, withDatabase } from './graph-database.test.data.js'
import type { ShortestPathOptions } from './graph-queries.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import type { GraphSession } from './graph-session.js'
import { graph } from './graph.js'

const roads = graph('roads', {
  nodes: { Town: { properties: { open: 'boolean' } }, Ferry: { properties: { open: 'boolean' } } },
  edges: {
    ROAD: { properties: { km: 'number', toll: 'boolean' } },
    WATER: { properties: { km: 'number', toll: 'boolean' } },
  },
})

interface Roads {
  readonly nodes: readonly { id: string; labels: 'Town' | 'Ferry'; properties: { open: boolean } }[]
  readonly edges: readonly {
    type: 'ROAD' | 'WATER'
    from: string
    to: string
    id: string
    properties: { km: number; toll: boolean }
  }[]
}

const ids = Array.from({ length: 9 }, (_, n) => `n${n}`)
const graphs: fc.Arbitrary<Roads> = fc.record({
  nodes: fc.tuple(
    ...ids.map((id) =>
      fc.record(
        {
          id: fc.constant(id),
          labels: fc.constantFrom('Town', 'Ferry'),
          properties: fc.record({ open: fc.boolean() }, { noNullPrototype: true }),
        },
        { noNullPrototype: true },
      ),
    ),
  ),
  edges: fc.uniqueArray(
    fc.record(
      {
        type: fc.constantFrom('ROAD', 'WATER'),
        from: fc.constantFrom(...ids),
        to: fc.constantFrom(...ids),
        id: fc.constantFrom('1', '2'),
        properties: fc.record({ km: fc.nat(6), toll: fc.boolean() }, { noNullPrototype: true }),
      },
      { noNullPrototype: true },
    ),
    {
      selector: ({ type, from, to, id }) => JSON.stringify([type, from, to, id]),
      maxLength: 26,
      size: 'max',
    },
  ),
})

type Options = ShortestPathOptions & { weight?: 'km' }

const options: fc.Arbitrary<Options> = fc.record(
  {
    direction: fc.constantFrom('out', 'in', 'both'),
    types: fc.constantFrom('ROAD', 'WATER'),
    maxDepth: fc.nat(6),
    weight: fc.constant('km' as const),
    where: fc.constantFrom(
      { nodes: { open: true } },
      { labels: ['Town'] },
      { edges: { toll: false } },
      { nodes: { open: true }, edges: { km: { lte: 3 } } },
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** The least cost by relaxing every edge again and again (Bellman-Ford), one more edge in the path each time. */
function leastCost({ nodes, edges }: Roads, from: string, to: string, options: Options): number | undefined {
  const { direction = 'out', types, maxDepth = ids.length, weight, where } = options
  const usable = edges.filter(
    ({ type, properties }) =>
      (types === undefined || types === type) &&
      (where?.edges === undefined || ('toll' in where.edges ? !properties.toll : properties.km <= 3)),
  )
  const fits = (id: string): boolean => {
    const node = nodes.find((each) => each.id === id)
    if (id === from || id === to) return true
    if (where?.nodes !== undefined && node?.properties.open !== true) return false
    return where?.labels === undefined || node?.labels === 'Town'
  }
  let best = new Map([[from, 0]])
  for (let depth = 0; depth < maxDepth; depth++) {
    const next = new Map(best)
    for (const edge of usable) {
      const ways = [
        ...(direction === 'in' ? [] : [[edge.from, edge.to] as const]),
        ...(direction === 'out' ? [] : [[edge.to, edge.from] as const]),
      ]
      for (const [near, far] of ways) {
        const cost = best.get(near)
        if (cost === undefined || !fits(far)) continue
        const total = cost + (weight === undefined ? 1 : edge.properties.km)
        if (total < (next.get(far) ?? Infinity)) next.set(far, total)
      }
    }
    best = next
  }
  return best.get(to)
}

test('the cost is the least there is, and the path is one that has it', async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), options), {
        minLength: 1,
        maxLength: 10,
      }),
      async (given, searches) => {
        await withDatabase([roads], async (db) => {
          await db.graph(roads).addNodes(given.nodes)
          await db.graph(roads).addEdges(given.edges)
          for (const [from, to, each] of searches) {
            const session: Pick<GraphSession, 'shortestPath'> = db.graph('roads')
            const found = await session.shortestPath(from, to, each)
            const text = JSON.stringify([from, to, each, found])
            assert.equal(found?.cost, leastCost(given, from, to, each), text)
            if (found !== undefined) checkPath(given, from, to, each, found.nodes, found.edges, found.cost)
          }
        })
      },
    ),
    { numRuns: 120 },
  )
})

function checkPath(
  given: Roads,
  from: string,
  to: string,
  { direction = 'out', types, weight, maxDepth = Infinity }: Options,
  nodes: readonly GraphNode[],
  edges: readonly GraphEdge[],
  cost: number,
): void {
  assert.equal(nodes[0]?.id, from)
  assert.equal(nodes.at(-1)?.id, to)
  assert.equal(edges.length, nodes.length - 1)
  assert(edges.length <= maxDepth)
  let sum = 0
  edges.forEach((edge, i) => {
    const ends = [nodes[i]?.id, nodes[i + 1]?.id]
    const isForward = edge.from === ends[0] && edge.to === ends[1]
    const isBackward = edge.to === ends[0] && edge.from === ends[1]
    assert((direction !== 'in' && isForward) || (direction !== 'out' && isBackward))
    assert(types === undefined || types === edge.type)
    assert.deepEqual(
      edge,
      given.edges.find(
        ({ type, from, to, id }) =>
          type === edge.type && from === edge.from && to === edge.to && id === edge.id,
      ),
    )
    sum += weight === undefined ? 1 : edge.properties.km
  })
  for (const node of nodes) {
    const stored = given.nodes.find(({ id }) => id === node.id)
    assert.deepEqual(node, { ...stored, labels: [stored?.labels] })
  }
  assert.equal(sum, cost)
}

test('a node is at no distance from itself, and what is not connected has no path', () =>
  withDatabase([roads], async (db) => {
    const session = db.graph(roads)
    await session.addNodes(['a', 'b'].map((id) => ({ id, labels: 'Town', properties: { open: true } })))
    const a = { id: 'a', labels: ['Town'], properties: { open: true } }
    assert.deepEqual(await session.shortestPath('a', 'a'), { nodes: [a], edges: [], cost: 0 })
    assert.deepEqual(await session.shortestPath('a', 'a', { weight: 'km', maxDepth: 0 }), {
      nodes: [a],
      edges: [],
      cost: 0,
    })
    assert.equal(await session.shortestPath('a', 'b'), undefined)
    assert.equal(await session.shortestPath('a', 'b', { weight: 'km' }), undefined)
    await refuses(session.shortestPath('a', 'c'), 'RECORD_NOT_FOUND', /node "c" does not exist/)
    await refuses(session.shortestPath('c', 'a'), 'RECORD_NOT_FOUND', /node "c" does not exist/)
  }))

test('a weight that is missing, of another type or negative is named with its edge', () =>
  withDatabase([graph('bad', { open: true })], async (db) => {
    const session = db.graph('bad')
    await session.addNodes(['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, labels: [] })))
    await session.addEdges([
      { type: 'R', from: 'a', to: 'b', id: '1', properties: { km: 'far' } },
      { type: 'R', from: 'b', to: 'c', id: '1' },
      { type: 'R', from: 'c', to: 'd', id: '1', properties: { km: -1 } },
      { type: 'R', from: 'd', to: 'e', id: '1', properties: { way: { km: 0.5 } } },
    ])
    const search = (from: string, to: string, weight: string): Promise<unknown> =>
      session.shortestPath(from, to, { weight })
    await refuses(
      search('a', 'e', 'km'),
      'TYPE_MISMATCH',
      /edge R "a" -> "b" \(id "1"\): weight "km" is "far"/,
    )
    await refuses(search('b', 'e', 'km'), 'TYPE_MISMATCH', /"b" -> "c".*weight "km" is missing/)
    await refuses(
      search('c', 'e', 'km'),
      'INVALID_ARGUMENT',
      /"c" -> "d".*weight "km" is -1; a weight is a number from 0 on/,
    )
    assert.equal((await session.shortestPath('d', 'e', { weight: 'way.km' }))?.cost, 0.5)
    await refuses(
      session.shortestPath('a', 'e', { weight: 'a..b' }),
      'INVALID_ARGUMENT',
      /weight: path "a..b"/,
    )
    await refuses(
      session.shortestPath('a', 'e', { weight: 3 } as never),
      'INVALID_ARGUMENT',
      /weight is 3; it must name a property/,
    )
    await refuses(
      session.shortestPath('a', 'e', { depth: 3 } as never),
      'INVALID_ARGUMENT',
      /options.depth is not known; did you mean "maxDepth"|options.depth/,
    )
  }))

test('how many nodes a search may visit is limited', () =>
  withDatabase([graph('wide', { open: true })], async (db) => {
    const session = db.graph('wide')
    const leaves = Array.from({ length: 300 }, (_, n) => `leaf${n}`)
    await session.addNodes(['a', 'z', ...leaves].map((id) => ({ id, labels: [] })))
    await session.addEdges(leaves.map((to) => ({ type: 'T', from: 'a', to, id: '1', properties: { w: 1 } })))
    for (const more of [{}, { weight: 'w' }]) {
      const work = session.shortestPath('a', 'z', { direction: 'both', visitedMax: 100, ...more })
      await refuses(work, 'LIMIT_EXCEEDED', /visitedMax = 100 /)
      assert.equal(
        await session.shortestPath('a', 'z', { direction: 'both', visitedMax: 302, ...more }),
        undefined,
      )
    }
    await session.addEdge({ type: 'T', from: 'leaf7', to: 'z', id: '1', properties: { w: 1 } })
    await refuses(session.shortestPath('a', 'z', { visitedMax: 1 }), 'LIMIT_EXCEEDED', /visitedMax = 1 /)
    assert.equal((await session.shortestPath('a', 'z', { weight: 'w' }))?.cost, 2)
  }))

test('with a limit of edges a dearer way of fewer edges may be the one', () =>
  withDatabase([graph('detour', { open: true })], async (db) => {
    const session = db.graph('detour')
    await session.addNodes(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'x'].map((id) => ({ id, labels: [] })))
    const edge = (
      from: string,
      to: string,
      km: number,
    ): { type: string; from: string; to: string; id: string; properties: { km: number } } => ({
      type: 'R',
      from,
      to,
      id: '1',
      properties: { km },
    })
    await session.addEdges([
      edge('a', 'b', 1),
      edge('b', 'c', 1),
      edge('a', 'c', 5),
      edge('c', 'd', 1),
      edge('a', 'd', 9),
    ])
    const cost = async (maxDepth: number): Promise<number | undefined> =>
      (await session.shortestPath('a', 'd', { weight: 'km', maxDepth }))?.cost
    assert.deepEqual(
      [await cost(0), await cost(1), await cost(2), await cost(3), await cost(4)],
      [undefined, 9, 6, 3, 3],
    )
    // Here the way with fewer edges is met after the cheaper one.
    await session.addEdges([
      edge('a', 'e', 1),
      edge('e', 'f', 1),
      edge('f', 'g', 1),
      edge('a', 'h', 4),
      edge('h', 'g', 1),
      edge('g', 'x', 1),
    ])
    const toX = async (maxDepth: number): Promise<number | undefined> =>
      (await session.shortestPath('a', 'x', { weight: 'km', maxDepth }))?.cost
    assert.deepEqual([await toX(2), await toX(3), await toX(4)], [undefined, 6, 4])
  }))

test('neither side of a search goes through a node that does not fit', () =>
  withDatabase([graph('gate', { open: true })], async (db) => {
    const session = db.graph('gate')
    const ids = ['a', 'shut', 'b', 'c', 'd']
    await session.addNodes(ids.map((id) => ({ id, labels: [], properties: { open: id !== 'shut' } })))
    // Two more ways from `a`, so that it is the search from `b` that goes on.
    const edges = [
      ['a', 'shut'],
      ['shut', 'b'],
      ['a', 'c'],
      ['a', 'd'],
    ] as const
    await session.addEdges(
      edges.map(([from, to]) => ({ type: 'T', from, to, id: '1', properties: { w: 1 } })),
    )
    for (const more of [{}, { weight: 'w' }]) {
      assert.equal(
        await session.shortestPath('a', 'b', { where: { nodes: { open: true } }, ...more }),
        undefined,
      )
      assert.equal((await session.shortestPath('a', 'b', more))?.cost, 2)
      // The ends themselves always fit.
      assert.equal(
        (await session.shortestPath('a', 'shut', { where: { nodes: { open: true } }, ...more }))?.cost,
        1,
      )
    }
  }))
