/** What other models may hold, and conditions on it, at random. */
import fc from 'fast-check'
import { collection } from '../../models/document/collection.js'
import { graph } from '../../models/graph/graph.js'
import { series } from '../../models/timeseries/series.js'
import { vectors } from '../../models/vector/vectors.js'

export const schema = [
  collection('docs', {
    indexes: [
      { path: 's' },
      { path: 'n' },
      { path: 'm' },
      { path: 'a.b', sparse: true },
      { paths: ['t', 'n'] },
      { paths: ['n', 'a.b'], sparse: true, name: 'both' },
      { path: 'u', unique: true },
      { path: 'l', multi: true },
    ],
  }),
  graph('net', {
    nodes: { A: {}, B: {} },
    edges: { E: { indexes: [{ fields: [] }] }, F: {}, U: { unique: true } },
  }),
  graph('free', { open: true, nodes: {}, edges: {} }),
  vectors('vecs', { dimension: 1, metric: 'l2' }),
  series('points', { tags: ['x', 'y'], fields: { v: 'int' } }),
]

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
const json = (value: unknown): string => `${quoted(JSON.stringify(value))}::jsonb`

const TEXTS = [
  '',
  'a',
  'ab',
  'b',
  'é',
  '𝒳',
  '￿',
  '1',
  '10',
  '-0',
  'true',
  '[1]',
  '{',
  'x'.repeat(300),
  '1e21',
]
const SCALARS = [...TEXTS, 0, -0, 1, 10, 1.5, 1e21, -7, 2 ** 53, true, false, null]
const JSONS = [...SCALARS, [], [1], ['a'], {}, { b: 1 }, { b: 'a' }]
const anyJson = fc.constantFrom<unknown>(...JSONS)
const comparison = fc.constantFrom('=', '<', '<=', '>', '>=', '<>')

