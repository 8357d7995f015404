/** Whatever a caller passes in, what comes back is a result or an OrbitError. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, TestEnv } from '@orbit-ts/base'
import { openDatabase, type Database } from '../database.js'
import { CollectionSession } from './document/collection-session.js'
import { collection } from './document/collection.js'
import { GraphSession } from './graph/graph-session.js'
import { graph } from './graph/graph.js'
import { TableSession } from './relational/table-session.js'
import { int4, int8, json, text } from './relational/schema/column-types.js'
import { table } from './relational/table.js'
import { SeriesSession } from './timeseries/series-session.js'
import { series } from './timeseries/series.js'
import { VectorSession } from './vector/vector-session.js'
import { vectors } from './vector/vectors.js'

const schema = [
  table('t', { id: int4().primaryKey(), name: text(), big: int8(), data: json() }),
  collection('c', { indexes: [{ path: 'name' }] }),
  graph('g', {
    nodes: { N: { properties: { name: 'string?', data: 'json?' }, indexes: ['name'] } },
    edges: { E: { properties: { data: 'json?' } } },
  }),
  vectors('v', { dimension: 2, metric: 'l2', metadata: { name: 'string?', data: 'json?' } }),
  series('s', { tags: ['tag'], fields: { value: 'float', data: 'json', big: 'int64' } }),
]

function hostile(): unknown[] {
  const cycle: Record<string, unknown> = { name: 'x' }
  cycle['data'] = cycle
  const list: unknown[] = []
  list.push(list)
  const bare: unknown = Object.create(null)
  return [
    undefined,
    null,
    7n,
    -0,
    Number.NaN,
    '',
    '\ud800',
    Symbol('s'),
    () => 1,
    cycle,
    list,
    bare,
    new Map(),
    new Date(Number.NaN),
    new Uint8Array(3),
    { toJSON: 1n },
    [1n],
    { a: { b: [1n] } },
  ]
}

/** Arguments by the shape of most methods, each with one hostile part. */
function argumentsWith(value: unknown): unknown[][] {
  const fields = [
    'id',
    'name',
    'data',
    'value',
    'where',
    'orderBy',
    'limit',
    'select',
    'label',
    'labels',
    'type',
  ]
  const more = [
    'from',
    'to',
    'properties',
    'tags',
    'fields',
    'timestamp',
    'vector',
    'metadata',
    'k',
    'bucket',
  ]
  const rest = ['aggregates', 'groupBy', 'direction', 'start', 'until', 'partitions', 'ifRevision', 'signal']
  const record = {
    id: 'x',
    labels: ['N'],
    type: 'E',
    tags: { tag: 'a' },
    vector: [1, 2],
    bucket: 1000,
    aggregates: { value: ['sum'] },
  }
  const objects = [...fields, ...more, ...rest].flatMap((field) => [
    { [field]: value },
    { ...record, [field]: value },
  ])
  const nested = [
    { where: { name: value } },
    { where: { name: { gt: value } } },
    { where: { $or: [value] } },
    { id: 'x', labels: 'N', properties: { data: value } },
    { id: 'x', vector: [1, 2], metadata: { data: value } },
    { id: 'x', vector: [1, value] },
    { tags: { tag: value }, fields: { value: 1 } },
    { tags: { tag: 'a' }, fields: { data: value } },
    { tags: { tag: 'a' }, fields: { big: value } },
    { bucket: 1000, aggregates: { value: [value] } },
    { id: 1, data: { deep: [value] } },
    [{ op: 'add', path: '/a', value }],
    [{ op: value, path: value }],
  ]
  const single = [value, ...objects, ...nested]
  return [
    ...single.map((argument) => [argument]),
    ...single.map((argument) => [[argument]]),
    ...single.map((argument) => ['x', argument]),
    [value, value],
    ['x', 'y', value],
  ]
}

