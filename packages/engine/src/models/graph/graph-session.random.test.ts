import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import fc from 'fast-check'
import { compileFilter } from '../../filter/compile-filter.js'
import { compareValues } from '../../filter/compare-values.js'
import type { Filter, OrderBy, Query } from '../../filter/filter.js'
import type { DatabaseTransaction } from '../../txn/database-transaction.js'
import { audit, collect, withDatabase } from './graph-database.test.data.js'
import type { GraphSession } from './graph-session.js'
import { graph } from './graph.js'
import type { Properties } from '../property/property-types.js'
import { REFERENCE_INPUT, ReferenceGraph, keyOf, type EdgeName } from './reference-graph.test.data.js'

/** The random graph by its name alone: its operations are not limited to what the compiler knows to be right. */
const schema = graph('random', REFERENCE_INPUT)

// Few values, so that operations meet; ids that could be mistaken for parts of a key.
const ids = fc.constantFrom('a', 'b', 'c', 'a\u0000', 'a\u0000\u0001', '\u{1f600}')
const labelSets = fc.subarray(['Person', 'City', 'Thing'])
const scalars = fc.constantFrom<(string | number | boolean | null)[]>(
  'x',
  'y',
  '',
  '1',
  0,
  1,
  -2.5,
  true,
  false,
  null,
)
const values = fc.oneof(
  { weight: 4, arbitrary: scalars },
  { weight: 1, arbitrary: fc.array(scalars, { maxLength: 3 }) },
  { weight: 1, arbitrary: record({ b: fc.oneof(scalars, fc.array(scalars, { maxLength: 2 })) }, ['b']) },
)
const names = fc.constantFrom('x', 'y', 'z')
const person = record(
  {
    name: names,
    age: fc.constantFrom(1, 2, 30, null),
    tags: fc.array(fc.constantFrom('p', 'q', 'r'), { maxLength: 3 }),
  },
  ['name'],
)
const city = record({ name: names, code: fc.constantFrom('1', '2', '3') }, ['name'])
const anything = record({ x: values, y: values, a: values, name: values, code: scalars, age: values }, [])

interface NodeParts {
  readonly labels: readonly string[]
  readonly properties: Properties
}

/** Mostly properties that suit the labels. */
const nodeParts: fc.Arbitrary<NodeParts> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ labels: fc.constant(['Person']), properties: person }) },
  { weight: 2, arbitrary: fc.record({ labels: fc.constant(['City']), properties: city }) },
  { weight: 2, arbitrary: fc.record({ labels: fc.constant(['Thing']), properties: anything }) },
  { weight: 1, arbitrary: fc.record({ labels: fc.constant(['Person', 'City']), properties: person }) },
  { weight: 2, arbitrary: fc.record({ labels: labelSets, properties: fc.oneof(person, city, anything) }) },
)

interface EdgeParts {
  readonly name: EdgeName
  readonly properties: Properties
}

const knows = record({ weight: fc.constantFrom(0, 1, 2.5, null) }, [])
const link = record({ kind: values, rank: scalars, since: scalars, weight: values }, [])
const edgeNames: fc.Arbitrary<EdgeName> = fc.record({
  type: fc.constantFrom('KNOWS', 'LIVES_IN', 'LINK'),
  from: ids,
  to: ids,
  id: fc.constantFrom('1', '2'),
})
const edgeParts: fc.Arbitrary<EdgeParts> = edgeNames.chain((name) =>
  fc.record({
    name: fc.constant(name),
    properties: fc.oneof(
      { weight: 5, arbitrary: name.type === 'KNOWS' ? knows : link },
      { weight: 1, arbitrary: link },
    ),
  }),
)

