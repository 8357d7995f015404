import { deepEqual, equal } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { OrbitError } from '@orbit-ts/base'
import { toJsonValue, toRecordValue } from './json-value.js'

function refusal(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    return error instanceof OrbitError ? error.message : String(error)
  }
}

const refused = (value: unknown): string => refusal(() => toJsonValue(value, 'document'))

describe('toJsonValue', () => {
  it('gives JSON back as the same object', () => {
    fc.assert(
      fc.property(
        fc
          .jsonValue({ stringUnit: 'binary' })
          .filter((value) => !JSON.stringify(value).includes('__proto__')),
        (value) => {
          equal(Object.is(toJsonValue(value, 'document'), value), true)
        },
      ),
    )
  })

  it('leaves undefined properties out, in a copy', () => {
    const value = { a: 1, b: undefined, c: [{ d: undefined, e: 2 }, 3], f: { g: 4 } }
    const kept = toJsonValue(value, 'document')
    deepEqual(kept, { a: 1, c: [{ e: 2 }, 3], f: { g: 4 } })
    equal('b' in value, true)
    equal((kept as typeof value).f, value.f)
  })

  it('names the place and what is wrong with it', () => {
    equal(refused(undefined), 'INVALID_ARGUMENT: document is undefined, which JSON does not have')
    equal(
      refused({ a: [1, NaN] }),
      'INVALID_ARGUMENT: document: a[1] is NaN, which JSON does not have; use null or text',
    )
    equal(
      refused({ a: { b: Infinity } }),
      'INVALID_ARGUMENT: document: a.b is Infinity, which JSON does not have; use null or text',
    )
    equal(refused([() => 1]), 'INVALID_ARGUMENT: document: [0] is function, which JSON does not have')
    equal(
      refused({ a: 1n }),
      'INVALID_ARGUMENT: document: a is a bigint, which JSON does not have; use a number or text',
    )
    equal(
      refused({ at: new Date(0) }),
      'INVALID_ARGUMENT: document: at is an object of class Date; use plain objects, and text for dates',
    )
    equal(
      refused(new Map()),
      'INVALID_ARGUMENT: document is an object of class Map; use plain objects, and text for dates',
    )
    equal(
      refused({ a: Uint8Array.of(1) }),
      'INVALID_ARGUMENT: document: a is bytes, which JSON does not have; use base64 text',
    )
    equal(
      refused({ a: '\ud800' }),
      'INVALID_ARGUMENT: document: a is text with a lone surrogate; send well-formed Unicode',
    )
    equal(
      refused(JSON.parse('{"a":{"__proto__":1}}')).includes(
        'a.__proto__ is a field of this name, which is reserved',
      ),
      true,
    )
    equal(refused({ '\udc00': 1 }).includes('whose name has a lone surrogate'), true)
    equal(refused([1, undefined]), 'INVALID_ARGUMENT: document: [1] is undefined, which JSON does not have')
  })

  it('refuses holes in arrays, and cycles where they close', () => {
    // eslint-disable-next-line no-sparse-arrays -- the hole is what is tested
    equal(refused([1, , 2]), 'INVALID_ARGUMENT: document: [1] is undefined, which JSON does not have')
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    equal(
      refused(cycle),
      'INVALID_ARGUMENT: document: self is an array or object that contains itself, which JSON does not have',
    )
    const list: unknown[] = [1]
    const outer = { a: { b: list } }
    list.push({ back: outer.a })
    equal(
      refused(outer),
      'INVALID_ARGUMENT: document: a.b[1].back is an array or object that contains itself, which JSON does not have',
    )
  })

  it('limits the depth', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    equal(refused(nested(100)), 'accepted')
    equal(refused(nested(101)).endsWith('is nested deeper than 100 levels; store it flatter'), true)
    equal(
      refusal(() => toJsonValue(nested(3), 'x', 2)),
      'LIMIT_EXCEEDED: x: [0][0] is nested deeper than 2 levels; store it flatter',
    )
  })

  it('takes objects without a prototype', () => {
    const value: unknown = Object.assign(Object.create(null), { a: 1 })
    equal(toJsonValue(value, 'document'), value)
  })
})

describe('toRecordValue', () => {
  it('takes bytes and 64-bit integers where they are allowed', () => {
    const value = { a: Uint8Array.of(1), b: [2n ** 63n - 1n] }
    equal(toRecordValue(value, 'point', { extended: true }), value)
    equal(
      refusal(() => toRecordValue({ a: 2n ** 63n }, 'point', { extended: true })),
      'INVALID_ARGUMENT: point: a is 9223372036854775808, which does not fit 64 bits; use text',
    )
  })
})
