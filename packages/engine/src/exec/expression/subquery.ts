/**
 * Plans inside of expressions. Without references to outer rows one is run once in an execution, when its value is first
 * asked for; otherwise once for each different set of outer values, as far as they are remembered.
 */
import { defined } from '@orbit-ts/base'
import type { Expression, SubqueryExpression } from '../../plan/expression.js'
import { SqlArray } from '../../scalar/array/sql-array.js'
import { queryError } from '../../scalar/condition.js'
import type { Row, Value } from '../../scalar/value.js'
import type { CompiledSubquery, Compiler } from '../compile/compiler.js'
import type { Run } from '../run.js'
import { evaluateAll } from './evaluate-all.js'
import type { AnyEvaluator } from './evaluator.js'
import { Memo } from './memo.js'
import type { Scope } from './scope.js'
import { compileRowTest, type RowTest } from './subquery-comparison.js'
import { SubqueryRows } from './subquery-rows.js'

/** How the rows of a plan, being read, make a value. */
type Answer = (rows: AsyncIterable<Row[]>, left: readonly Value[], run: Run) => Promise<Value>

export function compileSubquery(
  expression: SubqueryExpression,
  scope: Scope,
  compiler: Compiler,
  compile: (part: Expression) => AnyEvaluator,
): AnyEvaluator {
  const plan = compiler.subquery(expression.plan)
  const left = (expression.left ?? []).map(compile)
  const correlation = compileCorrelation(plan, scope, compiler)
  if (correlation === undefined) {
    return expression.mode === 'any' || expression.mode === 'all'
      ? compileKeptRows(expression, plan, left, compiler)
      : compileOnce(plan, answerOf(expression), compiler)
  }
  return compileCorrelated(plan, correlation, left, answerOf(expression), compiler)
}

interface Correlation {
  /** Copied from the row that the expression is computed for. */
  readonly bound: readonly { readonly position: number; readonly slot: number }[]
  /** All slots that the plan reads. */
  readonly slots: readonly number[]
}

function compileCorrelation(
  plan: CompiledSubquery,
  scope: Scope,
  compiler: Compiler,
): Correlation | undefined {
  if (plan.references.size === 0) return undefined
  const bound: { position: number; slot: number }[] = []
  const slots: number[] = []
  for (const column of plan.references) {
    const position = scope.positions.get(column)
    const slot = position === undefined ? compiler.slot(column) : compiler.ownSlot(column)
    slots.push(slot)
    if (position !== undefined) bound.push({ position, slot })
  }
  return { bound, slots }
}

function compileOnce(plan: CompiledSubquery, answer: Answer, compiler: Compiler): AnyEvaluator {
  const cell = compiler.cell()
  return (_row, run) => {
    const kept = run.cells[cell] as { value: Value } | undefined
    if (kept !== undefined) return kept.value
    return answer(plan.operator(run), [], run).then((value) => {
      run.cells[cell] = { value }
      return value
    })
  }
}

/** The rows are kept, and each left side is compared with them. */
function compileKeptRows(
  expression: SubqueryExpression,
  plan: CompiledSubquery,
  left: readonly AnyEvaluator[],
  compiler: Compiler,
): AnyEvaluator {
  const cell = compiler.cell()
  const rows = new SubqueryRows(expression, plan.columns)
  return (row, run) => {
    const values = evaluateAll(left, row, run)
    const kept = run.cells[cell] as ReturnType<SubqueryRows['load']> | undefined
    if (kept !== undefined && !(values instanceof Promise)) {
      const loaded = rows.ifLoaded(kept)
      if (loaded !== undefined) return rows.test(loaded, values, run)
    }
    const loading = kept ?? rows.load(plan.operator(run), run)
    run.cells[cell] = loading
    return Promise.all([values, loading.ready]).then(([settled, loaded]) => rows.test(loaded, settled, run))
  }
}

