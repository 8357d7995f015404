import type { PushedExpression, PushedRefusal } from '@orbit-ts/storage'
import type { StoreCondition, StoreValue } from '../../../plan/physical-plan.js'
import type { StoredRows } from '../../../relation/stored-rows.js'
import { SqlArray } from '../../../scalar/array/sql-array.js'
import type { Row, Value } from '../../../scalar/value.js'
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
  const leaves = conditions.flatMap(leavesOf)
  const evaluators = leaves.map(({ expression }) => compiler.anyEvaluator(expression, EMPTY_SCOPE))
  return async (run) => {
    let values: Row
    try {
      values = await evaluateAll(evaluators, NO_ROW, run)
    } catch {
      // It may never be asked for, or be an error of a row: whoever reads the rows finds out.
      return { refused: 'a value cannot be computed beforehand' }
    }
    const bound = new Map(leaves.map((leaf, at) => [leaf, values[at] as Value]))
    const all = conditions.map((condition) => bind(condition, bound, stored))
    return all.every((condition) => condition !== undefined)
      ? { all }
      : { refused: 'the store has no equal of a value' }
  }
}

function leavesOf(condition: StoreCondition): StoreValue[] {
  switch (condition.kind) {
    case 'value':
    case 'elements':
      return [condition]
    case 'column':
      return []
    case 'compare':
      return [...leavesOf(condition.left), ...leavesOf(condition.right)]
    case 'and':
    case 'or':
      return condition.args.flatMap(leavesOf)
    case 'not':
    case 'is-null':
      return leavesOf(condition.arg)
    case 'in':
      return [...leavesOf(condition.item), ...condition.list.flatMap(leavesOf)]
  }
}

type Bound = PushedExpression | undefined

/** Undefined: there is a value that the store has no equal of. */
function bind(
  condition: StoreCondition,
  values: ReadonlyMap<StoreValue, Value>,
  stored: StoredRows,
): Bound {
  const inner = (part: StoreCondition): Bound => bind(part, values, stored)
  switch (condition.kind) {
    case 'column':
      return condition
    case 'value':
      return stored.constantOf(condition.ordinal, values.get(condition) ?? null)
    case 'elements':
      return undefined
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
    case 'in': {
      const item = inner(condition.item)
      const [elements] = condition.list
      return item && elements?.kind === 'elements' ? isOneOf(item, elements, values, stored) : undefined
    }
  }
}

const FALSE: PushedExpression = { kind: 'constant', type: { kind: 'int' }, value: 0 }
const UNKNOWN: PushedExpression = { kind: 'constant', type: { kind: 'int' }, value: null }

function isOneOf(
  item: PushedExpression,
  leaf: StoreValue,
  values: ReadonlyMap<StoreValue, Value>,
  stored: StoredRows,
): Bound {
  const array = values.get(leaf)
  if (array === null) return UNKNOWN
  if (!(array instanceof SqlArray) || array.elements.length > ELEMENTS_MAX) return undefined
  const known = array.elements.filter((element) => element !== null)
  const hasNull = known.length < array.elements.length
  if (known.length === 0) return hasNull ? UNKNOWN : FALSE
  const list = allOf(known.map((element) => stored.constantOf(leaf.ordinal, element)))
  if (list === undefined) return undefined
  const found: PushedExpression = { kind: 'in', item, list }
  return hasNull ? { kind: 'or', args: [found, UNKNOWN] } : found
}

function allOf(parts: readonly Bound[]): PushedExpression[] | undefined {
  const there = parts.filter((part) => part !== undefined)
  return there.length === parts.length ? there : undefined
}
