import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError, hasCode } from '@orbit-ts/base'
import { defineVectors, evolveVectors } from './define-vectors.js'
import type { VectorsDefinition } from './vectors-definition.js'
import type { VectorsInput } from './vectors-input.js'

function evolve(before: VectorsInput, after: VectorsInput): VectorsDefinition | undefined {
  const definition = defineVectors('v', before)
  return evolveVectors({ kind: 'vectors', name: 'v', id: 7, version: 1, definition }, after)
}

describe('a declaration of vectors', () => {
  it('is completed with defaults', () => {
    assert.deepEqual(defineVectors('v', { dimension: 3 }), { dimension: 3, metric: 'cosine', nextIndexId: 1 })
    assert.deepEqual(
      defineVectors('v', {
        dimension: 65_535,
        metric: 'l2',
        index: { kind: 'partitioned' },
        metadata: { title: 'string', year: 'integer?' },
      }),
      {
        dimension: 65_535,
        metric: 'l2',
        index: { id: 1, kind: 'partitioned', partitions: 'auto', probes: 'auto' },
        metadata: { title: 'string', year: 'integer?' },
        nextIndexId: 2,
      },
    )
  })

  const refused: readonly [string, unknown, RegExp][] = [
    ['no object', null, /declaration: null is not an object/],
    ['an unknown key', { dimension: 2, metrik: 'l2' }, /"metrik" is not known here; did you mean "metric"/],
    ['no dimension', {}, /dimension: undefined is not a whole number from 1 to 65535/],
    ['dimension 0', { dimension: 0 }, /dimension: 0 is not/],
    ['a broken dimension', { dimension: 2.5 }, /dimension: 2\.5 is not/],
    [
      'a dimension too large',
      { dimension: 65_536 },
      /dimension: 65536 is not a whole number from 1 to 65535/,
    ],
    ['a dimension as text', { dimension: '3' }, /dimension: "3" is not/],
    [
      'an unknown metric',
      { dimension: 2, metric: 'cosin' },
      /metric: "cosin" is not one of .*did you mean "cosine"/,
    ],
    [
      'another kind of index',
      { dimension: 2, index: { kind: 'hnsw' } },
      /index\.kind: "hnsw" is not "partitioned"/,
    ],
    ['an index without kind', { dimension: 2, index: {} }, /index\.kind: undefined is not "partitioned"/],
    [
      'partitions 0',
      { dimension: 2, index: { kind: 'partitioned', partitions: 0 } },
      /index\.partitions: 0 is not a whole number from 1 to 65535, or "auto"/,
    ],
    [
      'probes as text',
      { dimension: 2, index: { kind: 'partitioned', probes: 'all' } },
      /index\.probes: "all" is not a whole number/,
    ],
    [
      'metadata of no type',
      { dimension: 2, metadata: { a: 'strin' } },
      /metadata\.a: "strin" is no type; did you mean "string"/,
    ],
    ['a nameless field', { dimension: 2, metadata: { '': 'string' } }, /metadata: "" is not a name/],
    ['a field with a control character', { dimension: 2, metadata: { 'a\n': 'string' } }, /is not a name/],
  ]
  for (const [what, input, pattern] of refused) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => defineVectors('movies', input as VectorsInput),
        (error) => {
          assert.ok(hasCode(error, 'SCHEMA_INVALID'))
          assert.match(error.message, /vector collection "movies"/)
          assert.match(error.message, pattern)
          return true
        },
      )
    })
  }
})

describe('a changed declaration of vectors', () => {
  const plain = { dimension: 3, metric: 'l2' } as const
  const indexed = { ...plain, index: { kind: 'partitioned' } } as const

  it('is no change when it says the same', () => {
    assert.equal(evolve(plain, { ...plain }), undefined)
    assert.equal(evolve({ dimension: 3 }, { dimension: 3, metric: 'cosine' }), undefined)
    assert.equal(evolve(indexed, { ...plain, index: { kind: 'partitioned', probes: 'auto' } }), undefined)
  })

  it('adds an index, changes its settings under the same id, and removes it without using the id again', () => {
    const added = evolve(plain, indexed)
    assert.deepEqual(added?.index, { id: 1, kind: 'partitioned', partitions: 'auto', probes: 'auto' })
    const changed = evolve(indexed, { ...plain, index: { kind: 'partitioned', probes: 4 } })
    assert.deepEqual(changed?.index, { id: 1, kind: 'partitioned', partitions: 'auto', probes: 4 })
    const removed = evolve(indexed, plain)
    assert.deepEqual(removed, { dimension: 3, metric: 'l2', nextIndexId: 2 })
    const again = evolveVectors(
      { kind: 'vectors', name: 'v', id: 7, version: 2, definition: removed ?? assert.fail() },
      indexed,
    )
    assert.equal(again?.index?.id, 2)
    assert.equal(again.nextIndexId, 3)
  })

  it('may let more metadata through', () => {
    const before = { ...plain, metadata: { a: 'integer' } } as const
    assert.deepEqual(evolve(before, { ...plain, metadata: { a: 'number?', b: 'string?' } })?.metadata, {
      a: 'number?',
      b: 'string?',
    })
    assert.equal(evolve(before, plain)?.metadata, undefined)
  })

  const refused: readonly [string, VectorsInput, VectorsInput, RegExp][] = [
    ['another dimension', plain, { ...plain, dimension: 4 }, /dimension is 3 and cannot become 4/],
    ['another metric', plain, { ...plain, metric: 'dot' }, /metric is l2 and cannot become dot/],
    [
      'rules for free metadata',
      plain,
      { ...plain, metadata: { a: 'string' } },
      /metadata would no longer accept/,
    ],
    [
      'a new required field',
      { ...plain, metadata: {} },
      { ...plain, metadata: { a: 'string' } },
      /metadata would no longer accept/,
    ],
    [
      'a field less',
      { ...plain, metadata: { a: 'string' } },
      { ...plain, metadata: {} },
      /metadata would no longer accept/,
    ],
  ]
  for (const [what, before, after, pattern] of refused) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => evolve(before, after),
        (error) =>
          error instanceof OrbitError && error.code === 'SCHEMA_MISMATCH' && pattern.test(error.message),
      )
    })
  }
})
