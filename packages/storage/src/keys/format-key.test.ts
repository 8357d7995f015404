import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { byteStrings } from './key-arbitraries.test.data.js'
import { type NameResolver, formatKey } from './format-key.js'
import { handleOf } from './handle.js'
import { multiModelKeys as keys } from './multi-model-key-builder.js'

const names: Readonly<Record<string, string>> = {
  'table 1': 'users',
  'index 2 of 1': 'by_name',
  'collection 3': 'movies',
  'index 4 of 3': 'ivf',
  'graph 5': 'social',
  'edge-type 6 of 5': 'FOLLOWS',
  'label 7 of 5': 'Person',
  'series 8 of 3': 'cpu',
  'object 1': 'users',
}
const resolve: NameResolver = (kind, id, owner) =>
  names[owner === undefined ? `${kind} ${id}` : `${kind} ${id} of ${owner}`]

const edge = { fromId: 'ann', typeId: 6, toId: 'bob' }
const text = (value: string) => ({ kind: 'text', value }) as const
const cases: [Uint8Array, string, string][] = [
  [keys.relational.row(1, 42), 'rel:table:1:row:42', 'rel:table:users:row:42'],
  [
    keys.relational.row(1, handleOf([text('a'), { kind: 'int', value: 2 }])),
    'rel:table:1:row:a,2',
    'rel:table:users:row:a,2',
  ],
  [keys.relational.index(1, 2, [text('Ann')], 42), 'rel:index:1:2:Ann,42', 'rel:index:users:by_name:Ann,42'],
  [
    keys.relational.index(1, 2, [{ kind: 'null' }], 42, [true]),
    'rel:index:1:2:NULL,42',
    'rel:index:users:by_name:NULL,42',
  ],
  [keys.document.record(3, 'm1'), 'doc:collection:3:id:m1', 'doc:collection:movies:id:m1'],
  [keys.document.index(3, 4, [text('x')], 'm1'), 'doc:index:3:4:x:id:m1', 'doc:index:movies:ivf:x:id:m1'],
  [keys.vector.record(3, 'a'), 'vec:collection:3:id:a', 'vec:collection:movies:id:a'],
  [keys.vector.lane(3, 'a'), 'vec:changes:3:lane:a', 'vec:changes:movies:lane:a'],
  [keys.vector.centroid(3, 4, 9), 'vec:index:3:4:bucket:9', 'vec:index:movies:ivf:bucket:9'],
  [keys.vector.posting(3, 4, 9, 'a'), 'vec:index:3:4:bucket:9:id:a', 'vec:index:movies:ivf:bucket:9:id:a'],
  [
    keys.vector.assignment(3, 4, 'a'),
    'vec:index:3:4:assignment:id:a',
    'vec:index:movies:ivf:assignment:id:a',
  ],
  [keys.vector.index(3, 4, [{ kind: 'int', value: 1 }]), 'vec:index:3:4:1', 'vec:index:movies:ivf:1'],
  [keys.graph.node(5, 'ann'), 'grp:node:5:ann', 'grp:node:social:ann'],
  [keys.graph.label(5, 7, 'ann'), 'grp:label:5:7:ann', 'grp:label:social:Person:ann'],
  [keys.graph.edge(5, edge, 'out'), 'grp:edge:5:ann:6:bob', 'grp:edge:social:ann:FOLLOWS:bob'],
  [keys.graph.edge(5, edge, 'in'), 'grp:adj:5:bob:in:6:ann', 'grp:adj:social:bob:in:FOLLOWS:ann'],
  [
    keys.graph.edge(5, { ...edge, discriminator: '2' }, 'out'),
    'grp:edge:5:ann:6:bob:2',
    'grp:edge:social:ann:FOLLOWS:bob:2',
  ],
  [keys.graph.nodeIndex(5, 2, [text('x')], 'ann'), 'grp:index:5:2:x:id:ann', 'grp:index:social:2:x:id:ann'],
  [
    keys.graph.edgeIndex(5, 2, [], edge),
    'grp:index:5:2::edge:ann:6:bob',
    'grp:index:social:2::edge:ann:FOLLOWS:bob',
  ],
  [keys.timeSeries.point(3, 8, -5n, 7), 'ts:series:3/8:time:-5:seq:7', 'ts:series:movies/cpu:time:-5:seq:7'],
  [
    keys.timeSeries.rollup(3, 8, 60_000, 120_000),
    'ts:index:3/8:60000:bucket:120000',
    'ts:index:movies/cpu:60000:bucket:120000',
  ],
  [keys.timeSeries.series(3, 8), 'ts:series:3/8', 'ts:series:movies/cpu'],
  [keys.timeSeries.guard(3, 8, 5), 'ts:series:3/8:guard:5', 'ts:series:movies/cpu:guard:5'],
  [
    keys.timeSeries.tag(3, 'host', 'a', 8),
    'ts:tag:3:host:a:series:3/8',
    'ts:tag:movies:host:a:series:movies/cpu',
  ],
  [keys.timeSeries.exactTags(3, 'h=a'), 'ts:tags:3:h=a', 'ts:tags:movies:h=a'],
  [keys.actor.directory({ type: 'Cart', key: '1' }), 'act:directory:Cart:1', 'act:directory:Cart:1'],
  [keys.actor.epoch({ type: 'Cart', key: '1' }), 'act:epoch:Cart:1', 'act:epoch:Cart:1'],
  [
    keys.actor.byNode('n1', { type: 'Cart', key: '1' }),
    'act:node:n1:holds:Cart:1',
    'act:node:n1:holds:Cart:1',
  ],
  [keys.actor.byExpiry(5, { type: 'Cart', key: '1' }), 'act:expiry:5:Cart:1', 'act:expiry:5:Cart:1'],
  [keys.actor.node('n1'), 'act:node:n1', 'act:node:n1'],
  [keys.actor.nodeByExpiry(5, 'n1'), 'act:expiry:5:node:n1', 'act:expiry:5:node:n1'],
  [keys.actor.state({ type: 'Cart', key: '1' }), 'act:state:Cart:1', 'act:state:Cart:1'],
  [keys.actor.state({ type: 'Cart', key: '1' }, 'sum'), 'act:state:Cart:1:sum', 'act:state:Cart:1:sum'],
  [keys.catalog.name('table', 'users'), 'cat:name:table:users', 'cat:name:table:users'],
  [keys.catalog.name('index', 'by_name', 1), 'cat:name:index:1/by_name', 'cat:name:index:users/by_name'],
  [keys.catalog.object(1), 'cat:object:1', 'cat:object:users'],
  [keys.catalog.sequence('ids'), 'cat:sequence:ids', 'cat:sequence:ids'],
  [keys.catalog.statistics(1, 'rows'), 'cat:statistics:1:rows', 'cat:statistics:users:rows'],
  [keys.internal.fact('format'), 'sys:format', 'sys:format'],
]

