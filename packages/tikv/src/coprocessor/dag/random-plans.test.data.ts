import fc from 'fast-check'
import type {
  DagAggregate,
  DagColumn,
  DagExpression,
  DagFunction,
  DagOrder,
  DagPlan,
  DagRow,
  DagSource,
  DagType,
  DagValue,
} from './dag-plan.js'
import { indexRange, rowsRange, withAbsent, type StoredTable } from './stored-table.fake.js'
import type { KeyRange } from '../../key-range.js'

const DECIMAL: DagType = { kind: 'decimal', precision: 12, scale: 3 }

export const COLUMNS: readonly DagColumn[] = [
  { id: 1, type: { kind: 'int' }, isHandle: true },
  { id: 2, type: { kind: 'int' } },
  { id: 3, type: { kind: 'real' } },
  { id: 4, type: DECIMAL },
  { id: 5, type: { kind: 'text' } },
  { id: 6, type: { kind: 'bytes' } },
  { id: 7, type: { kind: 'int', unsigned: true } },
  { id: 8, type: { kind: 'duration' } },
  // Small numbers, for arithmetic; rows may say nothing of it, and such an id makes rows large.
  { id: 300, type: { kind: 'int' }, absent: 7 },
]

const SMALL = 8
const REAL = 2
const DECIMAL_AT = 3
const TEXT = 4

export const tableOf = (id: number): StoredTable => ({
  id,
  columns: COLUMNS,
  indexes: [
    { id: 1, positions: [1, TEXT], isUnique: false },
    { id: 2, positions: [DECIMAL_AT, 7, 6], isUnique: false },
  ],
})

const VALUES: Readonly<Record<string, readonly DagValue[]>> = {
  int: [-1, 0, 1, 2, 5, 2 ** 40, -(2 ** 33), 2n ** 63n - 1n, -(2n ** 63n), 9007199254740993n],
  uint: [0, 1, 255, 256, 2 ** 40, 2n ** 64n - 1n],
  real: [-1.5, -0.25, 0, 0.25, 3, 1024.5],
  decimal: ['-12.500', '0.000', '0.001', '12.500', '999999999.999', '-0.120'],
  text: ['', 'a', 'a ', 'A', 'ab', 'abc', 'ä', 'z%', '日本語', 'a_b', 'x'.repeat(300)],
  duration: [-3600_000_000_000, 0, 1_000_000_000, 86_400_000_000_000],
}
const BYTES = [[], [0], [0, 0], [255, 1], [97], [97, 32]].map((bytes) => Uint8Array.from(bytes))

function valueOf(type: DagType): fc.Arbitrary<NonNullable<DagValue>> {
  if (type.kind === 'bytes') return fc.constantFrom(...BYTES)
  const kind = type.kind === 'int' && type.unsigned === true ? 'uint' : type.kind
  return fc.constantFrom(...((VALUES[kind] ?? []) as NonNullable<DagValue>[]))
}

const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 5 })
const SMALL_VALUE = fc.integer({ min: -9, max: 9 })

/** Rows of different handles; undefined where a row says nothing of a column. */
export const rowsArbitrary: fc.Arbitrary<(DagValue | undefined)[][]> = fc
  .uniqueArray(fc.integer({ min: -300, max: 300 }), { maxLength: 60 })
  .chain((handles) =>
    fc.tuple(
      ...handles.map((handle) =>
        fc.tuple(
          fc.constant<DagValue>(handle),
          ...COLUMNS.slice(1, SMALL).map(({ type }) => nullable(valueOf(type))),
          fc.option(nullable(SMALL_VALUE), { nil: undefined, freq: 4 }),
        ),
      ),
    ),
  )

const column = (offset: number): DagExpression => ({ kind: 'column', offset })
const constant = (type: DagType, value: DagValue): DagExpression => ({ kind: 'constant', type, value })

/** Which of the source's columns are there, by their positions in the table. */
type Offsets = readonly number[]

