import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareValues } from '../../filter/compare-values.js'
import type { Database } from '../../database.js'
import { collect, refuses, withDatabase } from './graph-database.test.data.js'
import type { TraverseOptions } from './graph-queries.js'
import type { GraphEdge, GraphNode } from './graph-records.js'
import { graph } from './graph.js'

const open = graph('walks', { open: true })

interface Walks {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

const nodeIds = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
const walks: fc.Arbitrary<Walks> = fc.record({
  nodes: fc
    .constantFrom(...nodeIds)
    .chain(() =>
      fc.tuple(
        ...nodeIds.map((id) =>
          fc
            .record({ labels: fc.subarray(['L', 'M']), kind: fc.constantFrom(1, 2) })
            .map(({ labels, kind }): GraphNode => ({ id, labels, properties: { kind } })),
        ),
      ),
    ),
  edges: fc.uniqueArray(
    fc
      .record({
        type: fc.constantFrom('T', 'U'),
        from: fc.constantFrom(...nodeIds),
        to: fc.constantFrom(...nodeIds),
        id: fc.constantFrom('1', '2'),
        weight: fc.nat(5),
      })
      .map(({ weight, ...key }): GraphEdge => ({ ...key, properties: { weight } })),
    {
      selector: ({ type, from, to, id }) => JSON.stringify([type, from, to, id]),
      maxLength: 16,
      size: 'max',
    },
  ),
})

async function load(db: Database, { nodes, edges }: Walks): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.graph(open).addNodes(nodes)
    await tx.graph(open).addEdges(edges)
  })
}

type Options = TraverseOptions & { readonly start: readonly string[] }

interface Path {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
}

/** Searches as textbooks have them, over plain arrays. */
class PlainSearch {
  readonly #walks: Walks
  readonly #options: Options
  readonly #typeIds = new Map<string, number>()
  readonly found: Path[] = []

  constructor(walks: Walks, options: Options, typeOrder: readonly string[]) {
    this.#walks = walks
    this.#options = options
    typeOrder.forEach((type, i) => this.#typeIds.set(type, i))
  }

  run(): readonly Path[] {
    const starts = this.#options.start.map((id): Path => ({ nodes: [this.#node(id)], edges: [] }))
    if (this.#options.order === 'depth') {
      const visited = new Set<string>()
      for (const start of starts) this.#visitDeep(start, visited)
    } else {
      this.#visitWide(starts)
    }
    const { minDepth = 1, limit = Infinity } = this.#options
    return this.found.filter(({ edges }) => edges.length >= minDepth).slice(0, limit)
  }

  #visitWide(starts: readonly Path[]): void {
    const visited = new Set<string>()
    const isFresh = (path: Path): boolean => {
      const id = lastOf(path).id
      if (this.#options.uniqueness !== undefined && this.#options.uniqueness !== 'node') return true
      if (visited.has(id)) return false
      visited.add(id)
      return true
    }
    const queue = starts.filter(isFresh)
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      this.found.push(path)
      queue.push(...this.#onward(path).filter(isFresh))
    }
  }

  #visitDeep(path: Path, visited: Set<string>): void {
    const { uniqueness = 'node' } = this.#options
    if (uniqueness === 'node' && visited.has(lastOf(path).id)) return
    visited.add(lastOf(path).id)
    this.found.push(path)
    for (const next of this.#onward(path)) this.#visitDeep(next, visited)
  }

  #onward(path: Path): Path[] {
    const { minDepth = 1, maxDepth = Math.max(1, minDepth), uniqueness, where } = this.#options
    if (path.edges.length >= maxDepth) return []
    return this.#edgesOf(lastOf(path).id).flatMap(({ edge, far }) => {
      const node = this.#node(far)
      if (uniqueness === 'edge' && path.edges.includes(edge)) return []
      if (
        where?.edges !== undefined &&
        edge.properties['weight'] !== (where.edges as { weight: number }).weight
      )
        return []
      if (where?.nodes !== undefined && node.properties['kind'] !== (where.nodes as { kind: number }).kind)
        return []
      if (where?.labels !== undefined && !node.labels.some((label) => where.labels?.includes(label)))
        return []
      return [{ nodes: [...path.nodes, node], edges: [...path.edges, edge] }]
    })
  }

  #edgesOf(id: string): { edge: GraphEdge; far: string }[] {
    const { direction = 'out', types } = this.#options
    const all = this.#walks.edges.filter(({ type }) => types === undefined || types.includes(type))
    const out = all.filter(({ from }) => from === id).map((edge) => ({ edge, far: edge.to }))
    const back = all.filter(({ to }) => to === id).map((edge) => ({ edge, far: edge.from }))
    const sort = (list: { edge: GraphEdge; far: string }[]): { edge: GraphEdge; far: string }[] =>
      list.sort((a, b) => compareValues(this.#sortKey(a), this.#sortKey(b)))
    if (direction === 'out') return sort(out)
    if (direction === 'in') return sort(back)
    return [...sort(out), ...sort(back).filter(({ edge }) => edge.from !== edge.to)]
  }

  #sortKey({ edge, far }: { edge: GraphEdge; far: string }): unknown[] {
    return [this.#typeIds.get(edge.type), far, edge.id]
  }

  #node(id: string): GraphNode {
    const node = this.#walks.nodes.find((each) => each.id === id)
    assert(node !== undefined)
    return node
  }
}

