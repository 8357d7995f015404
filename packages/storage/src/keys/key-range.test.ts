import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes } from '@orbit-ts/base'
import type { KeyRange } from '../provider.js'
import { byteStrings, ids, int64s } from './key-arbitraries.test.data.js'
import { type IndexBounds, prefixRange, prefixSuccessor, textPrefixBounds } from './key-range.js'
import type { Datum } from './datum.js'
import { multiModelKeys as keys } from './multi-model-key-builder.js'

function holds(range: KeyRange, key: Uint8Array): boolean {
  const afterStart = range.start === undefined || compareBytes(range.start, key) <= 0
  return afterStart && (range.end === undefined || compareBytes(key, range.end) < 0)
}

describe('prefix ranges', () => {
  it('hold exactly the keys with the prefix', () => {
    fc.assert(
      fc.property(byteStrings, byteStrings, byteStrings, (prefix, rest, other) => {
        const range = prefixRange(prefix)
        equal(holds(range, Buffer.concat([prefix, rest])), true)
        equal(holds(range, other), Buffer.from(other).subarray(0, prefix.length).equals(prefix))
      }),
    )
  })

  it('carry over 0xff', () => {
    deepEqual(prefixSuccessor(Uint8Array.of(1, 0xff, 0xff)), Buffer.from([2]))
    deepEqual(prefixSuccessor(Uint8Array.of(1, 2)), Buffer.from([1, 3]))
    equal(prefixSuccessor(Uint8Array.of(0xff, 0xff)), undefined)
    equal(prefixSuccessor(new Uint8Array()), undefined)
    deepEqual(prefixRange(new Uint8Array()), { start: new Uint8Array() })
  })
})

const nullable = fc.option(fc.integer({ min: -5, max: 5 }), { nil: null })
const int = (value: number | null): Datum => (value === null ? { kind: 'null' } : { kind: 'int', value })

