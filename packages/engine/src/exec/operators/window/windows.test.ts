import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import type { FrameBound, WindowCall, WindowFrame } from '../../../plan/expression.js'
import type { Window } from '../../../plan/physical-plan.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Accumulator, AggregateFunction } from '../../../scalar/functions/function.js'
import type { ScalarContext } from '../../../scalar/scalar-context.js'
import { int4 } from '../../../scalar/types/integer-types.js'
import type { Row, Value } from '../../../scalar/value.js'
import {
  ESTIMATE,
  INT4,
  aggregateFunction,
  ascending,
  call,
  column,
  constant,
  descending,
  operator,
  output,
  valuesPlan,
  windowFunction,
} from '../../testing/plans.test.data.js'
import { PLENTY_BYTES, PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

type Bound = WindowFrame['start']
type Exclude = WindowFrame['exclude']

const COLUMNS = [output(1), output(2), output(3)]

const PRECEDING: Bound = { kind: 'unbounded', side: 'preceding' }
const FOLLOWING: Bound = { kind: 'unbounded', side: 'following' }
const CURRENT: Bound = { kind: 'current', side: 'following' }

function frame(
  unit: WindowFrame['unit'],
  start: Bound,
  end: Bound,
  exclude: Exclude = 'no others',
): WindowFrame {
  return { unit, start, end, exclude }
}

/** Gathers values in the order they come, and can neither take them back nor be merged. */
class Gathering implements Accumulator {
  readonly sizeBytes = 0
  readonly #values: Value[] = []

  add(_: ScalarContext, args: readonly Value[]): void {
    this.#values.push(args[0] ?? null)
  }

  result(): Value {
    return new SqlArray([...this.#values])
  }
}

const gather: AggregateFunction = {
  kind: 'aggregate',
  oid: 1,
  name: 'gather',
  parameters: [int4],
  result: int4,
  isStrict: false,
  isInvertible: false,
  empty: null,
  bind: () => () => new Gathering(),
}

function windowCall(callee: WindowCall['function'], args: WindowCall['args'], over: WindowFrame): WindowCall {
  return { function: callee, args, frame: over, type: INT4 }
}

const DEFAULT_FRAME = frame('range', PRECEDING, CURRENT)

function windowPlan(rows: readonly Row[], calls: readonly WindowCall[], more: Partial<Window> = {}): Window {
  return {
    kind: 'window',
    columns: [...COLUMNS, ...calls.map((_call, at) => output(10 + at))],
    estimate: ESTIMATE,
    input: valuesPlan(COLUMNS, rows),
    partitionBy: [column(1)],
    orderBy: [ascending(column(2))],
    calls,
    ...more,
  }
}

const compareValues = (a: Value, b: Value): number =>
  a === null || b === null ? Number(a === null) - Number(b === null) : Number(a) - Number(b)

function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort(
    (a, b) => compareValues(a[0] as Value, b[0] as Value) || compareValues(a[1] as Value, b[1] as Value),
  )
}

/** The positions in a row's frame, found by looking at each row of its partition. */
function framed(partition: readonly Row[], at: number, over: WindowFrame): number[] {
  const order = (position: number): Value => partition[position]?.[1] as Value
  const isPeer = (position: number): boolean => order(position) === order(at)
  const groups: number[] = []
  partition.forEach((_row, position) => {
    const before = groups.at(-1) ?? 0
    groups.push(position > 0 && order(position) !== order(position - 1) ? before + 1 : before)
  })
  const distance = (bound: Bound): number => {
    const offset =
      bound.kind === 'offset' && bound.expression.kind === 'constant' ? Number(bound.expression.value) : 0
    return bound.side === 'preceding' ? -offset : offset
  }
  const place = (position: number): number | null =>
    over.unit === 'rows'
      ? position
      : over.unit === 'groups'
        ? (groups[position] as number)
        : (order(position) as number | null)
  const isWithin = (bound: Bound, position: number, sign: 1 | -1): boolean => {
    if (bound.kind === 'unbounded') return true
    const [own, other] = [place(at), place(position)]
    if (bound.kind === 'current' && over.unit !== 'rows')
      return (groups[position] as number) * sign >= (groups[at] as number) * sign
    // A null is a peer of nulls only; they come last.
    if (own === null) return other === null || sign < 0
    if (other === null) return sign > 0
    return (other - own - distance(bound)) * sign >= 0
  }
  return partition
    .map((_row, position) => position)
    .filter((position) => isWithin(over.start, position, 1) && isWithin(over.end, position, -1))
    .filter((position) => {
      if (over.exclude === 'current row') return position !== at
      if (over.exclude === 'group') return !isPeer(position)
      return over.exclude === 'no others' || position === at || !isPeer(position)
    })
}

function partitions(rows: readonly Row[]): Row[][] {
  const all: Row[][] = []
  for (const row of inOrder(rows)) {
    const last = all.at(-1)
    if (last?.[0]?.[0] === row[0]) last?.push(row)
    else all.push([row])
  }
  return all
}

const offset = (side: Bound['side'], count: number, unit: WindowFrame['unit']): Bound => {
  const add = operator(side === 'preceding' ? '-' : '+', INT4, INT4)
  const bound: FrameBound = {
    kind: 'offset',
    expression: constant(count),
    ...(unit === 'range' ? { add } : {}),
  }
  return { ...bound, side }
}

const frames: fc.Arbitrary<WindowFrame> = fc
  .record({
    unit: fc.constantFrom('rows' as const, 'range' as const, 'groups' as const),
    start: fc.constantFrom(
      'unbounded' as const,
      'current' as const,
      'preceding' as const,
      'following' as const,
    ),
    end: fc.constantFrom(
      'unbounded' as const,
      'current' as const,
      'preceding' as const,
      'following' as const,
    ),
    from: fc.integer({ min: 0, max: 4 }),
    to: fc.integer({ min: 0, max: 4 }),
    exclude: fc.constantFrom<Exclude>('no others', 'no others', 'current row', 'group', 'ties'),
  })
  .map(({ unit, start, end, from, to, exclude }) =>
    frame(
      unit,
      start === 'unbounded' ? PRECEDING : start === 'current' ? CURRENT : offset(start, from, unit),
      end === 'unbounded' ? FOLLOWING : end === 'current' ? CURRENT : offset(end, to, unit),
      exclude,
    ),
  )

const value = fc.option(fc.integer({ min: 0, max: 6 }), { freq: 6 })
const rowsArbitrary = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), value, value), { maxLength: 60 })