describe('formatKey', () => {
  it('shows ids, or names when it is given some', () => {
    for (const [key, withIds, withNames] of cases) {
      equal(formatKey(key), withIds)
      equal(formatKey(key, { resolve }), withNames)
    }
  })

  it('quotes what could mislead, and shows bytes that are no text as hex', () => {
    equal(formatKey(keys.document.record(1, 'a:b')), 'doc:collection:1:id:"a:b"')
    equal(formatKey(keys.document.record(1, '')), 'doc:collection:1:id:""')
    equal(formatKey(keys.document.record(1, 'a\nb')), 'doc:collection:1:id:"a\\nb"')
    equal(
      formatKey(keys.document.index(1, 2, [{ kind: 'bytes', value: Uint8Array.of(0xff) }])),
      'doc:index:1:2:0xff',
    )
  })

  it('shows an unknown key as hex', () => {
    equal(formatKey(Uint8Array.of(1, 2)), 'hex:0102')
    equal(formatKey(new Uint8Array()), 'hex:')
    equal(formatKey(Uint8Array.of(0x74, 1)), 'hex:7401')
  })

  it('cuts long keys', () => {
    equal(formatKey(keys.document.record(1, 'x'.repeat(100)), { lengthMax: 24 }), 'doc:collection:1:id:xxxx…')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Buffer.from('tdgvsac_')), byteStrings, (first, rest) => {
        equal(typeof formatKey(Uint8Array.of(first, ...rest)), 'string')
      }),
    )
    const failing: NameResolver = () => {
      throw new Error('no catalog')
    }
    equal(formatKey(keys.relational.row(1, 42), { resolve: failing }), 'rel:table:1:row:42')
  })
})
