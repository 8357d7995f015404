import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compareValues, rankOf } from './compare-values.js'
import { compileFilter } from './compile-filter.js'
import { parseFilter, type FilterNode, type Test } from './filter-tree.js'
import type { Filter } from './filter.js'
import { compileLike } from './like-pattern.js'
import { Reached, readPath } from './path.js'

const matches = (record: unknown, filter: Filter): boolean => compileFilter(filter)(record)

const CASES: readonly [unknown, Filter, boolean][] = [
  [{ state: 'CA' }, {}, true],
  [{ state: 'CA' }, { state: 'CA' }, true],
  [{ state: 'CA' }, { state: 'NY' }, false],
  [{ state: 'CA' }, { state: { ne: 'NY' } }, true],
  [{ state: null }, { state: { ne: 'NY' } }, true],
  [{}, { state: { ne: 'NY' } }, true],
  [{}, { $not: { state: { ne: 'NY' } } }, false],
  // Absence
  [{}, { state: null }, true],
  [{ state: null }, { state: null }, true],
  [{ state: undefined }, { state: null }, true],
  [{ state: '' }, { state: null }, false],
  [{ state: null }, { state: { isNull: true } }, true],
  [{}, { state: { isNull: false } }, false],
  [{ state: null }, { state: { exists: true } }, true],
  [{}, { state: { exists: true } }, false],
  [{}, { state: { exists: false } }, true],
  [{}, { $not: { state: null } }, false],
  [{}, { state: { ne: null } }, false],
  // Three values
  [{ n: null }, { n: { gt: 1 } }, false],
  [{ n: null }, { $not: { n: { gt: 1 } } }, false],
  [{ n: null }, { $not: { n: 1 } }, false],
  [{ n: 'x' }, { $not: { n: { gt: 1 } } }, false],
  [{ n: 'x' }, { $not: { n: 1 } }, true],
  [{ n: 0 }, { $not: { n: { gt: 1 } } }, true],
  [{ n: null, m: 1 }, { $not: { n: 1, m: 2 } }, true],
  [{ n: null, m: 2 }, { $not: { n: 1, m: 2 } }, false],
  [{ n: null, m: 2 }, { $or: [{ n: 1 }, { m: 2 }] }, true],
  [{ n: null, m: 3 }, { $not: { $or: [{ n: 1 }, { m: 2 }] } }, false],
  [{ n: null }, { $not: { $not: { n: 1 } } }, false],
  [{}, { $and: [] }, true],
  [{}, { $or: [] }, false],
  [{}, { $not: { $or: [] } }, true],
  // Order
  [{ n: 5 }, { n: { gt: 4, lte: 5 } }, true],
  [{ n: 5 }, { n: { gt: 5 } }, false],
  [{ n: 5n }, { n: { gte: 5, lt: 5.5 } }, true],
  [{ n: 2n ** 53n + 1n }, { n: { gt: 2 ** 53 } }, true],
  [{ n: 2 ** 53 }, { n: { lt: 2n ** 53n + 1n } }, true],
  [{ n: NaN }, { n: { gt: Infinity } }, true],
  [{ n: NaN }, { n: NaN }, true],
  [{ n: 1 }, { n: { lt: NaN } }, true],
  [{ n: NaN }, { n: { lte: 5 } }, false],
  [{ n: '5' }, { n: { gt: 4 } }, false],
  [{ s: '\uffff' }, { s: { lt: '😀' } }, true],
  [{ s: '😀' }, { s: { gt: 'z' } }, true],
  [{ b: true }, { b: { gt: false } }, true],
  [{ d: new Date(5) }, { d: { gte: new Date(5) } }, true],
  [{ d: new Date(5) }, { d: new Date(5) }, true],
  [{ d: 5 }, { d: { gte: new Date(5) } }, false],
  [{ x: new Uint8Array([1, 2]) }, { x: { gt: new Uint8Array([1]) } }, true],
  [{ x: Buffer.from([1]) }, { x: new Uint8Array([1]) }, true],
  // Lists
  [{ n: 2 }, { n: { in: [1, 2] } }, true],
  [{ n: 2n }, { n: { in: [1, 2] } }, true],
  [{ n: 2 }, { n: { in: [2n] } }, true],
  [{ n: 2n ** 60n }, { n: { in: [2 ** 60] } }, true],
  [{ n: 2n ** 60n + 1n }, { n: { in: [2 ** 60] } }, false],
  [{ n: null }, { n: { in: [1] } }, false],
  [{ n: null }, { n: { in: [1, null] } }, true],
  [{}, { n: { in: [1, null] } }, true],
  [{ n: 2 }, { n: { in: [] } }, false],
  [{ n: 3 }, { n: { notIn: [1, 2] } }, true],
  [{ n: null }, { n: { notIn: [1, 2] } }, false],
  [{ n: 3 }, { n: { notIn: [1, null] } }, true],
  [{}, { n: { notIn: [1, null] } }, false],
  [{ d: new Date(7) }, { d: { in: [new Date(6), new Date(7), [1]] } }, true],
  // Text
  [{ s: 'Boston' }, { s: { startsWith: 'Bos' } }, true],
  [{ s: 'Boston' }, { s: { like: '%st__' } }, true],
  [{ s: 'Boston' }, { s: { ilike: 'BOS%' } }, true],
  [{ s: 5 }, { s: { like: '%' } }, false],
  [{ s: 5 }, { $not: { s: { like: 'x' } } }, false],
  // Arrays and paths
  [{ tags: ['a', 'b'] }, { tags: 'b' }, true],
  [{ tags: ['a', 'b'] }, { tags: { ne: 'b' } }, false],
  [{ tags: ['a', 'b'] }, { tags: ['a', 'b'] }, true],
  [{ tags: [['a', 'b']] }, { tags: ['a', 'b'] }, true],
  [{ tags: ['b', 'a'] }, { tags: ['a', 'b'] }, false],
  [{ tags: [] }, { tags: 'a' }, false],
  [{ tags: [] }, { $not: { tags: 'a' } }, true],
  [{ tags: [null] }, { $not: { tags: 'a' } }, false],
  [{ tags: [null] }, { tags: null }, false],
  [{ tags: ['a'] }, { tags: { contains: 'a' } }, true],
  [{ tags: 'a' }, { tags: { contains: 'a' } }, false],
  [{ tags: 'a' }, { $not: { tags: { contains: 'a' } } }, true],
  [{}, { $not: { tags: { contains: 'a' } } }, false],
  [{ tags: [null] }, { tags: { contains: null } }, true],
  [{ n: [1, 9] }, { n: { gte: 3, lt: 5 } }, true],
  [{ n: [1, 2] }, { n: { gte: 3, lt: 5 } }, false],
  [{ a: { b: 'x' } }, { 'a.b': 'x' }, true],
  [{ a: [{ b: 'x' }, { b: 'y' }] }, { 'a.b': 'y' }, true],
  [{ a: [{ b: ['x'] }] }, { 'a.b': 'x' }, true],
  [{ a: [{ b: 'x' }, {}] }, { $not: { 'a.b': 'y' } }, true],
  [{ a: [{ b: 'x' }, { b: null }] }, { $not: { 'a.b': 'y' } }, false],
  [{ a: [] }, { 'a.b': null }, true],
  [{ a: [{ b: null }] }, { 'a.b': null }, true],
  [{ a: [{ b: null }, { b: 1 }] }, { 'a.b': null }, false],
  [{ a: [{ b: null }] }, { 'a.b': { exists: true } }, true],
  [{ a: [{}] }, { 'a.b': { exists: true } }, false],
  [{ a: ['x', 'y'] }, { 'a.1': 'y' }, true],
  [{ a: { eq: 1 } }, { a: { eq: { eq: 1 } } }, true],
  [{ a: { x: 1, y: 2 } }, { a: { eq: { y: 2, x: 1 } } }, true],
  [{ 'a.b': 1 }, { 'a.b': 1 }, false],
  [{ 'a.b': 1 }, { 'a\\.b': 1 }, true],
  [{ $and: 1 }, { '\\$and': 1 }, true],
  [{}, { constructor: { exists: true } }, false],
  [JSON.parse('{"__proto__":5}'), JSON.parse('{"__proto__":5}') as Filter, true],
  [null, { a: 1 }, false],
  [undefined, { a: null }, true],
  [[{ a: 1 }], { a: 1 }, true],
]