/** Documents without an id. */
export const documents = fc.array(
  fc
    .record(
      {
        s: anyJson,
        t: anyJson,
        // Texts among the numbers, as far as they are numbers.
        n: fc.constantFrom<unknown>(1, 2, -3, 40, '2', ' 3', '+4', '007', null, 0),
        m: fc.constantFrom<unknown>(1, 2.5, -3.25, 1e15, 0.1, null),
        a: fc.oneof(
          anyJson,
          fc.record({ b: anyJson }),
          fc.array(fc.record({ b: anyJson }), { maxLength: 2 }),
        ),
        u: fc.constantFrom(...TEXTS, 0, 1, 10, true),
        l: fc.array(fc.constantFrom(...TEXTS), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    )
    .map((document) => JSON.stringify(document)),
  { maxLength: 25 },
)

function compared(subject: string, values: readonly string[]): fc.Arbitrary<string> {
  const value = fc.constantFrom(...values)
  return fc.oneof(
    fc.tuple(comparison, value).map(([operator, one]) => `${subject} ${operator} ${one}`),
    fc.tuple(value, value).map(([low, high]) => `${subject} BETWEEN ${low} AND ${high}`),
    fc.array(value, { minLength: 1, maxLength: 4 }).map((list) => `${subject} IN (${list.join(', ')})`),
    fc.constantFrom(`${subject} IS NULL`, `${subject} IS NOT NULL`),
  )
}

function textSubject(subject: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: compared(subject, TEXTS.map(quoted)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('a%', '1%', 'a', 'x%x', '%').map((like) => `${subject} LIKE '${like}'`),
    },
  )
}

const numbers = ['1', '2', '-3', '3', '40', '0', '7']
const documentCondition = fc.oneof(
  textSubject(`document ->> 's'`),
  textSubject(`document #>> '{t}'`),
  textSubject(`document -> 'a' ->> 'b'`),
  textSubject(`document #>> '{a,b}'`),
  textSubject(`document ->> 'u'`),
  textSubject(`document ->> 'l'`),
  compared(`document -> 's'`, JSONS.map(json)),
  compared(`document -> 'u'`, JSONS.map(json)),
  compared(`document #> '{a,b}'`, JSONS.map(json)),
  compared(`(document ->> 'n')::int`, numbers),
  compared(`(document ->> 'n')::int8`, numbers),
  compared(`(document ->> 'm')::numeric`, [...numbers, '2.5', '0.1', '0.10000000000000001', '1e15']),
  compared(`(document ->> 'm')::float8`, [...numbers, '2.5', '0.1', `'NaN'`, `'-Infinity'`]),
  compared('id', [`'d1'`, `'d11'`, `'d2'`, `''`, quoted('z'.repeat(600))]),
)

const edgeIds = ['a', 'b', 'c', 'é', '𝒳', '￿', 'ab']
const probes = [...edgeIds, '', 'q'.repeat(600), 'bb'].map(quoted)
const types = ['E', 'F', 'U', 'G', 'D']

export const nodes = fc.constant(
  edgeIds.map((id, i) => ({ id, labels: [['A'], ['B'], ['A', 'B']][i % 3] ?? [] })),
)

export const edges = fc.array(
  fc.record({
    type: fc.constantFrom('E', 'F', 'U'),
    source: fc.constantFrom(...edgeIds),
    target: fc.constantFrom(...edgeIds),
    id: fc.constantFrom('1', '2', '3', '￿'),
  }),
  { maxLength: 40 },
)

const edgeCondition = fc.oneof(
  compared('source', probes),
  compared('target', probes),
  compared('type', types.map(quoted)),
  compared('id', [`'1'`, `'2'`, `''`]),
)

const nodeCondition = fc.oneof(
  compared('id', probes),
  fc.constantFrom(
    `'A' = ANY (labels)`,
    `labels @> '{B}'`,
    `labels @> '{A,B}'`,
    `'C' = ANY (labels)`,
    `NOT labels @> '{A}'`,
    `('B' = ANY (labels)) IS NOT TRUE`,
  ),
)

const START = Date.UTC(2024, 0, 1)
export const points = fc.array(
  fc.record({
    x: fc.constantFrom('a', 'b', 'ab', 'é', '￿', '𝒳'),
    y: fc.constantFrom('p', 'q'),
    time: fc.integer({ min: -3, max: 20 }).map((step) => START + step),
    v: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 40 },
)

const moments = [
  `'2024-01-01 00:00:00.000Z'`,
  `'2024-01-01 00:00:00.005Z'`,
  `'2024-01-01 00:00:00.0055Z'`,
  `'2023-12-31 23:59:59.9985Z'`,
  `'2024-01-01 00:00:00.0190001Z'`,
  `'infinity'`,
  `'-infinity'`,
  `'1960-01-01'`,
]
const pointCondition = fc.oneof(
  compared(
    'time',
    moments.map((moment) => `${moment}::timestamptz`),
  ),
  compared('x', [`'a'`, `'b'`, `'ab'`, `'é'`, `'𝒳'`, `''`, quoted('x'.repeat(2000))]),
  compared('y', [`'p'`, `'q'`, `'r'`]),
  compared('sequence', ['0', '1', '2', '-1']),
)

const vectorCondition = fc.oneof(compared('id', probes), compared(`metadata ->> 'k'`, [`'1'`, `'2'`]))

/** Conditions joined by AND, with an OR here and there. */
function joined(condition: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const part = fc.oneof(
    { weight: 5, arbitrary: condition },
    { weight: 1, arbitrary: fc.tuple(condition, condition).map(([a, b]) => `(${a} OR ${b})`) },
  )
  return fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(' AND '))
}

/** A relation with conditions on it, and orders of values that an index may give. */
export interface Subject {
  readonly relation: string
  readonly all: string
  readonly condition: fc.Arbitrary<string>
  readonly orders: readonly string[]
  /** A condition between it, `m`, and `probes` of texts, `p`. */
  readonly joins: readonly string[]
}

export const subjects: readonly Subject[] = [
  {
    relation: 'orbit.docs',
    all: 'id, document',
    condition: joined(documentCondition),
    orders: ['id', `document ->> 's'`, `(document ->> 'm')::numeric`],
    joins: [
      `m.document ->> 's' = p.v`,
      `m.document #>> '{a,b}' = p.v AND m.id > p.v`,
      `m.document -> 'u' = to_jsonb(p.v)`,
    ],
  },
  {
    relation: 'orbit.net_edges',
    all: 'type, source, target, id',
    condition: joined(edgeCondition),
    orders: ['source', 'target', 'source, type', 'type', 'source, target'],
    joins: ['m.source = p.v', `m.target = p.v AND m.type = 'F'`, `m.source = p.v AND m.type <> 'E'`],
  },
  {
    relation: 'orbit.free_edges',
    all: 'type, source, target, id',
    condition: joined(edgeCondition),
    orders: ['source', 'target, type'],
    joins: ['m.source = p.v AND m.target = p.v'],
  },
  {
    relation: 'orbit.net_nodes',
    all: 'id, labels',
    condition: joined(nodeCondition),
    orders: ['id'],
    joins: ['m.id = p.v', `m.id = p.v AND 'A' = ANY (m.labels)`],
  },
  {
    relation: 'orbit.vecs',
    all: 'id, metadata',
    condition: joined(vectorCondition),
    orders: ['id'],
    joins: ['m.id = p.v'],
  },
  {
    relation: 'orbit.points',
    all: 'time, sequence, x, y, v',
    condition: joined(pointCondition),
    orders: ['time', 'x', 'x, time', 'y, time', 'x, y, time, sequence', 'x, y, time'],
    joins: ['m.x = p.v', `m.y = 'p' AND m.x = p.v AND m.time > '2024-01-01 00:00:00.003Z'`],
  },
]

export { edgeIds, quoted }
