import type { PushedExpression, PushedRefusal } from '@orbit-ts/storage'
import type { StoreCondition, StoreTest } from '../../../plan/physical-plan.js'
import type { StoredRows } from '../../../relation/stored-rows.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { evaluateAll } from '../../expression/evaluate-all.js'
import { NO_ROW } from '../../expression/evaluator.js'
import { EMPTY_SCOPE } from '../../expression/scope.js'
import type { Run } from '../../run.js'

/** Values of one IN. */
const ELEMENTS_MAX = 1024

type Conditions = { readonly all: readonly PushedExpression[] } | PushedRefusal

/** The conditions with the values of one opening. */
export function compileStoreConditions(
  conditions: readonly StoreCondition[],
  stored: StoredRows,
  compiler: Compiler,
): (run: Run) => Promise<Conditions> {
  const tests = conditions.flatMap(testsOf)
  const evaluators = tests.map(({ value }) => compiler.anyEvaluator(value, EMPTY_SCOPE))
  return async (run) => {
    let bound: ReadonlyMap<StoreTest, Bound>
    try {
      const values = await evaluateAll(evaluators, NO_ROW, run)
      bound = new Map(tests.map((test, at) => [test, bindTest(test, values[at] ?? null, stored)]))
    } catch {
      // It may never be asked for, or be an error of a row: whoever reads the rows finds out.
      return { refused: 'a value cannot be computed beforehand' }
    }
    const all = allOf(conditions.map((condition) => bind(condition, bound)))
    return all === undefined ? { refused: 'the store has no equal of a value' } : { all }
  }
}

function testsOf(condition: StoreCondition): StoreTest[] {
  switch (condition.kind) {
    case 'test':
      return [condition]
    case 'column':
      return []
    case 'compare':
      return [...testsOf(condition.left), ...testsOf(condition.right)]
    case 'and':
    case 'or':
      return condition.args.flatMap(testsOf)
    case 'not':
    case 'is-null':
      return testsOf(condition.arg)
    case 'like':
      return testsOf(condition.text)
    case 'in':
      return [...testsOf(condition.item), ...condition.list.flatMap(testsOf)]
  }
}

/** Undefined: there is a value that the store has no equal of. */
type Bound = PushedExpression | undefined

function bind(condition: StoreCondition, tests: ReadonlyMap<StoreTest, Bound>): Bound {
  const inner = (part: StoreCondition): Bound => bind(part, tests)
  switch (condition.kind) {
    case 'test':
      return tests.get(condition)
    case 'column':
      return condition
    case 'compare': {
      const left = inner(condition.left)
      const right = inner(condition.right)
      return left && right && { kind: 'compare', op: condition.op, left, right }
    }
    case 'and':
    case 'or': {
      const args = allOf(condition.args.map(inner))
      return args && { kind: condition.kind, args }
    }
    case 'not':
    case 'is-null': {
      const arg = inner(condition.arg)
      return arg && { kind: condition.kind, arg }
    }
    case 'like': {
      const text = inner(condition.text)
      return text && { kind: 'like', text, pattern: condition.pattern }
    }
    case 'in': {
      const item = inner(condition.item)
      const list = allOf(condition.list.map(inner))
      return item && list && { kind: 'in', item, list }
    }
  }
}

const FALSE: PushedExpression = { kind: 'constant', type: { kind: 'int' }, value: 0 }
const UNKNOWN: PushedExpression = { kind: 'constant', type: { kind: 'int' }, value: null }

function bindTest({ test, ordinal }: StoreTest, value: Value, stored: StoredRows): Bound {
  const column: PushedExpression = { kind: 'column', offset: ordinal }
  switch (test) {
    case 'same': {
      const isNull: PushedExpression = { kind: 'is-null', arg: column }
      if (value === null) return isNull
      const equal = stored.compare(ordinal, 'eq', value)
      return equal && { kind: 'and', args: [{ kind: 'not', arg: isNull }, equal] }
    }
    case 'one-of':
      return isOneOf(ordinal, value, stored)
    case 'like':
      if (value === null) return UNKNOWN
      // A backslash at the end is an error, but only where there is a row.
      return typeof value === 'string' && !value.endsWith('\\')
        ? { kind: 'like', text: column, pattern: value }
        : undefined
    default:
      return value === null ? UNKNOWN : stored.compare(ordinal, test, value)
  }
}

function isOneOf(ordinal: number, array: Value, stored: StoredRows): Bound {
  if (array === null) return UNKNOWN
  if (!(array instanceof SqlArray) || array.elements.length > ELEMENTS_MAX) return undefined
  const known = array.elements.filter((element) => element !== null)
  const hasNull = known.length < array.elements.length
  if (known.length === 0) return hasNull ? UNKNOWN : FALSE
  const found = stored.isOneOf(ordinal, known)
  return found && (hasNull ? { kind: 'or', args: [found, UNKNOWN] } : found)
}

function allOf(parts: readonly Bound[]): PushedExpression[] | undefined {
  const there = parts.filter((part) => part !== undefined)
  return there.length === parts.length ? there : undefined
}