function lastOf({ nodes }: Path): GraphNode {
  const node = nodes.at(-1)
  assert(node !== undefined)
  return node
}

const options: fc.Arbitrary<Options> = fc.record(
  {
    start: fc.array(fc.constantFrom(...nodeIds), { minLength: 1, maxLength: 3 }),
    direction: fc.constantFrom('out', 'in', 'both'),
    types: fc.constantFrom(['T'], ['U'], ['U', 'T']),
    minDepth: fc.nat(2),
    maxDepth: fc.integer({ min: 2, max: 4 }),
    uniqueness: fc.constantFrom('node', 'edge', 'none'),
    order: fc.constantFrom('breadth', 'depth'),
    where: fc.constantFrom({ labels: ['L'] }, { nodes: { kind: 1 } }, { edges: { weight: 2 } }, {}),
    limit: fc.nat(12),
    chunkSize: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['start', 'maxDepth'], noNullPrototype: true },
)

test('traversals give the paths of a textbook search, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(walks, fc.array(options, { minLength: 1, maxLength: 6 }), async (walks, all) => {
      await withDatabase([open], async (db) => {
        await load(db, walks)
        // Types that are not declared have no order that a reader could know, so it is read off the graph.
        const typeOrder = await orderOfTypes(db)
        for (const each of all) {
          const expected = new PlainSearch(walks, each, typeOrder).run()
          const found = await collect(db.graph(open).traverse(each))
          assert.deepEqual(found, expected, JSON.stringify(each))
        }
      })
    }),
    { numRuns: 100 },
  )
})

async function orderOfTypes(db: Database): Promise<string[]> {
  const tx = await db.begin()
  const session = tx.graph(open)
  await session.addNode({ id: 'probe', labels: [] })
  await session.addEdges(['T', 'U'].map((type) => ({ type, from: 'probe', to: 'probe', properties: {} })))
  const edges = await session.edges('probe')
  await tx.rollback()
  return edges.map(({ type }) => type)
}

const chain = graph('chain', {
  nodes: { Stop: { properties: { n: 'integer' } } },
  edges: { NEXT: { unique: true } },
})

async function withChain(length: number, work: (db: Database) => Promise<void>): Promise<void> {
  await withDatabase([chain], async (db) => {
    const ids = Array.from({ length }, (_, n) => n)
    await db.graph(chain).addNodes(ids.map((n) => ({ id: `s${n}`, labels: 'Stop', properties: { n } })))
    await db
      .graph(chain)
      .addEdges(ids.slice(1).map((n) => ({ type: 'NEXT', from: `s${n - 1}`, to: `s${n}` })))
    await work(db)
  })
}

test('a deep path is followed in both orders, and chunks are as large as asked for', () =>
  withChain(301, async (db) => {
    for (const order of ['breadth', 'depth'] as const) {
      const sizes: number[] = []
      let longest = 0
      for await (const paths of db
        .graph(chain)
        .traverse({ start: 's0', maxDepth: 300, order, chunkSize: 70 })) {
        sizes.push(paths.length)
        longest = paths.at(-1)?.edges.length ?? 0
      }
      assert.deepEqual(sizes, [70, 70, 70, 70, 20])
      assert.equal(longest, 300)
    }
  }))

test('leaving the loop early ends the reads', () =>
  withChain(50, async (db) => {
    await db.transaction(async (tx) => {
      for await (const paths of tx.graph(chain).traverse({ start: 's0', maxDepth: 40, chunkSize: 1 })) {
        assert.equal(paths[0]?.nodes.at(-1)?.id, 's1')
        break
      }
      assert.equal(await tx.graph(chain).countNodes(), 50)
    })
  }))