/** Records with prototypes, as parsers make them: what is read back is compared with what was given. */
function record<T>(
  model: { [K in keyof T]: fc.Arbitrary<T[K]> },
  requiredKeys: (keyof T & string)[],
): fc.Arbitrary<Properties> {
  // Every value that the arbitraries here make is JSON.
  return fc.record(model, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<Properties>
}

type Outcome = { readonly value: unknown } | { readonly code: string }

interface Command {
  readonly text: string
  run(session: GraphSession): Promise<unknown>
  expect(): Outcome
}

/** Chosen once the state is known: most commands are about records that exist. */
type Choice = (reference: ReferenceGraph) => Command

const existing = fc.option(fc.nat(), { nil: undefined, freq: 4 })

function nodeAmong(reference: ReferenceGraph, pick: number | undefined, otherwise: string): string {
  const found = [...reference.nodes.keys()]
  return pick === undefined ? otherwise : (found[pick % found.length] ?? otherwise)
}

function edgeAmong(reference: ReferenceGraph, pick: number | undefined, otherwise: EdgeName): EdgeName {
  const found = [...reference.edges.values()]
  const edge = pick === undefined ? undefined : found[pick % found.length]
  if (edge === undefined) return otherwise
  const { type, from, to, id } = edge
  return { type: type as EdgeName['type'], from, to, id }
}

const addNode = fc.tuple(ids, nodeParts).map(([id, { labels, properties }]): Choice => (reference) => ({
  text: `addNode ${JSON.stringify([id, labels, properties])}`,
  run: (session) => session.addNode({ id, labels, properties }),
  expect: () => reference.addNode(id, labels, properties),
}))
const updateNode = fc
  .tuple(ids, existing, nodeParts, fc.boolean(), labelSets)
  .map(([otherwise, pick, parts, replace, lost]): Choice => (reference) => {
    const id = nodeAmong(reference, pick, otherwise)
    const removeLabels = replace ? lost : []
    const addLabels = parts.labels.filter((label) => !removeLabels.includes(label))
    const update = { properties: parts.properties, replace, addLabels, removeLabels }
    return {
      text: `updateNode ${JSON.stringify([id, update])}`,
      run: (session) => session.updateNode(id, update),
      expect: () => reference.updateNode(id, update),
    }
  })
const deleteNode = fc
  .tuple(ids, existing, fc.boolean())
  .map(([otherwise, pick, detach]): Choice => (reference) => {
    const id = nodeAmong(reference, pick, otherwise)
    return {
      text: `deleteNode ${JSON.stringify([id, detach])}`,
      run: (session) => session.deleteNode(id, { detach }),
      expect: () => reference.deleteNode(id, detach),
    }
  })
const addEdge = fc.tuple(edgeParts, existing, existing).map(([parts, from, to]): Choice => (reference) => {
  const ends = {
    from: nodeAmong(reference, from, parts.name.from),
    to: nodeAmong(reference, to, parts.name.to),
  }
  const name = { ...parts.name, ...ends }
  const { properties } = parts
  return {
    text: `addEdge ${JSON.stringify([name, properties])}`,
    run: (session) => session.addEdge({ ...inputOf(name), properties }),
    expect: () => reference.addEdge(name, properties),
  }
})
const updateEdge = fc
  .tuple(edgeParts, existing, fc.boolean())
  .map(([parts, pick, replace]): Choice => (reference) => {
    const name = edgeAmong(reference, pick, parts.name)
    const { properties } = parts
    return {
      text: `updateEdge ${JSON.stringify([name, properties, replace])}`,
      run: (session) => session.updateEdge(inputOf(name), { properties, replace }),
      expect: () => reference.updateEdge(name, properties, replace),
    }
  })
const deleteEdge = fc.tuple(edgeNames, existing).map(([otherwise, pick]): Choice => (reference) => {
  const name = edgeAmong(reference, pick, otherwise)
  return {
    text: `deleteEdge ${JSON.stringify(name)}`,
    run: (session) => session.deleteEdge(inputOf(name)),
    expect: () => reference.deleteEdge(name),
  }
})
const commands: fc.Arbitrary<Choice> = fc.oneof(
  { weight: 6, arbitrary: addNode },
  { weight: 4, arbitrary: updateNode },
  { weight: 1, arbitrary: deleteNode },
  { weight: 8, arbitrary: addEdge },
  { weight: 4, arbitrary: updateEdge },
  { weight: 1, arbitrary: deleteEdge },
)

/** Edges of unique types have no id. */
function inputOf(name: EdgeName): { type: string; from: string; to: string; id?: string } {
  const { type, from, to, id } = name
  return type === 'LIVES_IN' ? { type, from, to } : { type, from, to, id }
}

interface Batch {
  readonly commands: readonly Choice[]
  /** How many of the last commands are undone by a savepoint. */
  readonly undone: number
  readonly ending: 'commit' | 'rollback'
}

const batches: fc.Arbitrary<Batch> = fc.record({
  commands: fc.array(commands, { minLength: 1, maxLength: 25, size: 'max' }),
  undone: fc.constantFrom(0, 0, 0, 1, 3),
  ending: fc.constantFrom('commit', 'commit', 'commit', 'rollback'),
})

async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await work }
  } catch (error) {
    if (error instanceof OrbitError) return { code: error.code }
    throw error
  }
}

