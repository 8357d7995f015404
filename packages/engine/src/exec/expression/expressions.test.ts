import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Expression, QuantifiedExpression, TestExpression } from '../../plan/expression.js'
import type { DataType } from '../../scalar/data-type.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { Jsonb } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { RecordValue } from '../../scalar/record-value.js'
import type { Cast, ScalarFunction } from '../../scalar/functions/function.js'
import { int4, int8 } from '../../scalar/types/integer-types.js'
import { jsonb } from '../../scalar/types/json-types.js'
import { record } from '../../scalar/types/record-types.js'
import { text, varchar } from '../../scalar/types/text-types.js'
import type { Value } from '../../scalar/value.js'
import { systemArrayOf } from '../testing/array-types.test.data.js'
import { failing } from '../testing/functions.test.data.js'
import {
  BOOL,
  INT4,
  INT8,
  TEXT,
  call,
  column,
  constant,
  operator,
  output,
  projectPlan,
  typed,
  valuesPlan,
} from '../testing/plans.test.data.js'
import { PlanRunner } from '../testing/run-plan.test.data.js'

const INT4_ARRAY = systemArrayOf(INT4)
const ints = (value: SqlArray | null): Expression => ({ kind: 'constant', value, type: INT4_ARRAY })
const bool = (value: boolean | null): Expression => ({ kind: 'constant', value, type: BOOL })
const fail: Expression = { kind: 'call', function: failing, args: [constant(1)], type: BOOL }

