/**
 * What comes out of a join of any type, whatever finds the pairs: for each left row `begin`, `offer` for each right row
 * that may match, `end`.
 */
import { defined } from '@orbit-ts/base'
import type { Expression } from '../../../plan/expression.js'
import type { JoinType } from '../../../plan/logical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import type { AnyEvaluator, Evaluator } from '../../expression/evaluator.js'
import { isAsync } from '../../expression/is-async.js'
import type { Scope } from '../../expression/scope.js'
import type { Run } from '../../run.js'

export interface JoinShape {
  readonly type: JoinType
  readonly leftWidth: number
  readonly rightWidth: number
  /** Over the rows of both sides; undefined: what is offered matches. */
  readonly residual: Evaluator | undefined
  /** In the place of `residual` where it may have to wait. */
  readonly waiting: AnyEvaluator | undefined
  readonly isNullAware: boolean
  /** One match of a left row is as good as many. */
  readonly needsOne: boolean
}

export function compileJoinShape(
  type: JoinType,
  leftWidth: number,
  rightWidth: number,
  residual: Expression | undefined,
  scope: Scope,
  isNullAware: boolean,
  compiler: Compiler,
): JoinShape {
  const waits = residual !== undefined && isAsync(residual)
  return {
    type,
    leftWidth,
    rightWidth,
    residual: residual === undefined || waits ? undefined : compiler.evaluator(residual, scope),
    waiting: waits ? compiler.anyEvaluator(residual, scope) : undefined,
    isNullAware,
    needsOne: type === 'semi' || type === 'anti',
  }
}

export class JoinOutput {
  readonly shape: JoinShape
  readonly #run: Run
  readonly #nulls: Row
  readonly #keepsPairs: boolean
  #left: Row = []
  #hasMatch = false
  rows: Row[] = []

  constructor(shape: JoinShape, run: Run) {
    this.shape = shape
    this.#run = run
    this.#nulls = new Array<Value>(shape.rightWidth).fill(null)
    this.#keepsPairs = !shape.needsOne
  }

  begin(left: Row): void {
    this.#left = left
    this.#hasMatch = false
  }

  /** Whether the left row has found a match. */
  get hasMatch(): boolean {
    return this.#hasMatch
  }

  /** True when no further match changes anything. */
  get isDecided(): boolean {
    return this.#hasMatch && this.shape.needsOne
  }

  /** Whether the right row matches. Only where the residual never waits. */
  offer(right: Row): boolean {
    const { residual, isNullAware } = this.shape
    if (residual === undefined) return this.#accept(right, undefined)
    const joined = joinRows(this.#left, right)
    const answer = residual(joined, this.#run)
    if (answer !== true && !(isNullAware && answer === null)) return false
    return this.#accept(right, joined)
  }

  /** As `offer`, where the residual may wait. */
  async offerWaiting(right: Row): Promise<boolean> {
    const joined = joinRows(this.#left, right)
    const answer = await defined(this.shape.waiting, 'a residual that waits')(joined, this.#run)
    if (answer !== true && !(this.shape.isNullAware && answer === null)) return false
    return this.#accept(right, joined)
  }

  end(): void {
    switch (this.shape.type) {
      case 'left':
      case 'full':
        if (!this.#hasMatch) this.rows.push(joinRows(this.#left, this.#nulls))
        return
      case 'semi':
        if (this.#hasMatch) this.rows.push(this.#left)
        return
      case 'anti':
        if (!this.#hasMatch) this.rows.push(this.#left)
        return
      case 'inner':
      case 'right':
        return
    }
  }

  /** A right row that nothing matched, of `right` and `full` joins. */
  unmatched(right: Row): void {
    const row = new Array<Value>(this.shape.leftWidth).fill(null)
    for (const value of right) row.push(value)
    this.rows.push(row)
  }

  /** The rows so far, which are then the caller's. */
  take(): Row[] {
    const { rows } = this
    this.rows = []
    return rows
  }

  #accept(right: Row, joined: Row | undefined): true {
    this.#hasMatch = true
    if (this.#keepsPairs) this.rows.push(joined ?? joinRows(this.#left, right))
    return true
  }
}

export function joinRows(left: Row, right: Row): Row {
  const joined = left.slice()
  for (const value of right) joined.push(value)
  return joined
}

/** `right` and `full` joins have to know which right rows found no match. */
export function keepsUnmatched(type: JoinType): boolean {
  return type === 'right' || type === 'full'
}