const shown = (row: Row): Row =>
  row.map((each) => (each instanceof SqlArray ? each.elements.map(Number).join() : each))

describe('window functions', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  for (const memoryBytes of [PLENTY_BYTES, TINY_BYTES]) {
    it(`agree with looking at each row of each frame, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsArbitrary, frames, async (rows, over) => {
          const filter = call('<', column(3), constant(4))
          const calls = [
            windowCall(aggregateFunction('sum', int4), [column(3)], over),
            windowCall(aggregateFunction('min', int4), [column(3)], over),
            windowCall(gather, [column(3)], over),
            { ...windowCall(aggregateFunction('count'), [], over), filter },
            windowCall(windowFunction('first_value', 1), [column(3)], over),
            windowCall(windowFunction('last_value', 1), [column(3)], over),
          ]
          const expected = partitions(rows).flatMap((partition) =>
            partition.map((row, at) => {
              const values = framed(partition, at, over).map((position) => partition[position]?.[2] as Value)
              const numbers = values.filter((each): each is number => each !== null)
              return [
                ...row,
                numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0),
                numbers.length === 0 ? null : Math.min(...numbers),
                values.map(Number).join(),
                numbers.filter((each) => each < 4).length,
                values[0] ?? null,
                values.at(-1) ?? null,
              ]
            }),
          )
          const options = { memoryBytes, batchSize: 8 }
          const found = await runner.rows(windowPlan(inOrder(rows), calls), options)
          assert.deepEqual(found.map(shown), expected)
          await runner.closeSpaces()
        }),
        { numRuns: 150 },
      )
    })

    it(`number rows, also while aggregates run along, in ${memoryBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(rowsArbitrary, fc.boolean(), async (rows, looksAhead) => {
          const calls = [
            windowCall(windowFunction('row_number', 0), [], DEFAULT_FRAME),
            windowCall(windowFunction('rank', 0), [], DEFAULT_FRAME),
            windowCall(windowFunction('dense_rank', 0), [], DEFAULT_FRAME),
            windowCall(aggregateFunction('sum', int4), [column(3)], DEFAULT_FRAME),
            windowCall(aggregateFunction('count', int4), [column(3)], frame('rows', PRECEDING, CURRENT)),
            ...(looksAhead ? [windowCall(windowFunction('lead', 1), [column(3)], DEFAULT_FRAME)] : []),
          ]
          const expected = partitions(rows).flatMap((partition) =>
            partition.map((row, at) => {
              const upTo = framed(partition, at, DEFAULT_FRAME)
              const numbers = upTo.flatMap((position) => partition[position]?.[2] ?? [])
              const isBefore = partition.slice(0, at + 1)
              return [
                ...row,
                at + 1,
                partition.findIndex((other) => other[1] === row[1]) + 1,
                new Set(isBefore.map((other) => other[1])).size,
                numbers.length === 0 ? null : numbers.reduce((a: number, b) => a + Number(b), 0),
                isBefore.filter((other) => other[2] !== null).length,
                ...(looksAhead ? [partition[at + 1]?.[2] ?? null] : []),
              ]
            }),
          )
          const options = { memoryBytes, batchSize: 8 }
          assert.deepEqual(await runner.rows(windowPlan(inOrder(rows), calls), options), expected)
          await runner.closeSpaces()
        }),
        { numRuns: 60 },
      )
    })
  }

  it('find ranges in falling order, and go on beyond what the type can hold', async () => {
    const rows: Row[] = [
      [0, 2147483647, 1],
      [0, 2147483640, 2],
      [0, 10, 3],
      [0, -2147483648, 4],
    ]
    // Before a row come larger values: its preceding bound is the value and the offset together.
    const down = (side: Bound['side'], name: string): Bound => ({
      kind: 'offset',
      expression: constant(8),
      add: operator(name, INT4, INT4),
      side,
    })
    const over = frame('range', down('preceding', '+'), down('following', '-'))
    const plan = windowPlan(rows, [windowCall(gather, [column(3)], over)], {
      orderBy: [descending(column(2))],
    })
    assert.deepEqual((await runner.rows(plan)).map(shown), [
      [0, 2147483647, 1, '1,2'],
      [0, 2147483640, 2, '1,2'],
      [0, 10, 3, '3'],
      [0, -2147483648, 4, '4'],
    ])
  })

  it('refuse offsets that are null or negative', async () => {
    const plan = (start: Value): Window =>
      windowPlan(
        [[0, 0, 0]],
        [
          windowCall(
            gather,
            [column(3)],
            frame('rows', { kind: 'offset', expression: constant(start, INT4), side: 'preceding' }, CURRENT),
          ),
        ],
      )
    await assert.rejects(runner.rows(plan(null)), /frame starting offset must not be null/)
    await assert.rejects(runner.rows(plan(-1)), /frame starting offset must not be negative/)
  })

  it('add and take back each row once, whatever the length of the frame', async () => {
    let steps = 0
    class Counting implements Accumulator {
      readonly sizeBytes = 0
      add(): void {
        steps++
      }
      merge(): void {
        steps++
      }
      result(): Value {
        return 0
      }
    }
    const merging: AggregateFunction = { ...gather, bind: () => () => new Counting() }
    const cost = async (count: number, over: WindowFrame): Promise<number> => {
      const rows = Array.from({ length: count }, (_none, at): Row => [0, at, at])
      steps = 0
      await runner.rows(windowPlan(rows, [windowCall(merging, [column(3)], over)]))
      return steps
    }
    const sliding = frame('rows', offset('preceding', 400, 'rows'), offset('following', 400, 'rows'))
    for (const over of [sliding, frame('rows', CURRENT, FOLLOWING)]) {
      const [small, large] = [await cost(1000, over), await cost(2000, over)]
      assert.ok(large <= 6 * 2000, `${large} steps`)
      assert.ok(large <= 2.2 * small, `${large} steps for twice as many rows as ${small}`)
    }
    const excluding = { ...sliding, exclude: 'ties' as const }
    const [small, large] = [await cost(1000, excluding), await cost(2000, excluding)]
    assert.ok(large <= 2.5 * small, `${large} steps for twice as many rows as ${small}`)
  })
})