describe('expressions', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  /** The value over one row: columns 1 and 2 of type int4. */
  async function valueOf(
    expression: Expression,
    row: readonly Value[] = [null, null],
    types: readonly DataType[] = [INT4, INT4],
  ): Promise<Value> {
    const input = valuesPlan(
      types.map((type, at) => output(at + 1, type)),
      [row],
    )
    const [found] = await runner.rows(projectPlan(input, [expression], [20]), { parameters: [7] })
    return found?.[0] as Value
  }

  it('know three truth values, and stop where the rest says nothing more', async () => {
    const truths = [true, false, null] as const
    const all = fc.array(fc.constantFrom(...truths), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(all, async (values) => {
        const args = values.map(bool)
        const and = values.includes(false) ? false : values.includes(null) ? null : true
        const or = values.includes(true) ? true : values.includes(null) ? null : false
        assert.equal(await valueOf({ kind: 'and', args, type: BOOL }), and)
        assert.equal(await valueOf({ kind: 'or', args, type: BOOL }), or)
        assert.equal(
          await valueOf({ kind: 'not', arg: bool(values[0] ?? null), type: BOOL }),
          values[0] === null ? null : !values[0],
        )
      }),
    )
    assert.equal(await valueOf({ kind: 'and', args: [bool(null), bool(false), fail], type: BOOL }), false)
    assert.equal(await valueOf({ kind: 'or', args: [bool(true), fail], type: BOOL }), true)
    await assert.rejects(valueOf({ kind: 'or', args: [bool(null), fail], type: BOOL }), /asked/)
  })

  it('test for null and truth; a record by all of its fields', async () => {
    const test = (arg: Expression, what: TestExpression['test'], isNegated = false): Promise<Value> =>
      valueOf({ kind: 'test', test: what, isNegated, arg, type: BOOL })
    assert.deepEqual(
      await Promise.all(
        [true, false, null].flatMap((value) =>
          (['null', 'true', 'false', 'unknown'] as const).flatMap((what) => [
            test(bool(value), what),
            test(bool(value), what, true),
          ]),
        ),
      ),
      [
        [false, true, true, false, false, true, false, true],
        [false, true, false, true, true, false, false, true],
        [true, false, false, true, false, true, true, false],
      ].flat(),
    )
    const rowOf = (...args: readonly Expression[]): Expression => ({
      kind: 'row',
      fields: args.map(({ type }, at) => ({ name: `f${at + 1}`, type })),
      args,
      type: typed(record),
    })
    const [none, some, both] = [
      rowOf(constant(null), constant(null)),
      rowOf(constant(1), constant(null)),
      rowOf(constant(1), constant(2)),
    ]
    assert.deepEqual(await Promise.all([none, some, both].map((row) => test(row, 'null'))), [
      true,
      false,
      false,
    ])
    assert.deepEqual(await Promise.all([none, some, both].map((row) => test(row, 'null', true))), [
      false,
      false,
      true,
    ])
    assert.equal(await valueOf({ kind: 'field', arg: some, index: 0, type: INT4 }), 1)
    assert.deepEqual(
      await valueOf(some),
      new RecordValue((some as { fields: RecordValue['fields'] }).fields, [1, null]),
    )
  })

  it('compare integers of all sizes as they are, with columns and constants', async () => {
    const numbers = fc.oneof(
      fc.constant(null),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(9007199254740993n, -9007199254740993n),
    )
    const order = (name: string, a: Value, b: Value): boolean | null => {
      if (a === null || b === null) return null
      const [x, y] = [BigInt(a as number), BigInt(b as number)]
      return { '=': x === y, '<>': x !== y, '<': x < y, '<=': x <= y, '>': x > y, '>=': x >= y }[name] ?? null
    }
    await fc.assert(
      fc.asyncProperty(
        numbers,
        numbers,
        fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
        async (a, b, name) => {
          const types = [INT8, INT8]
          const left = column(1, INT8)
          assert.equal(await valueOf(call(name, left, column(2, INT8)), [a, b], types), order(name, a, b))
          assert.equal(await valueOf(call(name, left, constant(b, INT8)), [a, b], types), order(name, a, b))
        },
      ),
    )
  })

  it('add quickly where that is right, and leave the rest to the function', async () => {
    assert.equal(await valueOf(call('+', column(1), column(2)), [2147483646, 1]), 2147483647)
    await assert.rejects(valueOf(call('+', column(1), column(2)), [2147483647, 1]), /integer out of range/)
    assert.ok(Object.is(await valueOf(call('*', column(1), column(2)), [0, -5]), 0))
    const big = call('*', column(1, INT8), column(2, INT8))
    assert.equal(await valueOf(big, [3037000500, 3000000000], [INT8, INT8]), 9111001500000000000n)
    await assert.rejects(valueOf(big, [3037000500, 4000000000], [INT8, INT8]), /bigint out of range/)
    assert.equal(await valueOf(call('-', column(1), column(2)), [5, null]), null)
  })

  it('choose lazily', async () => {
    const choice = (condition: Expression): Expression => ({
      kind: 'case',
      type: INT4,
      branches: [
        { condition, result: constant(1) },
        { condition: fail, result: constant(2) },
      ],
      otherwise: constant(3),
    })
    assert.equal(await valueOf(choice(bool(true))), 1)
    await assert.rejects(valueOf(choice(bool(null))), /asked/)
    assert.equal(
      await valueOf({ kind: 'coalesce', type: INT4, args: [constant(null), constant(5), fail] }),
      5,
    )
    const args = [constant(3), constant(null), constant(9), constant(-2)]
    assert.equal(await valueOf({ kind: 'greatest', type: INT4, args }), 9)
    assert.equal(await valueOf({ kind: 'least', type: INT4, args }), -2)
    assert.equal(await valueOf({ kind: 'least', type: INT4, args: [constant(null)] }), null)
    const equals = operator('=', INT4, INT4)
    const distinct = (isNegated: boolean, left: Value, right: Value): Promise<Value> =>
      valueOf({ kind: 'distinct', isNegated, equals, left: column(1), right: column(2), type: BOOL }, [
        left,
        right,
      ])
    assert.deepEqual(
      await Promise.all([
        distinct(false, 1, null),
        distinct(false, null, null),
        distinct(true, 1, 1),
        distinct(true, 1, 2),
      ]),
      [true, false, true, false],
    )
  })

  it('compare with the elements of arrays, few or many', async () => {
    const element = fc.option(fc.integer({ min: 0, max: 5 }), { freq: 6 })
    await fc.assert(
      fc.asyncProperty(element, fc.array(element, { maxLength: 15 }), async (left, elements) => {
        const compare = (quantifier: 'any' | 'all', name: string): Promise<Value> => {
          const expression: QuantifiedExpression = {
            kind: 'quantified',
            quantifier,
            operator: operator(name, INT4, INT4),
            left: column(1),
            right: ints(new SqlArray(elements)),
            type: BOOL,
          }
          return valueOf(expression, [left, null])
        }
        const isUnknown = elements.length > 0 && (left === null || elements.includes(null))
        const isIn = left !== null && elements.includes(left)
        assert.equal(await compare('any', '='), isIn ? true : isUnknown ? null : false)
        assert.equal(await compare('all', '<>'), isIn ? false : isUnknown ? null : true)
        const isBelowOne = left !== null && elements.some((each) => each !== null && left < each)
        assert.equal(await compare('any', '<'), isBelowOne ? true : isUnknown ? null : false)
      }),
      { numRuns: 200 },
    )
    const none: QuantifiedExpression = {
      kind: 'quantified',
      quantifier: 'any',
      operator: operator('=', INT4, INT4),
      left: constant(1),
      right: ints(null),
      type: BOOL,
    }
    assert.equal(await valueOf(none), null)
  })

  it('make arrays, of arrays too', async () => {
    const flat: Expression = {
      kind: 'array',
      elements: [column(1), constant(2)],
      isNested: false,
      type: INT4_ARRAY,
    }
    assert.deepEqual(await valueOf(flat, [1, null]), new SqlArray([1, 2]))
    const nested = (...elements: readonly Expression[]): Expression => ({
      kind: 'array',
      elements,
      isNested: true,
      type: INT4_ARRAY,
    })
    const square = new SqlArray(
      [1, 2, 3, 4],
      [
        { length: 2, lower: 1 },
        { length: 2, lower: 1 },
      ],
    )
    assert.deepEqual(await valueOf(nested(ints(new SqlArray([1, 2])), ints(new SqlArray([3, 4])))), square)
    assert.deepEqual(await valueOf(nested(ints(new SqlArray([])), ints(null))), new SqlArray([]))
    await assert.rejects(valueOf(nested(ints(new SqlArray([1])), ints(new SqlArray([3, 4])))), {
      message: /multidimensional arrays must have array expressions with matching dimensions/,
    })
  })

  it('take elements and slices of arrays', async () => {
    const array = ints(
      new SqlArray(
        [1, 2, 3, 4, 5, 6],
        [
          { length: 2, lower: 0 },
          { length: 3, lower: 1 },
        ],
      ),
    )
    const at = (arg: Expression, ...indexes: readonly (number | null)[]): Promise<Value> =>
      valueOf({
        kind: 'subscript',
        arg,
        isSlice: false,
        subscripts: indexes.map((index) => ({ lower: undefined, upper: constant(index) })),
        type: INT4,
      })
    assert.deepEqual(
      await Promise.all([
        at(array, 0, 1),
        at(array, 1, 3),
        at(array, 2, 1),
        at(array, 1),
        at(array, 1, null),
      ]),
      [1, 6, null, null, null],
    )
    const slice = (
      ...bounds: readonly (readonly [number | undefined, number | undefined])[]
    ): Promise<Value> =>
      valueOf({
        kind: 'subscript',
        arg: array,
        isSlice: true,
        subscripts: bounds.map(([lower, upper]) => ({
          lower: lower === undefined ? undefined : constant(lower),
          upper: upper === undefined ? undefined : constant(upper),
        })),
        type: INT4_ARRAY,
      })
    const twoByTwo = [
      { length: 2, lower: 1 },
      { length: 2, lower: 1 },
    ]
    assert.deepEqual(await slice([undefined, undefined], [2, 9]), new SqlArray([2, 3, 5, 6], twoByTwo))
    assert.deepEqual(
      await slice([1, 1]),
      new SqlArray(
        [4, 5, 6],
        [
          { length: 1, lower: 1 },
          { length: 3, lower: 1 },
        ],
      ),
    )
    assert.deepEqual(await slice([5, 6]), new SqlArray([]))
  })

  it('take parts of JSON values', async () => {
    const root = new Map([['a', [new Numeric(1n, 0), null, 'x']]])
    const at = (...path: readonly (string | number)[]): Promise<Value> =>
      valueOf({
        kind: 'subscript',
        arg: { kind: 'constant', value: new Jsonb(root), type: typed(jsonb) },
        isSlice: false,
        subscripts: path.map((step) => ({ lower: undefined, upper: constant(step) })),
        type: typed(jsonb),
      })
    assert.deepEqual(await at('a', 0), new Jsonb(new Numeric(1n, 0)))
    assert.deepEqual(await at('a', -1), new Jsonb('x'))
    assert.deepEqual(await at('a', 1), new Jsonb(null))
    assert.deepEqual([await at('b'), await at('a', 7), await at('a', 0, 'z')], [null, null, null])
  })

  it('convert values, elements of arrays too, and bring them to their modifiers', async () => {
    const cast = (method: Cast['method'], source = int4, target = int8): Cast => ({
      source,
      target,
      context: 'implicit',
      method,
      volatility: 'immutable',
    })
    const value = (
      more: Partial<Extract<Expression, { kind: 'cast' }>>,
      row: readonly Value[] = [12345, null],
    ): Promise<Value> => valueOf({ kind: 'cast', arg: column(1), isExplicit: true, type: INT8, ...more }, row)
    assert.equal(await value({ cast: cast('relabel') }), 12345)
    assert.equal(await value({ cast: cast('relabel') }, [null, null]), null)
    assert.equal(await value({ cast: cast((_context, each) => Number(each) + 1) }), 12346)
    assert.equal(await value({ cast: cast('text', int4, text), type: TEXT }), '12345')
    const short: DataType = { scalar: varchar, modifier: varchar.makeModifier?.([3]) ?? -1 }
    assert.equal(await value({ cast: cast('text', int4, varchar), type: short }), '123')
    await assert.rejects(
      value({ cast: cast('text', int4, varchar), type: short, isExplicit: false }),
      /value too long for type character varying\(3\)/,
    )
    const array: Expression = ints(new SqlArray([12345, null]))
    const elements = await value({
      arg: array,
      element: cast('text', int4, varchar),
      type: systemArrayOf(short),
    })
    assert.deepEqual(elements, new SqlArray(['12345', null]))
    const limited: DataType = { ...systemArrayOf(short), modifier: short.modifier }
    assert.deepEqual(
      await value({ arg: array, element: cast('text', int4, varchar), type: limited }),
      new SqlArray(['123', null]),
    )
  })

  it('read parameters', async () => {
    assert.equal(await valueOf({ kind: 'parameter', index: 0, type: INT4 }), 7)
    await assert.rejects(
      valueOf({ kind: 'parameter', index: 3, type: INT4 }),
      /there is no value for parameter \$4/,
    )
  })

  it('compute all arguments of a strict function before they look for nulls', async () => {
    const strict: ScalarFunction = { ...failing, parameters: [int4, int4, int4, int4], bind: () => () => 1 }
    const of = (...args: readonly Expression[]): Promise<Value> =>
      valueOf({ kind: 'call', function: strict, args, type: INT4 })
    const four = [1, 2, 3, 4].map((value) => constant(value))
    for (const count of [0, 1, 2, 3, 4]) {
      assert.equal(await of(...four.slice(0, count)), 1)
      if (count === 0) continue
      assert.equal(await of(...four.slice(1, count), constant(null)), null)
      await assert.rejects(of(constant(null), fail, ...four.slice(0, count)), /asked/)
    }
  })
})