function compileCorrelated(
  plan: CompiledSubquery,
  correlation: Correlation,
  left: readonly AnyEvaluator[],
  answer: Answer,
  compiler: Compiler,
): AnyEvaluator {
  const cell = compiler.cell()
  const { isRepeatable } = plan
  return (row, run) => {
    const values = evaluateAll(left, row, run)
    if (values instanceof Promise) return values.then((settled) => evaluate(row, run, settled))
    return evaluate(row, run, values)
  }

  function evaluate(row: Row, run: Run, values: readonly Value[]): Value | Promise<Value> {
    const before = bind(correlation, row, run)
    const memo = isRepeatable ? memoOf(run) : undefined
    const key = memo?.keyOf([...correlation.slots.map((slot) => run.outer[slot] ?? null), ...values]) ?? ''
    const remembered = memo?.get(key)
    if (remembered !== undefined) {
      unbind(correlation, before, run)
      return remembered
    }
    return answer(plan.operator(run), values, run)
      .then((value) => {
        memo?.remember(key, value)
        return value
      })
      .finally(() => unbind(correlation, before, run))
  }

  function memoOf(run: Run): Memo {
    const known = run.cells[cell] as Memo | undefined
    if (known !== undefined) return known
    const memo = new Memo()
    run.cells[cell] = memo
    return memo
  }
}

/** Sets the slots from the row; gives what was there, for an opening around this one. */
function bind(correlation: Correlation, row: Row, run: Run): Value[] {
  return correlation.bound.map(({ position, slot }) => {
    const before = run.outer[slot] ?? null
    run.outer[slot] = row[position] ?? null
    return before
  })
}

function unbind(correlation: Correlation, before: readonly Value[], run: Run): void {
  correlation.bound.forEach(({ slot }, at) => {
    run.outer[slot] = before[at] ?? null
  })
}

function answerOf(expression: SubqueryExpression): Answer {
  switch (expression.mode) {
    case 'scalar':
      return onlyValue
    case 'exists':
      return hasRow
    case 'array':
      return arrayOfRows
    case 'any':
    case 'all':
      return quantified(compileRowTest(expression), expression.mode === 'any')
  }
}

const onlyValue: Answer = async (rows) => {
  let value: Value | undefined
  for await (const batch of rows) {
    if (value !== undefined || batch.length > 1) {
      throw queryError(
        'cardinality_violation',
        'more than one row returned by a subquery used as an expression',
      )
    }
    value = defined(batch[0], 'a row of the batch')[0] ?? null
  }
  return value ?? null
}

const hasRow: Answer = async (rows) => {
  for await (const batch of rows) return batch.length > 0
  return false
}

const arrayOfRows: Answer = async (rows, _left, run) => {
  const values: Value[] = []
  for await (const batch of rows) {
    for (const row of batch) values.push(row[0] ?? null)
    await run.spend(batch.length)
  }
  return stacked(values)
}

/** Arrays become the elements of one with a dimension more. */
function stacked(values: Value[]): SqlArray {
  const [first] = values
  if (!(first instanceof SqlArray)) return new SqlArray(values)
  const inner = first.dimensions
  const elements = values.flatMap((value) => {
    const isAlike =
      value instanceof SqlArray &&
      value.dimensions.length === inner.length &&
      value.dimensions.every(({ length }, at) => length === inner[at]?.length)
    if (!isAlike) {
      throw queryError('array_subscript_error', 'cannot accumulate arrays of different dimensionality')
    }
    return value.elements
  })
  return inner.length === 0
    ? new SqlArray([])
    : new SqlArray(elements, [{ length: values.length, lower: 1 }, ...inner])
}

function quantified(test: RowTest, isAny: boolean): Answer {
  return async (rows, left, run) => {
    let result: Value = !isAny
    for await (const batch of rows) {
      for (const row of batch) {
        const answer = test(left, row, run)
        if (answer === isAny) return isAny
        if (answer === null) result = null
      }
      await run.spend(batch.length)
    }
    return result
  }
}