function operand(at: number, offset: number): fc.Arbitrary<DagExpression> {
  // There are as many columns.
  const { type } = COLUMNS[at] as DagColumn
  const plainOperand = fc.oneof(
    { weight: 3, arbitrary: fc.constant(column(offset)) },
    nullable(valueOf(type)).map((value) => constant(type, value)),
  )
  const op = fc.constantFrom('plus', 'minus', 'multiply')
  const other = at === SMALL ? SMALL_VALUE : valueOf(type)
  if (at !== SMALL && at !== REAL && at !== DECIMAL_AT) return plainOperand
  const arithmetic = fc.tuple(op, other).map(([one, value]): DagExpression => {
    const right = constant(type, value)
    return { kind: 'arithmetic', op: one, left: column(offset), right }
  })
  return fc.oneof({ weight: 3, arbitrary: plainOperand }, arithmetic)
}

const COMPARISONS = fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge', 'is-not-distinct')

function leaf(offsets: Offsets): fc.Arbitrary<DagExpression> {
  return fc.integer({ min: 0, max: offsets.length - 1 }).chain((offset): fc.Arbitrary<DagExpression> => {
    const at = offsets[offset] ?? 0
    const { type } = COLUMNS[at] as DagColumn
    const value = at === SMALL ? SMALL_VALUE : valueOf(type)
    const options: fc.Arbitrary<DagExpression>[] = [
      fc
        .tuple(COMPARISONS, operand(at, offset), operand(at, offset))
        .map(([op, left, right]) => ({ kind: 'compare', op, left, right })),
      fc
        .tuple(operand(at, offset), fc.array(nullable(value), { minLength: 1, maxLength: 4 }))
        .map(([item, list]) => ({ kind: 'in', item, list: list.map((one) => constant(type, one)) })),
      operand(at, offset).map((arg) => ({ kind: 'is-null', arg })),
    ]
    if (type.kind === 'text') {
      const patterns = ['a%', '%b%', '_', 'z|%', '%語', '', '%', 'a|_b', '__%']
      options.push(
        fc
          .constantFrom(...patterns)
          .map((pattern) => ({ kind: 'like', text: column(offset), pattern, escape: '|' })),
      )
    }
    if (at === SMALL) options.push(fc.constant(castCondition(offset)))
    return fc.oneof(...options)
  })
}

/** The small integer, as a decimal and as a double, is where it should be. */
function castCondition(offset: number): DagExpression {
  const to: DagType = { kind: 'decimal', precision: 20, scale: 2 }
  const asDecimal: DagExpression = { kind: 'cast', to, arg: column(offset) }
  const left: DagExpression = {
    kind: 'compare',
    op: 'ge',
    left: asDecimal,
    right: constant(to, '2.00'),
  }
  const asReal: DagExpression = { kind: 'cast', to: { kind: 'real' }, arg: asDecimal }
  const right: DagExpression = {
    kind: 'compare',
    op: 'lt',
    left: asReal,
    right: constant({ kind: 'real' }, 6.5),
  }
  return { kind: 'and', args: [left, right] }
}

function condition(offsets: Offsets): fc.Arbitrary<DagExpression> {
  const { tree } = fc.letrec<{ tree: DagExpression; leaf: DagExpression; node: DagExpression }>((tie) => ({
    leaf: leaf(offsets),
    node: fc.oneof(
      fc
        .tuple(fc.constantFrom('and', 'or'), fc.array(tie('tree'), { minLength: 1, maxLength: 4 }))
        .map(([kind, args]): DagExpression => ({ kind, args })),
      tie('tree').map((arg): DagExpression => ({ kind: 'not', arg })),
    ),
    tree: fc.oneof({ maxDepth: 3 }, { weight: 3, arbitrary: tie('leaf') }, tie('node')),
  }))
  return tree
}

function functionOf(offsets: Offsets): fc.Arbitrary<DagFunction> {
  return fc.integer({ min: 0, max: offsets.length - 1 }).chain((offset): fc.Arbitrary<DagFunction> => {
    const at = offsets[offset] ?? 0
    const arg = column(offset)
    const options: DagFunction[] = [
      { kind: 'count' },
      { kind: 'count', arg },
      { kind: 'min', arg },
      { kind: 'max', arg },
    ]
    const kind = COLUMNS[at]?.type.kind
    if (kind === 'int' || kind === 'real' || kind === 'decimal')
      options.push({ kind: 'sum', arg }, { kind: 'avg', arg })
    return fc.constantFrom(...options)
  })
}