test('what a traversal may hold is limited, and the limit is named', () =>
  withDatabase([open], async (db) => {
    const session = db.graph(open)
    const leaves = Array.from({ length: 600 }, (_, n) => `leaf${n}`)
    await session.addNodes(['hub', ...leaves].map((id) => ({ id, labels: [] })))
    await session.addEdges(leaves.map((to) => ({ type: 'T', from: 'hub', to, id: '1' })))
    for (const order of ['breadth', 'depth'] as const) {
      const error = await refuses(
        collect(session.traverse({ start: 'hub', maxDepth: 2, order, frontierMax: 599 })),
        'LIMIT_EXCEEDED',
        /graph "walks".*frontierMax = 599/,
      )
      assert.equal(error.details['field'], 'frontierMax')
      assert.equal(
        (await collect(session.traverse({ start: 'hub', maxDepth: 2, order, frontierMax: 600 }))).length,
        600,
      )
      await refuses(
        collect(session.traverse({ start: 'hub', maxDepth: 2, order, visitedMax: 600 })),
        'LIMIT_EXCEEDED',
        /visitedMax = 600/,
      )
      assert.equal(
        (await collect(session.traverse({ start: 'hub', maxDepth: 2, order, visitedMax: 601 }))).length,
        600,
      )
    }
    // The last level is not followed, so it need not be held.
    assert.equal((await collect(session.traverse({ start: 'hub', maxDepth: 1, frontierMax: 1 }))).length, 600)
    await refuses(session.neighbors('hub', { visitedMax: 600 }), 'LIMIT_EXCEEDED', /visitedMax = 600/)
    assert.equal((await session.neighbors('hub', { visitedMax: 601 })).length, 600)
  }))

test('traversals refuse what they cannot follow', () =>
  withChain(3, async (db) => {
    const session = db.graph('chain')
    const run = (options: unknown): Promise<unknown> => collect(session.traverse(options as TraverseOptions))
    await refuses(run({ start: 'nowhere' }), 'RECORD_NOT_FOUND', /start: node "nowhere" does not exist/)
    await refuses(run({ start: ['s0', ''] }), 'INVALID_ARGUMENT', /start\[1\] is empty/)
    await refuses(run({}), 'INVALID_ARGUMENT', /start is undefined/)
    await refuses(run('s0'), 'INVALID_ARGUMENT', /options is "s0"; it must be an object/)
    await refuses(
      run({ start: 's0', maxdepth: 3 }),
      'INVALID_ARGUMENT',
      /options.maxdepth is not known; did you mean "maxDepth"\?/,
    )
    await refuses(
      run({ start: 's0', direction: 'outt' }),
      'INVALID_ARGUMENT',
      /direction is "outt".*did you mean "out"\?/,
    )
    await refuses(
      run({ start: 's0', types: ['NEXTT'] }),
      'INVALID_ARGUMENT',
      /edge type "NEXTT" is not declared; did you mean "NEXT"\?/,
    )
    await refuses(
      run({ start: 's0', minDepth: 3, maxDepth: 2 }),
      'INVALID_ARGUMENT',
      /maxDepth is 2; it must be a whole number from 3 to 1000/,
    )
    await refuses(run({ start: 's0', maxDepth: 1001 }), 'INVALID_ARGUMENT', /maxDepth is 1001/)
    await refuses(
      run({ start: 's0', limit: -1 }),
      'INVALID_ARGUMENT',
      /limit is -1; it must be a whole number from 0 on/,
    )
    await refuses(
      run({ start: 's0', uniqueness: 'path' }),
      'INVALID_ARGUMENT',
      /uniqueness is "path"; it must be one of node, edge, none/,
    )
    await refuses(
      run({ start: 's0', order: 1 }),
      'INVALID_ARGUMENT',
      /order is 1; it must be one of breadth, depth/,
    )
    await refuses(
      run({ start: 's0', where: { nodes: { m: 1 } } }),
      'INVALID_ARGUMENT',
      /where.nodes: where.m names an unknown field "m".*did you mean "n"/,
    )
    await refuses(
      run({ start: 's0', where: { node: {} } }),
      'INVALID_ARGUMENT',
      /where.node is not known; did you mean "nodes"/,
    )
    await refuses(
      run({ start: 's0', where: { labels: ['Stopp'] } }),
      'INVALID_ARGUMENT',
      /label "Stopp" is not declared; did you mean "Stop"/,
    )
    assert.deepEqual(await run({ start: 's0', limit: 0 }), [])
  }))

test('neighbours are found level by level, and filtered without ending the walk', () =>
  withChain(6, async (db) => {
    const session = db.graph(chain)
    const ids = (nodes: readonly GraphNode<string, unknown>[]): string[] => nodes.map(({ id }) => id)
    assert.deepEqual(ids(await session.neighbors('s2')), ['s3', 's1'])
    assert.deepEqual(ids(await session.neighbors('s2', { direction: 'out', depth: 3 })), ['s3', 's4', 's5'])
    assert.deepEqual(ids(await session.neighbors('s2', { direction: 'in', depth: 9 })), ['s1', 's0'])
    assert.deepEqual(
      ids(await session.neighbors('s0', { direction: 'out', depth: 9, where: { n: { gte: 4 } } })),
      ['s4', 's5'],
    )
    assert.deepEqual(ids(await session.neighbors('s0', { direction: 'out', depth: 9, limit: 2 })), [
      's1',
      's2',
    ])
    assert.deepEqual(ids(await session.neighbors('s0', { label: 'Stop', limit: 0 })), [])
    assert.deepEqual(await session.neighbors('nobody'), [])
    assert.deepEqual(await session.edges('nobody'), [])
    assert.equal(await session.degree('nobody'), 0)
  }))