/** What is undone by savepoints happens to a copy. */
async function runBatch(tx: DatabaseTransaction, reference: ReferenceGraph, batch: Batch): Promise<void> {
  const session: GraphSession = tx.graph('random')
  for (const [i, choice] of batch.commands.entries()) {
    const savepoint = i >= batch.commands.length - batch.undone ? tx.savepoint() : undefined
    const command = choice(savepoint === undefined ? reference : reference.copy())
    const outcome = await outcomeOf(command.run(session))
    assert.deepEqual(outcome, command.expect(), command.text)
    if (savepoint !== undefined) tx.rollbackTo(savepoint)
  }
}

test('random operations leave what they leave in a plain map, and every key fits', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(batches, { minLength: 1, maxLength: 6 }), async (all) => {
      await withDatabase([schema], async (db) => {
        let reference = new ReferenceGraph()
        for (const batch of all) {
          const tx = await db.begin()
          const after = reference.copy()
          await runBatch(tx, after, batch)
          if (batch.ending === 'commit') {
            await tx.commit()
            reference = after
          } else {
            await tx.rollback()
          }
          const stored = await audit(db, 'random')
          assert.deepEqual(
            stored.nodes,
            new Map([...reference.nodes].sort(([a], [b]) => compareValues(a, b))),
          )
          assert.deepEqual(new Map(stored.edges.map((edge) => [keyOf(edge), edge])), reference.edges)
        }
        await compareReads(db.graph('random'), reference)
      })
    }),
    { numRuns: 120 },
  )
})