test('cases', () => {
  for (const [record, filter, expected] of CASES) {
    const shown = `${format(record)} ${format(filter)}`
    assert.equal(matches(record, filter), expected, shown)
  }
})

function format(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item)) ?? 'undefined'
  )
}

/** Undefined is unknown. */
type Truth = boolean | undefined

/** The logic as the documentation of the filter language states it, without regard to speed. */
function evaluate(node: FilterNode, record: unknown): Truth {
  switch (node.kind) {
    case 'and':
      return all(node.nodes.map((part) => evaluate(part, record)))
    case 'or':
      return any(node.nodes.map((part) => evaluate(part, record)))
    case 'not':
      return negate(evaluate(node.node, record))
    case 'test':
      return evaluateTest(node, record)
  }
}

const all = (truths: readonly Truth[]): Truth =>
  truths.includes(false) ? false : truths.includes(undefined) ? undefined : true
const any = (truths: readonly Truth[]): Truth => negate(all(truths.map(negate)))
const negate = (truth: Truth): Truth => (truth === undefined ? undefined : !truth)

function evaluateTest({ path, operator, operand }: Test, record: unknown): Truth {
  const found = readPath(record, path.steps)
  const values = found instanceof Reached ? found.values : found === undefined ? [] : [found]
  const isNull = values.every((value) => value === null)
  const equals = (to: unknown): Truth => {
    if (to === null) return isNull
    return anyValue(values, (value) => compareValues(value, to) === 0, true)
  }
  const isAmong = (list: unknown): Truth => {
    const truths = (list as unknown[]).map(equals)
    if ((list as unknown[]).includes(null)) return truths.includes(true)
    return (list as unknown[]).length === 0 ? anyValue(values, () => false, true) : any(truths)
  }
  const order = (holds: (comparison: number) => boolean): Truth =>
    anyValue(values, (value) =>
      rankOf(value) === rankOf(operand) ? holds(compareValues(value, operand)) : undefined,
    )
  const text = (holds: (text: string) => boolean): Truth =>
    anyValue(values, (value) => (typeof value === 'string' ? holds(value) : undefined))
  switch (operator) {
    case 'eq':
      return equals(operand)
    case 'ne':
      return equals(operand) !== true
    case 'in':
      return isAmong(operand)
    case 'notIn':
      return negate(isAmong(operand))
    case 'gt':
      return order((comparison) => comparison > 0)
    case 'gte':
      return order((comparison) => comparison >= 0)
    case 'lt':
      return order((comparison) => comparison < 0)
    case 'lte':
      return order((comparison) => comparison <= 0)
    case 'like':
    case 'ilike':
      return text(compileLike(operand as string, operator === 'ilike'))
    case 'startsWith':
      return text((value) => value.slice(0, (operand as string).length) === operand)
    case 'isNull':
      return isNull === operand
    case 'exists':
      return values.length > 0 === operand
    case 'contains': {
      if (values.length === 0) return undefined
      return any(
        values.map((value) => {
          if (value === null) return undefined
          return Array.isArray(value) && value.some((element) => compareValues(element, operand) === 0)
        }),
      )
    }
  }
}

