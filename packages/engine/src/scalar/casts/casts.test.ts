import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SqlArray } from '../array/sql-array.js'
import type { Cast } from '../functions/function.js'
import { testScalarContext } from '../scalar-context.test.data.js'
import type { ScalarContext } from '../scalar-context.js'
import { systemRegistry } from '../system-registry.js'
import { float4Array, int4, numericArray, oid, regclass, text, vector } from '../types/system-types.js'
import { namedType, outcome } from '../types/text-facts.test.data.js'
import type { Value } from '../value.js'
import { castFacts, castNames } from './cast-facts.test.data.js'

const context = testScalarContext({ timezone: 'America/New_York' })

function castOf(source: string, target: string): Cast {
  const cast = systemRegistry.castBetween(namedType(source).type, namedType(target).type)
  assert.ok(cast, `${source} to ${target}`)
  return cast
}

function apply(cast: Cast, value: Value, within: ScalarContext = context): Value {
  const { source, target, method } = cast
  if (method === 'relabel') return value
  if (method === 'text') return target.parse(source.format(value, within), -1, within)
  return method(within, value, { scalar: target, modifier: -1 })
}

describe('casts', () => {
  it('are those that PostgreSQL has, in the same contexts', () => {
    const own = (cast: Cast): boolean => cast.source !== vector && cast.target !== vector
    const names = Array.from(systemRegistry.casts())
      .filter(own)
      .map((cast) => `${cast.source.name} ${cast.target.name} ${cast.context}`)
    assert.deepEqual(names.sort(), castNames.toSorted())
  })

  it('give what PostgreSQL gives', () => {
    for (const [source, target, value, result] of castFacts) {
      const cast = castOf(source, target)
      const found = outcome(() => {
        const converted = apply(cast, cast.source.parse(value, -1, context))
        return converted === null ? '' : cast.target.format(converted, context)
      })
      assert.equal(found, result, `${source} '${value}' to ${target}`)
    }
  })

  it('look up names of relations', () => {
    const named = testScalarContext(
      {},
      {
        names: {
          oidOf: (kind, name) => (kind === 'class' && name === 'things' ? 16_400 : undefined),
          nameOf: (kind, number) => (kind === 'class' && number === 16_400 ? 'things' : undefined),
        },
      },
    )
    assert.equal(apply(castOf('text', 'regclass'), 'things', named), 16_400)
    assert.equal(regclass.format(16_400, named), 'things')
    assert.equal(regclass.format(5, named), '5')
    assert.equal(regclass.format(0, named), '-')
    assert.equal(regclass.parse('16400', -1, named), 16_400)
    assert.equal(
      outcome(() => apply(castOf('text', 'regclass'), 'public.Nope', named)),
      'ERR 42P01 relation "public.nope" does not exist',
    )
  })

  it('turn the sign of integers into the top half of object numbers', () => {
    assert.equal(apply(castOf('int4', 'oid'), -1), 4_294_967_295)
    assert.equal(apply(castOf('oid', 'int4'), 4_294_967_295), -1)
    assert.equal(systemRegistry.castBetween(oid, text), undefined)
    assert.equal(systemRegistry.castBetween(int4, text), undefined)
  })

  it('make vectors of arrays of numbers, and single-precision arrays of vectors', () => {
    const parse = (value: string): Value => numericArray.parse(value, -1, context)
    assert.deepEqual(apply(castOf('numeric[]', 'vector'), parse('{1,2.5}')), Float32Array.of(1, 2.5))
    assert.deepEqual(apply(castOf('vector', 'float4[]'), Float32Array.of(1, 2.5)), new SqlArray([1, 2.5]))
    const refusal = (value: string): string =>
      outcome(() => apply(castOf('numeric[]', 'vector'), parse(value)))
    assert.equal(refusal('{1,NULL}'), 'ERR 22004 array must not contain nulls')
    assert.equal(refusal('{{1},{2}}'), 'ERR 22000 array must be 1-D')
    assert.equal(refusal('{}'), 'ERR 22000 vector must have at least 1 dimension')
    assert.equal(refusal('{NaN}'), 'ERR 22000 NaN not allowed in vector')
    assert.equal(castOf('vector', 'float4[]').target, float4Array)
  })
})