describe('index ranges', () => {
  it('hold exactly the entries within the bounds, in both directions', () => {
    const bound = fc.option(fc.record({ value: fc.integer({ min: -6, max: 6 }), inclusive: fc.boolean() }), {
      nil: undefined,
    })
    fc.assert(
      fc.property(
        nullable,
        nullable,
        nullable,
        bound,
        bound,
        fc.boolean(),
        fc.boolean(),
        (first, a, b, low, high, d1, d2) => {
          const descending = [d1, d2]
          const bounds: IndexBounds = {
            equal: [int(first)],
            descending,
            ...(low && { lower: { datum: int(low.value), inclusive: low.inclusive } }),
            ...(high && { upper: { datum: int(high.value), inclusive: high.inclusive } }),
          }
          const range = keys.relational.indexEntries(1, 2, bounds)
          const inside = (leading: number | null, value: number | null): boolean => {
            if (leading !== first) return false
            if (low === undefined && high === undefined) return true
            if (value === null) return false
            if (low && (low.inclusive ? value < low.value : value <= low.value)) return false
            return !(high && (high.inclusive ? value > high.value : value >= high.value))
          }
          for (const [leading, value] of [
            [first, a],
            [first, b],
            [b, a],
          ] as const) {
            for (const handle of [undefined, -1, 5]) {
              const key = keys.relational.index(1, 2, [int(leading), int(value)], handle, descending)
              equal(holds(range, key), inside(leading, value))
            }
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('are empty when the bounds exclude each other', () => {
    const range = keys.relational.indexEntries(1, 2, {
      lower: { datum: int(5), inclusive: true },
      upper: { datum: int(3), inclusive: true },
    })
    deepEqual(range.start, range.end)
  })

  it('find texts by prefix', () => {
    fc.assert(
      fc.property(ids, ids, ids, (prefix, rest, other) => {
        const range = keys.document.indexEntries(1, 2, textPrefixBounds(prefix))
        const entry = (text: string): Uint8Array =>
          keys.document.index(1, 2, [{ kind: 'text', value: text }], 'id')
        equal(holds(range, entry(prefix + rest)), true)
        equal(holds(range, entry(other)), other.startsWith(prefix))
        equal(holds(range, keys.document.index(1, 2, [{ kind: 'null' }], 'id')), false)
      }),
    )
  })
})

describe('ranges of each model', () => {
  it('hold the rows and the indexes of one table', () => {
    const row = keys.relational.row(7, -1)
    const entry = keys.relational.index(7, 1, [])
    equal(holds(keys.relational.table(7), row), true)
    equal(holds(keys.relational.table(7), entry), true)
    equal(holds(keys.relational.table(8), row), false)
    equal(holds(keys.relational.rows(7), row), true)
    equal(holds(keys.relational.rows(7), entry), false)
    equal(holds(keys.relational.indexes(7), entry), true)
    equal(holds(keys.relational.indexes(7), row), false)
  })

  it('hold rows by handle', () => {
    fc.assert(
      fc.property(int64s, int64s, int64s, (from, to, handle) => {
        const range = keys.relational.rowsBetween(7, from, to)
        equal(holds(range, keys.relational.row(7, handle)), handle >= from && handle < to)
      }),
    )
    const open = keys.relational.rowsBetween(7)
    deepEqual(open, keys.relational.rows(7))
  })

  it('hold documents by id', () => {
    const utf8Before = (a: string, b: string): boolean => compareBytes(Buffer.from(a), Buffer.from(b)) < 0
    fc.assert(
      fc.property(ids, ids, ids, (from, to, id) => {
        const range = keys.document.records(3, from, to)
        equal(holds(range, keys.document.record(3, id)), !utf8Before(id, from) && utf8Before(id, to))
      }),
    )
    equal(holds(keys.document.records(3), keys.document.index(3, 1, [])), false)
    equal(holds(keys.document.collection(3), keys.document.index(3, 1, [])), true)
    equal(holds(keys.document.collection(2), keys.document.record(3, 'a')), false)
  })

  it('hold the neighbours of a node by direction, type and other end', () => {
    const near = fc.constantFrom('a', 'a\0', 'ab', '')
    const edges = fc.record({ fromId: near, typeId: fc.constantFrom(1, 240), toId: near })
    fc.assert(
      fc.property(edges, near, fc.constantFrom(1, 240), near, (edge, node, typeId, other) => {
        const out = keys.graph.edge(5, edge, 'out')
        const incoming = keys.graph.edge(5, edge, 'in')
        equal(holds(keys.graph.neighbours(5, node, 'out'), out), edge.fromId === node)
        equal(holds(keys.graph.neighbours(5, node, 'in'), incoming), edge.toId === node)
        equal(holds(keys.graph.neighbours(5, node, 'in'), out), false)
        const typed = keys.graph.neighbours(5, node, 'out', typeId)
        equal(holds(typed, out), edge.fromId === node && edge.typeId === typeId)
        const exact = keys.graph.neighbours(5, node, 'in', typeId, other)
        equal(holds(exact, incoming), edge.toId === node && edge.typeId === typeId && edge.fromId === other)
        equal(holds(keys.graph.edges(5), out), true)
        equal(holds(keys.graph.edges(5), incoming), false)
        equal(holds(keys.graph.graph(5), incoming), true)
      }),
    )
    equal(holds(keys.graph.nodesWithLabel(5, 1), keys.graph.label(5, 1, 'a')), true)
    equal(holds(keys.graph.nodesWithLabel(5, 1), keys.graph.label(5, 2, 'a')), false)
    equal(holds(keys.graph.nodes(5), keys.graph.node(5, '')), true)
  })

  it('hold the postings of one partition', () => {
    const posting = keys.vector.posting(1, 2, 3, 'a')
    equal(holds(keys.vector.postings(1, 2, 3), posting), true)
    equal(holds(keys.vector.postings(1, 2), posting), true)
    equal(holds(keys.vector.postings(1, 2, 4), posting), false)
    equal(holds(keys.vector.records(1), posting), false)
    equal(holds(keys.vector.collection(1), posting), true)
    equal(holds(keys.vector.lanes(1), keys.vector.lane(1, '')), true)
    equal(holds(keys.vector.lanes(1), keys.vector.lane(2, 'a')), false)
    equal(holds(keys.vector.records(1), keys.vector.lane(1, 'a')), false)
    equal(holds(keys.vector.centroids(1, 2), keys.vector.centroid(1, 2, 300)), true)
    equal(holds(keys.vector.assignments(1, 2), keys.vector.assignment(1, 2, 'a')), true)
  })

  it('hold the points of a span of time, before 1970 too', () => {
    fc.assert(
      fc.property(int64s, int64s, int64s, (from, to, timestamp) => {
        const point = keys.timeSeries.point(1, 2, timestamp, 9)
        const inside = timestamp >= from && timestamp < to
        equal(holds(keys.timeSeries.points(1, 2, from, to), point), inside)
        equal(holds(keys.timeSeries.points(1, 2, from), point), timestamp >= from)
        equal(holds(keys.timeSeries.points(1, 2), point), true)
        equal(holds(keys.timeSeries.points(1, 3), point), false)
        const rollup = keys.timeSeries.rollup(1, 2, 60_000, timestamp)
        equal(holds(keys.timeSeries.rollups(1, 2, 60_000, from, to), rollup), inside)
        equal(holds(keys.timeSeries.rollups(1, 2, 60_001), rollup), false)
      }),
    )
    equal(holds(keys.timeSeries.seriesByTag(1, 'host', 'a'), keys.timeSeries.tag(1, 'host', 'a', 7)), true)
    equal(holds(keys.timeSeries.seriesByTag(1, 'host', 'a'), keys.timeSeries.tag(1, 'host', 'ab', 7)), false)
    equal(holds(keys.timeSeries.seriesByTag(1, 'host'), keys.timeSeries.tag(1, 'host', 'ab', 7)), true)
    equal(holds(keys.timeSeries.allSeries(1), keys.timeSeries.series(1, 7)), true)
  })

  it('hold what expires before a time', () => {
    const address = { type: 'Cart', key: '1' }
    equal(holds(keys.actor.entriesExpiring(1000), keys.actor.byExpiry(999, address)), true)
    equal(holds(keys.actor.entriesExpiring(1000), keys.actor.byExpiry(1000, address)), false)
    equal(holds(keys.actor.nodesExpiring(1000), keys.actor.nodeByExpiry(999, 'n')), true)
    equal(holds(keys.actor.nodesExpiring(1000), keys.actor.nodeByExpiry(1000, 'n')), false)
  })

  it('hold actors by type, node and address', () => {
    const address = { type: 'Cart', key: '1' }
    equal(holds(keys.actor.directoryEntries(), keys.actor.directory(address)), true)
    equal(holds(keys.actor.directoryEntries('Cart'), keys.actor.directory(address)), true)
    equal(holds(keys.actor.directoryEntries('Car'), keys.actor.directory(address)), false)
    equal(holds(keys.actor.entriesOfNode('n1'), keys.actor.byNode('n1', address)), true)
    equal(holds(keys.actor.entriesOfNode('n1'), keys.actor.byNode('n10', address)), false)
    equal(holds(keys.actor.states('Cart', '1'), keys.actor.state(address, 'total')), true)
    equal(holds(keys.actor.states('Cart', '1'), keys.actor.state({ type: 'Cart', key: '10' })), false)
    equal(holds(keys.actor.states(), keys.actor.state(address)), true)
    equal(holds(keys.actor.nodes(), keys.actor.node('')), true)
    equal(holds(keys.actor.epochs(), keys.actor.epoch(address)), true)
  })

  it('hold the catalog by kind and owner', () => {
    const name = keys.catalog.name('index', 'by_name', 7)
    equal(holds(keys.catalog.names('index', 7), name), true)
    equal(holds(keys.catalog.names('index'), name), true)
    equal(holds(keys.catalog.names(), name), true)
    equal(holds(keys.catalog.names('index', 8), name), false)
    equal(holds(keys.catalog.names('table'), name), false)
    equal(holds(keys.catalog.all(), name), true)
    equal(holds(keys.catalog.objects(), keys.catalog.object(0)), true)
    equal(holds(keys.catalog.sequences(), keys.catalog.sequence('id')), true)
    equal(holds(keys.catalog.allStatistics(7), keys.catalog.statistics(7, 'rows')), true)
    equal(holds(keys.catalog.allStatistics(8), keys.catalog.statistics(7, 'rows')), false)
    equal(holds(keys.internal.all(), keys.internal.fact('format')), true)
  })
})
