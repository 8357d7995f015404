/** The columns of a join, those of USING and NATURAL merged into one. */
import type { Expression } from '../../../../plan/expression.js'
import type { JoinType } from '../../../../plan/logical-plan.js'
import { namedOperatorCall } from '../calls/operator-call.js'
import type { StatementState } from '../context/statement-state.js'
import { allOf } from '../expressions/boolean.js'
import type { RangeColumn } from '../scope/range-item.js'
import { coerceToBoolean } from '../types/coerce.js'
import { toCommonType } from '../types/common-type.js'

export interface Merge {
  /** Merged ones first, then the others of the left and of the right side. */
  readonly columns: readonly RangeColumn[]
  readonly mergedCount: number
  /** Undefined: nothing is compared. */
  readonly condition: Expression | undefined
}

export function mergeColumns(
  statement: StatementState,
  type: JoinType,
  names: readonly string[],
  left: readonly RangeColumn[],
  right: readonly RangeColumn[],
  isNatural: boolean,
): Merge {
  if (names.length === 0) return { columns: [...left, ...right], mergedCount: 0, condition: undefined }
  checkRepetition(statement, names)
  const pairs = names.map((name) => ({
    name,
    left: onlyColumn(statement, left, name, 'left', isNatural),
    right: onlyColumn(statement, right, name, 'right', isNatural),
  }))
  const conditions = pairs.map((pair) => equal(statement, pair.left, pair.right))
  const merged = pairs.map((pair) => mergedColumn(statement, type, pair.left, pair.right))
  return {
    columns: [
      ...merged,
      ...left.filter((column) => !pairs.some((pair) => pair.left === column)),
      ...right.filter((column) => !pairs.some((pair) => pair.right === column)),
    ],
    mergedCount: merged.length,
    condition: allOf(statement, conditions, 'JOIN/USING'),
  }
}

function checkRepetition(statement: StatementState, names: readonly string[]): void {
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) === index) continue
    throw statement.error('duplicate_column', `column name "${name}" appears more than once in USING clause`)
  }
}

function onlyColumn(
  statement: StatementState,
  columns: readonly RangeColumn[],
  name: string,
  side: 'left' | 'right',
  isNatural: boolean,
): RangeColumn {
  const found = columns.filter((column) => column.name === name && !(isNatural && column.isHidden === true))
  const [column] = found
  if (column === undefined) {
    throw statement.error(
      'undefined_column',
      `column "${name}" specified in USING clause does not exist in ${side} table`,
    )
  }
  if (found.length > 1) {
    throw statement.error(
      'ambiguous_column',
      `common column name "${name}" appears more than once in ${side} table`,
    )
  }
  return column
}

function equal(statement: StatementState, left: RangeColumn, right: RangeColumn): Expression {
  read(left)
  read(right)
  const comparison = namedOperatorCall(statement, '=', { ...left.value }, { ...right.value }, undefined)
  return coerceToBoolean(statement, comparison, 'JOIN/USING')
}

function read(column: RangeColumn): void {
  for (const { use, column: name } of column.reads ?? []) use.columns?.add(name)
}

/** The value of whichever side has one; of an inner join the one that needs no conversion. */
function mergedColumn(
  statement: StatementState,
  type: JoinType,
  left: RangeColumn,
  right: RangeColumn,
): RangeColumn {
  const sides = toCommonType(statement, [{ ...left.value }, { ...right.value }], 'JOIN/USING')
  const [leftValue = left.value, rightValue = right.value] = sides.expressions
  const prefersRight =
    type === 'right' || (type === 'inner' && leftValue.kind !== 'column' && rightValue.kind === 'column')
  const [source, plain] = prefersRight ? [right, rightValue] : [left, leftValue]
  const value: Expression =
    type === 'full' ? { kind: 'coalesce', args: [leftValue, rightValue], type: sides.type } : plain
  return {
    name: left.name,
    type: value.type,
    value,
    reads: [...(left.reads ?? []), ...(right.reads ?? [])],
    ...(value.kind === 'column' && source.origin !== undefined ? { origin: source.origin } : {}),
  }
}