/** Every reading method agrees with the reference. */
async function compareReads(
  session: Pick<
    GraphSession,
    | 'edges'
    | 'degree'
    | 'neighbors'
    | 'countNodes'
    | 'countEdges'
    | 'scanNodes'
    | 'scanEdges'
    | 'getNodes'
    | 'getEdges'
  >,
  reference: ReferenceGraph,
): Promise<void> {
  const edges = [...reference.edges.values()]
  for (const id of [...reference.nodes.keys(), 'nobody']) {
    for (const direction of ['out', 'in', 'both'] as const) {
      for (const types of [undefined, ['KNOWS'], ['LINK', 'LIVES_IN']]) {
        const options = { direction, ...(types === undefined ? {} : { types }) }
        const expected = edges.filter(
          ({ type, from, to }) =>
            ((direction !== 'in' && from === id) || (direction !== 'out' && to === id)) &&
            (types === undefined || types.includes(type)),
        )
        const found = await session.edges(id, options)
        assert.deepEqual(found.map(keyOf).sort(), expected.map(keyOf).sort())
        assert.equal(await session.degree(id, options), expected.length)
        const near = new Set(expected.flatMap(({ from, to }) => [from, to]).filter((other) => other !== id))
        assert.deepEqual(
          (await session.neighbors(id, options)).map((node) => node.id).sort(),
          [...near].sort(),
        )
      }
    }
  }
  assert.equal(await session.countNodes(), reference.nodes.size)
  assert.equal(await session.countEdges(), edges.length)
  for (const label of ['Person', 'City', 'Thing']) {
    const expected = [...reference.nodes.values()].filter((node) => node.labels.includes(label))
    assert.equal(await session.countNodes({ label }), expected.length)
    const found = await collect(session.scanNodes({ label, chunkSize: 2 }))
    assert.deepEqual(
      found,
      expected.sort((a, b) => compareValues(a.id, b.id)),
    )
  }
  for (const type of ['KNOWS', 'LIVES_IN', 'LINK']) {
    const expected = edges.filter((edge) => edge.type === type)
    assert.equal(await session.countEdges({ type }), expected.length)
    const found = await collect(session.scanEdges({ type, chunkSize: 2 }))
    assert.deepEqual(found.map(keyOf).sort(), expected.map(keyOf).sort())
  }
  assert.deepEqual(await session.getNodes([...reference.nodes.keys(), 'nobody']), [
    ...reference.nodes.values(),
    undefined,
  ])
  assert.deepEqual(await session.getEdges(edges.map(({ properties: _, ...key }) => key)), edges)
}

const fields = fc.constantFrom(
  'name',
  'age',
  'tags',
  'code',
  'x',
  'y',
  'a',
  'a.b',
  'kind',
  'rank',
  'since',
  'weight',
)
const conditions = fc.oneof(
  scalars,
  fc.record({ eq: scalars }),
  fc.record({ ne: scalars }),
  fc.record({ in: fc.array(scalars, { maxLength: 4 }) }),
  fc.record({ isNull: fc.boolean() }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ contains: scalars }),
  fc.record({ startsWith: fc.constantFrom('', 'x', 'p') }),
  fc
    .record(
      {
        gt: scalars.filter((value) => value !== null),
        gte: scalars.filter((value) => value !== null),
        lt: fc.oneof(
          scalars.filter((value) => value !== null),
          fc.constantFrom(2n, -3n, 10n ** 30n),
        ),
        lte: scalars.filter((value) => value !== null),
      },
      { requiredKeys: [], noNullPrototype: true },
    )
    .filter((condition) => Object.keys(condition).length > 0),
)
const filters: fc.Arbitrary<Filter> = fc
  .array(fc.tuple(fields, conditions), { maxLength: 3 })
  .chain((parts) =>
    fc.constantFrom<Filter>(
      Object.fromEntries(parts),
      { $or: parts.map(([field, condition]) => ({ [field]: condition })) },
      { $and: [Object.fromEntries(parts), { $not: { x: 'y' } }] },
    ),
  )