/** True if the condition is for any value or element; unknown rather than false when one of them does not compare. */
function anyValue(values: readonly unknown[], holds: (value: unknown) => Truth, whole = false): Truth {
  if (values.length === 0) return undefined
  const one = (value: unknown): Truth => (value === null ? undefined : holds(value))
  return any(
    values.flatMap((value) => {
      if (!Array.isArray(value)) return [one(value)]
      return [whole && holds(value) === true, ...value.map(one)]
    }),
  )
}

const scalar = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    3,
    2 ** 53,
    1n,
    2n,
    2n ** 53n + 1n,
    NaN,
    -0,
    'a',
    'ab',
    'b',
    '',
    '😀',
    '\ue000',
    true,
    false,
  ),
  fc.constantFrom(new Date(1), new Date(2), new Uint8Array([1]), new Uint8Array([1, 2])),
)
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.constant(null),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0'), tie('any'), { maxKeys: 2 }),
  ),
})).any
const record = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { maxKeys: 3 })
const path = fc.constantFrom('a', 'b', 'c', 'a.a', 'a.b', 'b.0', 'a.b.a', 'a.0.b')
const condition = fc.oneof(
  fc.record({ operator: fc.constantFrom('eq', 'ne', 'contains'), operand: fc.oneof(scalar, value) }),
  fc.record({ operator: fc.constantFrom('gt', 'gte', 'lt', 'lte'), operand: scalar }),
  fc.record({
    operator: fc.constantFrom('in', 'notIn'),
    operand: fc.array(fc.oneof({ weight: 4, arbitrary: scalar }, fc.constant(null), value), { maxLength: 4 }),
  }),
  fc.record({
    operator: fc.constantFrom('like', 'ilike', 'startsWith'),
    operand: fc.constantFrom('a%', 'a', '%b', '_', '', 'A%'),
  }),
  fc.record({ operator: fc.constantFrom('isNull', 'exists'), operand: fc.boolean() }),
)
const filter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(path, condition)
      .map(([field, { operator, operand }]): Filter => ({ [field]: { [operator]: operand } })),
    fc.array(tie('filter'), { maxLength: 3 }).map(($and): Filter => ({ $and })),
    fc.array(tie('filter'), { maxLength: 3 }).map(($or): Filter => ({ $or })),
    tie('filter').map(($not): Filter => ({ $not })),
  ),
})).filter

test('a compiled filter agrees with the three-valued logic, and so does its negation', () => {
  fc.assert(
    fc.property(record, filter, (given, where) => {
      const expected = evaluate(parseFilter(where), given)
      assert.equal(matches(given, where), expected === true)
      assert.equal(matches(given, { $not: where }), expected === false)
    }),
    { numRuns: 5000 },
  )
})
