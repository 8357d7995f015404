import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { defineGraph } from './define-graph.js'
import type { GraphInput } from './graph-input.js'

test('a declaration is completed with ids and defaults', () => {
  const definition = defineGraph('g', {
    nodes: { A: { properties: { n: 'number?' }, indexes: ['n'] }, 'B c': {} },
    edges: {
      R: {
        from: 'A',
        to: ['A', 'B c'],
        unique: true,
        indexes: [{ name: 'w', fields: ['x', 'y.z'], unique: true }],
      },
    },
  })
  assert.deepEqual(definition, {
    open: false,
    labels: [
      {
        id: 1,
        name: 'A',
        properties: { n: 'number?' },
        indexes: [{ id: 1, name: 'n', fields: ['n'], unique: false }],
      },
      { id: 2, name: 'B c', indexes: [] },
    ],
    types: [
      {
        id: 3,
        name: 'R',
        from: ['A'],
        to: ['A', 'B c'],
        unique: true,
        indexes: [{ id: 2, name: 'w', fields: ['x', 'y.z'], unique: true }],
      },
    ],
    nextId: 4,
    nextIndexId: 3,
  })
  assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition)
  assert.deepEqual(defineGraph('g', { open: true }), {
    open: true,
    labels: [],
    types: [],
    nextId: 1,
    nextIndexId: 1,
  })
})

test('what is wrong with a declaration is named, with its place', () => {
  const cases: [unknown, string, RegExp][] = [
    [undefined, 'the declaration', /undefined is not an object/],
    [[], 'the declaration', /an array of 0 is not an object/],
    [
      { node: {} },
      'the declaration',
      /"node" is not known here; did you mean "nodes"\?; accepted are nodes, edges, open/,
    ],
    [{}, 'nodes', /no label is declared; declare labels, or set open: true/],
    [{ nodes: {} }, 'nodes', /no label is declared/],
    [{ open: 'yes' }, 'open', /"yes" is neither true nor false/],
    [{ nodes: ['A'] }, 'nodes', /is not an object/],
    [{ nodes: { '': {} } }, 'nodes', /"" is not a name of 1 to 128 characters/],
    [{ nodes: { 'a\nb': {} } }, 'nodes', /is not a name/],
    [{ nodes: { ['x'.repeat(129)]: {} } }, 'nodes', /is not a name/],
    [{ nodes: { '\ud800': {} } }, 'nodes', /is not a name/],
    [{ nodes: { A: null } }, 'nodes.A', /null is not an object/],
    [
      { nodes: { A: { propertes: {} } } },
      'nodes.A',
      /"propertes" is not known here; did you mean "properties"/,
    ],
    [
      { nodes: { A: { properties: { n: 'nmber' } } } },
      'nodes.A.properties.n',
      /"nmber" is no property type; did you mean "number"\?/,
    ],
    [
      { nodes: { A: { properties: { n: 'number??' } } } },
      'nodes.A.properties.n',
      /"number\?\?" is no property type/,
    ],
    [
      { nodes: { A: { properties: { n: 3 } } } },
      'nodes.A.properties.n',
      /3 is no property type; accepted are string, number/,
    ],
    [{ nodes: { A: { properties: { '': 'string' } } } }, 'nodes.A.properties', /"" is not a name/],
    [{ nodes: { A: { indexes: 'n' } } }, 'nodes.A.indexes', /"n" is not an array of indexes/],
    [{ nodes: { A: { indexes: [{}] } } }, 'nodes.A.indexes[0]', /has no `fields`/],
    [{ nodes: { A: { indexes: [{ fields: [] }] } } }, 'nodes.A.indexes[0].fields', /is empty/],
    [
      { nodes: { A: {} }, edges: { E: { indexes: [{ fields: [], unique: true }] } } },
      'edges.E.indexes[0].unique',
      /needs fields/,
    ],
    [{ nodes: { A: { indexes: ['a', 3] } } }, 'nodes.A.indexes[1]', /3 is not an object/],
    [
      { nodes: { A: { indexes: [{ fields: ['a', 'a'] }] } } },
      'nodes.A.indexes[0].fields',
      /"a" is there twice/,
    ],
    [{ nodes: { A: { indexes: ['a..b'] } } }, 'nodes.A.indexes[0].fields', /path "a\.\.b" has an empty step/],
    [
      { nodes: { A: { properties: { name: 'string' }, indexes: ['nam'] } } },
      'nodes.A.indexes[0].fields',
      /property "nam" is not declared; did you mean "name"/,
    ],
    [
      { nodes: { A: { indexes: ['a', { fields: 'b', name: 'a' }] } } },
      'nodes.A.indexes[1]',
      /index name "a" is used twice/,
    ],
    [
      { nodes: { A: { indexes: [{ fields: 'b', unique: 1 }] } } },
      'nodes.A.indexes[0].unique',
      /1 is neither true nor false/,
    ],
    [
      { nodes: { A: { indexes: [{ fields: 'b', name: '' }] } } },
      'nodes.A.indexes[0].name',
      /"" is not a name/,
    ],
    [
      { nodes: { A: { indexes: Array.from({ length: 65 }, (_, i) => `f${i}`) } } },
      'nodes.A.indexes',
      /65 indexes; the limit is 64/,
    ],
    [
      { nodes: { A: { indexes: [{ fields: Array.from({ length: 17 }, (_, i) => `f${i}`) }] } } },
      'nodes.A.indexes[0].fields',
      /17 fields; the limit is 16/,
    ],
    [
      { nodes: { Airport: {} }, edges: { R: { from: 'Airprt' } } },
      'edges.R.from',
      /label "Airprt" is not declared under nodes; did you mean "Airport"/,
    ],
    [{ nodes: { A: {} }, edges: { R: { to: [] } } }, 'edges.R.to', /is empty/],
    [{ nodes: { A: {} }, edges: { R: { to: [1] } } }, 'edges.R.to', /1 is not a name/],
    [
      { nodes: { A: {} }, edges: { R: { unqiue: true } } },
      'edges.R',
      /"unqiue" is not known here; did you mean "unique"/,
    ],
  ]
  for (const [input, field, message] of cases) {
    assert.throws(
      () => defineGraph('routes', input as GraphInput),
      (error) => {
        assert(hasCode(error, 'SCHEMA_INVALID'), String(error))
        assert.match(error.message, message)
        assert.deepEqual(error.details, { model: 'graph', object: 'routes', field })
        return error.message.startsWith(`SCHEMA_INVALID: graph "routes": ${field}: `)
      },
    )
  }
})

test('in an open graph the ends of an edge may have labels that are not declared', () => {
  const { types } = defineGraph('g', { open: true, edges: { R: { from: 'Anything' } } })
  assert.deepEqual(types[0]?.from, ['Anything'])
})