function aggregateOf(offsets: Offsets): fc.Arbitrary<DagAggregate> {
  const offset = fc.integer({ min: 0, max: offsets.length - 1 })
  return fc.record({
    functions: fc.array(functionOf(offsets), { minLength: 1, maxLength: 4 }),
    groupBy: fc.array(offset.map(column), { maxLength: 2 }),
  })
}

/** The last one tells all rows apart. */
function orderOf(offsets: Offsets): fc.Arbitrary<DagOrder[]> {
  const offset = fc.integer({ min: 0, max: offsets.length - 1 })
  const order = fc.record({
    by: offset.map(column),
    descending: fc.boolean(),
    nulls: fc.constantFrom(undefined, 'first' as const, 'last' as const),
  })
  const last: DagOrder = { by: column(offsets.indexOf(0)) }
  return fc.array(order, { maxLength: 2 }).map((some) => [...some, last])
}

export interface RandomPlan {
  readonly plan: DagPlan
  readonly ranges: readonly KeyRange[]
  /** The table's rows as the plan's source has them, in the order in which it scans them. */
  readonly source: (rows: readonly (readonly (DagValue | undefined)[])[]) => DagRow[]
}

const ALL: Offsets = [...COLUMNS.keys()]

function sourceOf(table: StoredTable, indexId: number | undefined): { source: DagSource; offsets: Offsets } {
  const index = table.indexes.find(({ id }) => id === indexId)
  if (index === undefined)
    return { source: { kind: 'table', tableId: table.id, columns: COLUMNS }, offsets: ALL }
  const offsets = [...index.positions, 0]
  // There are as many columns.
  const columns = offsets.map((at) => COLUMNS[at] as DagColumn)
  return { source: { kind: 'index', tableId: table.id, indexId: index.id, columns }, offsets }
}

/** Plans over the rows or an index of the table. */
export function planArbitrary(table: StoredTable): fc.Arbitrary<RandomPlan> {
  return fc
    .tuple(fc.constantFrom(undefined, undefined, 1, 2), fc.boolean())
    .chain(([indexId, descending]) => {
      const { source, offsets } = sourceOf(table, indexId)
      const conditions = fc.array(condition(offsets), { maxLength: 2 })
      const limit = fc.integer({ min: 1, max: 20 })
      const output = fc.option(
        fc.array(fc.integer({ min: 0, max: offsets.length - 1 }), { minLength: 1, maxLength: 5 }),
        { nil: undefined },
      )
      const step = fc.oneof<fc.Arbitrary<Partial<DagPlan>>[]>(
        output.map((own) => ({ output: own })),
        fc.record({ limit, output }),
        fc.record({ orderBy: orderOf(offsets), limit }).map((topN) => ({ topN })),
        aggregateOf(offsets).map((aggregate) => ({ aggregate })),
      )
      return fc.tuple(conditions, step).map(([all, one]): RandomPlan => ({
        plan: { source, descending, conditions: all, ...one },
        ranges: [indexId === undefined ? rowsRange(table.id) : indexRange(table.id, indexId)],
        source: (rows) => scanned(rows, indexId, offsets, descending),
      }))
    })
}

function scanned(
  rows: readonly (readonly (DagValue | undefined)[])[],
  indexId: number | undefined,
  offsets: Offsets,
  descending: boolean,
): DagRow[] {
  const whole = rows.map((row) => withAbsent(COLUMNS, row))
  const sorted = whole.toSorted((one, other) => {
    for (const at of indexId === undefined ? [0] : offsets) {
      const order = compareNullable(one[at] ?? null, other[at] ?? null)
      if (order !== 0) return order
    }
    return 0
  })
  const own = sorted.map((row) => offsets.map((at) => row[at] ?? null))
  return descending ? own.reverse() : own
}

function compareNullable(one: DagValue, other: DagValue): number {
  if (one === null || other === null) return Number(other === null) - Number(one === null)
  if (typeof one === 'string' && typeof other === 'string') {
    const isDecimal = /^-?\d+\.\d{3}$/
    if (isDecimal.test(one) && isDecimal.test(other)) return Number(one) - Number(other)
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  }
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other)
  return one < other ? -1 : one > other ? 1 : 0
}
