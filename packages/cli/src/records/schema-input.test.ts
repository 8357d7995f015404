import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  collection,
  graph,
  int4,
  numeric,
  openDatabase,
  randomUuid,
  series,
  table,
  text,
  uuid,
  vectors,
  type ObjectSchema,
} from '@orbit-ts/engine'
import { schemaOf } from './schema-input.js'

const parents = table('parents', {
  id: int4().identity({ start: 5, increment: 2 }).primaryKey(),
  code: text().unique(),
})

const SCHEMAS: readonly ObjectSchema[] = [
  parents,
  table(
    'children',
    {
      a: int4(),
      b: text().default('x'),
      token: uuid().notNull().default(randomUuid()),
      price: numeric(10, 2),
      parent: int4().references(parents, 'id', { onDelete: 'cascade', deferred: true }),
    },
    {
      primaryKey: ['b', 'a'],
      indexes: [
        {
          name: 'by_price',
          columns: [{ column: 'price', direction: 'desc' }, 'b'],
          unique: true,
          nullsNotDistinct: true,
        },
        { columns: ['token'], where: { a: { gt: 1 } } },
      ],
      checks: [{ where: { price: { gte: 0 } } }],
    },
  ),
  table('bare', { line: text() }),
  table('tree', { id: int4().primaryKey(), up: int4().references('tree'), code: int4().references(parents) }),
  collection('documents', {
    indexes: [
      { path: 'a.b', unique: true },
      { name: 'multi', paths: ['c', 'd'], multi: true, sparse: true },
    ],
    schema: { fields: { a: { type: 'object', required: true } }, additionalFields: false },
    documentSizeMaxBytes: 1000,
  }),
  graph('places', {
    nodes: { A: { properties: { name: 'string' }, indexes: ['name'] }, B: {} },
    edges: {
      E: {
        from: 'A',
        to: ['A', 'B'],
        unique: true,
        properties: { n: 'integer?' },
        indexes: [{ fields: ['n'], name: 'own' }],
      },
    },
    open: true,
  }),
  vectors('points', {
    dimension: 3,
    metric: 'dot',
    index: { kind: 'partitioned', partitions: 4 },
    metadata: { t: 'string?' },
  }),
  vectors('plain', { dimension: 2 }),
  series('readings', {
    tags: ['a'],
    fields: { x: 'float', y: 'int64' },
    retention: '30d',
    rollups: [{ granularity: '1h', retention: '60d' }, { granularity: '1d' }],
  }),
]

describe('schemaOf', () => {
  it('declares each object as it was declared', async () => {
    await using first = await openDatabase({ storage: { kind: 'memory' }, schema: SCHEMAS })
    const declared = (await first.objects()).map(schemaOf)
    // As files have them.
    const copied = JSON.parse(JSON.stringify(declared)) as ObjectSchema[]
    await using second = await openDatabase({ storage: { kind: 'memory' } })
    await second.apply([...copied].sort(({ name }) => (name === 'parents' ? -1 : 0)))
    for (const { kind, name, definition } of await first.objects()) {
      assert.deepEqual((await second.describe(kind, name)).definition, definition, `${kind} ${name}`)
    }
    const changes = await first.apply(copied)
    assert.deepEqual([changes.created, changes.changed], [[], []])
  })
})
