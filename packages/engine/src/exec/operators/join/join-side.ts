import type { Expression } from '../../../plan/expression.js'
import type { OutputColumn } from '../../../plan/logical-plan.js'
import type { PhysicalPlan } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { isAsync } from '../../expression/is-async.js'
import { scopeOf, type Scope } from '../../expression/scope.js'
import { compileMatchKey, type MatchKeyOf } from '../../rows/hash-key.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Operator } from '../../run.js'
import { compileExtended } from '../extend.js'

/** One side of a join, with keys that have to be waited for added behind its rows. */
export interface JoinSide {
  readonly operator: Operator
  readonly scope: Scope
  readonly columns: readonly OutputColumn[]
  readonly keys: readonly Expression[]
  readonly sizeOf: SizeOf
}

export function compileJoinSide(
  plan: PhysicalPlan,
  keys: readonly Expression[],
  compiler: Compiler,
): JoinSide {
  const extended = compileExtended(compiler.operator(plan), scopeOf(plan.columns), keys, isAsync, compiler)
  return {
    operator: extended.operator,
    scope: extended.scope,
    columns: plan.columns,
    keys: extended.expressions,
    sizeOf: compileRowSize(plan.columns.map((column) => column.type)),
  }
}

export function compileSideKey(
  side: JoinSide,
  nullsEqual: readonly boolean[] | undefined,
  compiler: Compiler,
): MatchKeyOf {
  return compileMatchKey(
    side.keys.map((key) => compiler.evaluator(key, side.scope)),
    side.keys.map((key) => key.type),
    nullsEqual,
  )
}

export function joinedScope(left: Scope, right: Scope): Scope {
  const positions = new Map(left.positions)
  for (const [column, position] of right.positions) positions.set(column, left.width + position)
  return { positions, width: left.width + right.width }
}

/** Joined rows without what was added to the sides. */
export function withoutAdded(
  operator: Operator,
  left: Pick<JoinSide, 'scope' | 'columns'>,
  right: Pick<JoinSide, 'scope' | 'columns'>,
  isLeftOnly: boolean,
): Operator {
  const leftWidth = left.columns.length
  const rightWidth = right.columns.length
  if (left.scope.width === leftWidth && (isLeftOnly || right.scope.width === rightWidth)) return operator
  const kept = Array.from({ length: leftWidth }, (_none, at) => at)
  if (!isLeftOnly) for (let at = 0; at < rightWidth; at++) kept.push(left.scope.width + at)
  return async function* narrowed(run) {
    for await (const batch of operator(run)) {
      yield batch.map((row): Row => kept.map((position) => row[position] as Value))
    }
  }
}