const nodeSets = fc.uniqueArray(
  fc.tuple(fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme-ascii' }), nodeParts),
  {
    selector: ([id]) => id,
    maxLength: 25,
  },
)
const edgeSets = fc.array(edgeParts, { maxLength: 40 })
const orders = fc.constantFrom(
  undefined,
  'name',
  { field: 'name', direction: 'desc' } as const,
  { field: 'age', direction: 'asc' } as const,
  { field: 'age', direction: 'desc' } as const,
  [
    { field: 'age', direction: 'asc' },
    { field: 'name', direction: 'asc' },
  ] as const,
  [
    { field: 'age', direction: 'desc' },
    { field: 'name', direction: 'desc' },
  ] as const,
  'weight',
  'x',
  ['kind', { field: 'rank', direction: 'desc' }] as const,
  { field: 'rank', direction: 'desc' } as const,
)

test('queries give what a filter over all records gives, whatever index answers them', async () => {
  const queries = fc.array(fc.tuple(filters, orders, fc.option(fc.nat(4), { nil: undefined }), fc.nat(3)), {
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(nodeSets, edgeSets, queries, async (nodes, edges, all) => {
      await withDatabase([schema], async (db) => {
        const reference = new ReferenceGraph()
        await db.transaction(async (tx) => {
          const session: GraphSession = tx.graph('random')
          for (const [id, { labels, properties }] of nodes) {
            await outcomeOf(session.addNode({ id, labels, properties }))
            reference.addNode(id, labels, properties)
          }
          for (const { name, properties } of edges) {
            const joined = endsAmong(name, [...reference.nodes.keys()])
            await outcomeOf(session.addEdge({ ...inputOf(joined), properties }))
            reference.addEdge(joined, properties)
          }
        })
        const session = db.graph('random')
        for (const [where, orderBy, limit, offset] of all) {
          const rest = {
            where,
            offset,
            ...(limit === undefined ? {} : { limit }),
            ...(orderBy === undefined ? {} : { orderBy }),
          }
          for (const label of [undefined, 'Person', 'City', 'Thing']) {
            const all = [...reference.nodes.values()].filter(
              (node) => label === undefined || node.labels.includes(label),
            )
            const query = { ...rest, ...(label === undefined ? {} : { label }) }
            const found = await session.findNodes(query)
            checkFound(
              found,
              all,
              rest,
              ({ id }) => id,
              JSON.stringify(await session.explainNodes(query), bigints),
            )
            const count = await session.countNodes({ where, ...(label === undefined ? {} : { label }) })
            assert.equal(count, all.filter(({ properties }) => compileFilter(where)(properties)).length)
          }
          for (const type of [undefined, 'LIVES_IN', 'LINK']) {
            const all = [...reference.edges.values()].filter(
              (edge) => type === undefined || edge.type === type,
            )
            const query = { ...rest, ...(type === undefined ? {} : { type }) }
            const found = await session.findEdges(query)
            checkFound(found, all, rest, keyOf, JSON.stringify(await session.explainEdges(query), bigints))
          }
        }
      })
    }),
    { numRuns: 60 },
  )
})

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

/** The edge between nodes that there are. */
function endsAmong(name: EdgeName, nodeIds: readonly string[]): EdgeName {
  const pick = (text: string): string =>
    nodeIds[(text.codePointAt(0) ?? 0) % Math.max(1, nodeIds.length)] ?? text
  return { ...name, from: pick(name.from), to: pick(name.to) }
}

interface Rest {
  readonly where: Filter
  readonly offset: number
  readonly limit?: number
  readonly orderBy?: NonNullable<Query['orderBy']>
}

/** With a limit any of the records that sort alike may be there, so it is their sort keys that are compared. */
function checkFound<R extends { properties: Properties }>(
  found: readonly R[],
  all: readonly R[],
  { where, offset, limit = Infinity, orderBy }: Rest,
  idOf: (record: R) => string,
  plan: string,
): void {
  const fitting = all.filter(({ properties }) => compileFilter(where)(properties))
  const given = orderBy === undefined ? [] : Array.isArray(orderBy) ? orderBy : [orderBy]
  const order = (given as readonly (string | OrderBy)[]).map((each) =>
    typeof each === 'string' ? { field: each } : each,
  )
  const keys = ({ properties }: R): unknown[] => order.map(({ field }) => properties[field])
  const compare = (a: R, b: R): number => {
    for (const { field, direction = 'asc' } of order) {
      const result = compareValues(a.properties[field], b.properties[field])
      if (result !== 0) return direction === 'desc' ? -result : result
    }
    return 0
  }
  const expected = fitting.toSorted(compare).slice(offset, offset + limit)
  assert.deepEqual(found.map(keys), expected.map(keys), plan)
  assert.equal(found.length, expected.length, plan)
  const known = new Map(fitting.map((record) => [idOf(record), record]))
  for (const record of found) assert.deepEqual(record, known.get(idOf(record)), plan)
  assert.equal(new Set(found.map(idOf)).size, found.length, plan)
}