async function call(db: Database, kind: string, method: string, given: unknown[]): Promise<unknown> {
  const sessions: Record<string, object> = {
    t: db.table('t'),
    c: db.collection('c'),
    g: db.graph('g'),
    v: db.vectors('v'),
    s: db.series('s'),
  }
  // Only called with names of methods.
  const run = Reflect.get(sessions[kind] ?? {}, method) as (...args: unknown[]) => unknown
  try {
    const result = run(...given)
    if (/^(scan|traverse)/.test(method)) for await (const _ of result as AsyncIterable<unknown>) break
    else await result
    return undefined
  } catch (error) {
    return error
  }
}

for (const [kind, session] of Object.entries({
  t: TableSession,
  c: CollectionSession,
  g: GraphSession,
  v: VectorSession,
  s: SeriesSession,
})) {
  for (const method of Object.getOwnPropertyNames(session.prototype)) {
    if (method === 'constructor') continue
    test(`${session.name}.${method}`, async () => {
      await using db = await openDatabase({ storage: { kind: 'memory' }, schema, env: new TestEnv() })
      for (const value of hostile()) {
        for (const given of argumentsWith(value)) {
          const error = await call(db, kind, method, given)
          if (error === undefined || (error instanceof OrbitError && error.code !== 'INTERNAL')) continue
          assert.fail(`${describeArguments(given)}: ${(error as Error).stack}`)
        }
      }
    })
  }
}

test('declarations', async () => {
  await using db = await openDatabase({ storage: { kind: 'memory' }, schema, env: new TestEnv() })
  const inputs: Record<string, Record<string, unknown>> = {
    table: { columns: { id: { type: 'int4', primaryKey: true }, data: { type: 'json' } } },
    collection: { indexes: [{ path: 'a' }] },
    graph: { nodes: { N: {} }, edges: { E: {} } },
    vectors: { dimension: 2, metric: 'l2' },
    series: { fields: { value: 'float' } },
  }
  for (const value of hostile()) {
    for (const [kind, input] of Object.entries(inputs)) {
      const declarations: unknown[] = [
        value,
        { ...input, indexes: value },
        { ...input, indexes: [value] },
        { ...input, index: value },
        { ...input, columns: value },
        { ...input, columns: { id: value } },
        { ...input, columns: { id: { type: value } } },
        { ...input, columns: { id: { type: 'json', default: value } } },
        { ...input, columns: { id: { type: 'json', default: { value } } } },
        { ...input, checks: [{ where: { data: value } }] },
        { ...input, checks: [{ where: { data: { eq: value } } }] },
        { ...input, checks: [{ where: value }] },
        { ...input, foreignKeys: [{ columns: value, references: value }] },
        { ...input, schema: { fields: { a: value } } },
        { ...input, schema: value },
        { ...input, nodes: { N: { properties: { a: value } } } },
        { ...input, nodes: { N: { indexes: [value] } } },
        { ...input, edges: { E: value } },
        { ...input, metadata: { a: value } },
        { ...input, dimension: value },
        { ...input, metric: value },
        { ...input, fields: { a: value } },
        { ...input, tags: [value] },
        { ...input, retention: value },
        { ...input, rollups: [{ granularity: value }] },
      ]
      for (const [i, declaration] of declarations.entries()) {
        for (const name of ['o', value]) {
          const error: unknown = await db
            .create({ kind, name, input: declaration } as never)
            .then(() => db.drop(kind as never, name as never))
            .then(
              () => undefined,
              (reason: unknown) => reason,
            )
          if (error === undefined || (error instanceof OrbitError && error.code !== 'INTERNAL')) continue
          assert.fail(`${kind} ${i}, ${typeof value}: ${(error as Error).stack}`)
        }
      }
    }
  }
})

function describeArguments(given: readonly unknown[]): string {
  const seen = new Set<unknown>()
  return JSON.stringify(given, (_, value: unknown) => {
    if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
      return String(value)
    if (typeof value === 'object' && value !== null) {
      if (seen.has(value)) return '(again)'
      seen.add(value)
    }
    return value
  })
}
