import type { Expression, FrameBound, SortKey, WindowFrame } from '../../../../plan/expression.js'
import type { Node, WindowDef } from '../../parse/tree.js'
import { lookUpOperator } from '../calls/find-operator.js'
import { locationOf } from '../context/facts.js'
import type { StatementState } from '../context/statement-state.js'
import { OID } from '../context/system-types.js'
import { bindExpression } from '../expressions/bind-expression.js'
import type { Clause } from '../scope/clause.js'
import type { QueryScope } from '../scope/query-scope.js'
import { coerce, coerceArgument, tryCoerce } from '../types/coerce.js'
import type { BoundWindow } from './window-clause.js'

/** The bits of `frameOptions` in the tree. */
const BIT = {
  nonDefault: 0x1,
  range: 0x2,
  rows: 0x4,
  groups: 0x8,
  startUnboundedPreceding: 0x20,
  endUnboundedPreceding: 0x40,
  startUnboundedFollowing: 0x80,
  endUnboundedFollowing: 0x100,
  startCurrentRow: 0x200,
  endCurrentRow: 0x400,
  startOffsetPreceding: 0x800,
  endOffsetPreceding: 0x1000,
  startOffsetFollowing: 0x2000,
  endOffsetFollowing: 0x4000,
  excludeCurrentRow: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const

/** `RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW` */
export const DEFAULT_FRAME = BIT.range | BIT.startUnboundedPreceding | BIT.endCurrentRow

/** Frames that the query says, which are not copied. */
export const hasWrittenFrame = new WeakSet<WindowFrame>()

type Window = Pick<BoundWindow, 'partitionBy' | 'orderBy'>

/** The window with its frame. A RANGE of offsets may need the order's value in another type. */
export function bindFrame(
  scope: QueryScope,
  definition: WindowDef,
  window: Window,
  options: number,
): BoundWindow {
  const has = (bit: number): boolean => (options & bit) !== 0
  const unit = has(BIT.rows) ? 'rows' : has(BIT.groups) ? 'groups' : 'range'
  checkOrder(scope.statement, definition, window, options)
  const hasOffset = has(OFFSETS)
  const orderBy =
    unit === 'range' && hasOffset ? window.orderBy.map((key) => addable(scope, key)) : window.orderBy
  const offset = (node: Node | undefined, side: 'preceding' | 'following'): FrameBound =>
    bindOffset(scope, unit, node, side, orderBy[0])
  const frame: WindowFrame = {
    unit,
    start: has(BIT.startUnboundedPreceding)
      ? { kind: 'unbounded', side: 'preceding' }
      : has(BIT.startUnboundedFollowing)
        ? { kind: 'unbounded', side: 'following' }
        : has(BIT.startOffsetPreceding)
          ? { ...offset(definition.startOffset, 'preceding'), side: 'preceding' }
          : has(BIT.startOffsetFollowing)
            ? { ...offset(definition.startOffset, 'following'), side: 'following' }
            : { kind: 'current', side: 'preceding' },
    end: has(BIT.endUnboundedFollowing)
      ? { kind: 'unbounded', side: 'following' }
      : has(BIT.endUnboundedPreceding)
        ? { kind: 'unbounded', side: 'preceding' }
        : has(BIT.endOffsetPreceding)
          ? { ...offset(definition.endOffset, 'preceding'), side: 'preceding' }
          : has(BIT.endOffsetFollowing)
            ? { ...offset(definition.endOffset, 'following'), side: 'following' }
            : { kind: 'current', side: 'following' },
    exclude: has(BIT.excludeCurrentRow)
      ? 'current row'
      : has(BIT.excludeGroup)
        ? 'group'
        : has(BIT.excludeTies)
          ? 'ties'
          : 'no others',
  }
  if (has(BIT.nonDefault)) hasWrittenFrame.add(frame)
  return { partitionBy: window.partitionBy, orderBy, frame }
}

const OFFSETS =
  BIT.startOffsetPreceding | BIT.startOffsetFollowing | BIT.endOffsetPreceding | BIT.endOffsetFollowing

function checkOrder(
  statement: StatementState,
  { location = 0 }: WindowDef,
  { orderBy }: Window,
  options: number,
): void {
  const isRange = (options & (BIT.rows | BIT.groups)) === 0
  if (isRange && (options & OFFSETS) !== 0 && orderBy.length !== 1) {
    throw statement.error(
      'windowing_error',
      'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column',
      location,
    )
  }
  if ((options & BIT.groups) !== 0 && orderBy.length === 0) {
    throw statement.error('windowing_error', 'GROUPS mode requires an ORDER BY clause', location)
  }
}

function bindOffset(
  scope: QueryScope,
  unit: WindowFrame['unit'],
  node: Node | undefined,
  side: 'preceding' | 'following',
  key: SortKey | undefined,
): FrameBound {
  const { statement } = scope
  const clause: Clause = `window ${unit}`
  const what = unit.toUpperCase()
  const { result: bound, met } = scope.watch(() => scope.in(clause, () => bindExpression(scope, node)))
  if (met.deepestColumn === scope.depth) {
    throw statement.error(
      'invalid_column_reference',
      `argument of ${what} must not contain variables`,
      locationOf(bound),
    )
  }
  if (unit !== 'range' || key === undefined) {
    return { kind: 'offset', expression: coerceArgument(statement, bound, OID.int8, what) }
  }
  return rangeOffset(scope, bound, side, key)
}

/** Which type an offset has beside a value of the order. */
const OFFSET_TYPES: Readonly<Record<number, number>> = {
  [OID.int2]: OID.int8,
  [OID.int4]: OID.int8,
  [OID.int8]: OID.int8,
  [OID.float4]: OID.float8,
  [OID.float8]: OID.float8,
  [OID.numeric]: OID.numeric,
  [OID.timestamp]: OID.interval,
  [OID.timestamptz]: OID.interval,
  [OID.interval]: OID.interval,
}

/** Dates and times of day as something that intervals can be added to without leaving the order. */
function addable(scope: QueryScope, key: SortKey): SortKey {
  const { statement } = scope
  const { oid } = key.expression.type.scalar
  const target = oid === OID.date ? OID.timestamp : oid === OID.time ? OID.interval : undefined
  if (target === undefined) return key
  return { ...key, expression: coerce(statement, key.expression, statement.type(target), 'explicit') }
}

function rangeOffset(
  scope: QueryScope,
  bound: Expression,
  side: 'preceding' | 'following',
  key: SortKey,
): FrameBound {
  const { statement } = scope
  const order = key.expression.type.scalar
  const wanted = OFFSET_TYPES[order.oid]
  if (wanted === undefined) {
    throw statement.error(
      'feature_not_supported',
      `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${order.displayName}`,
      locationOf(bound),
    )
  }
  const expression = tryCoerce(statement, bound, statement.type(wanted), 'implicit')
  const sign = (side === 'preceding') === key.isDescending ? '+' : '-'
  const add = lookUpOperator(statement, sign, order, statement.scalar(wanted))
  if (expression === undefined || add === undefined || add === 'ambiguous') {
    throw statement.error(
      'feature_not_supported',
      `RANGE with offset PRECEDING/FOLLOWING is not supported for column type ${order.displayName} and offset type ${bound.type.scalar.displayName}`,
      locationOf(bound),
      { hint: 'Cast the offset value to an appropriate type.' },
    )
  }
  return { kind: 'offset', expression, add }
}
