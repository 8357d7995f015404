/** Scans over rows that are at hand as a whole: everything that is asked of an index or a relation is asked of the rows. */
import { defined } from '@orbit-ts/base'
import { ROW_ID_ORDINAL } from '../../../plan/logical-plan.js'
import type { TableScan } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Relation, RowId } from '../../../relation/relation.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import type { Evaluator } from '../../expression/evaluator.js'
import { scopeOf, scopeOfIds, type Scope } from '../../expression/scope.js'
import type { Batches, Run } from '../../run.js'
import type { Access } from './access.js'
import { indexOf, indexOrder } from './index-keys.js'
import { KeyBounds } from './key-bounds.js'

export type RestrictedScan = (run: Run, ids: readonly RowId[]) => Batches

/** The scan over given rows only, as they are now. */
export function compileRestrictedScan(plan: TableScan, access: Access, compiler: Compiler): RestrictedScan {
  const { relation, ordinals } = plan
  const test = compileWholeRowTest(plan, access, compiler)
  const residual = plan.residual && compileCondition(plan.residual, scopeOf(plan.columns), compiler)
  return async function* restrictedScan(run, ids) {
    const accept = await test(run)
    for await (const batch of scanRows(relation, run, ids)) {
      const picked = (await accept(batch)).map((row) => pickOrdinals(row, ordinals))
      const rows = residual === undefined ? picked : await residual(picked, run)
      if (rows.length > 0) yield rows
    }
  }
}

/** Given rows of a relation, by ordinal, their identity last. */
export function scanRows(relation: Relation, run: Run, ids: readonly RowId[]): AsyncIterable<Row[]> {
  const ordinals = relation.columns.map((_column, ordinal) => ordinal)
  return relation.scan(run.context, { columns: [...ordinals, ROW_ID_ORDINAL], access: { kind: 'rows', ids } })
}

/** Expressions over ordinals, for rows as `scanRows` gives them. */
export function wholeRowScope(relation: Relation): Scope {
  return scopeOfIds(relation.columns.map((_column, ordinal) => ordinal))
}

export function pickOrdinals(row: Row, ordinals: readonly number[]): Row {
  return ordinals.map((ordinal) => (ordinal === ROW_ID_ORDINAL ? row.at(-1) : row[ordinal]) as Value)
}

/** Which whole rows the scan finds, its residual left aside: with the values of one opening. */
export function compileWholeRowTest(
  plan: TableScan,
  access: Access,
  compiler: Compiler,
): (run: Run) => Promise<(rows: Row[]) => Promise<Row[]>> {
  const { relation } = plan
  const scope = wholeRowScope(relation)
  const index = plan.access.kind === 'all' ? undefined : indexOf(relation, plan.access.index)
  const predicate = index?.predicate && compileCondition(index.predicate, scope, compiler)
  const keyOf = index && compileIndexKey(relation, index.name, scope, compiler)
  const bounds = index && new KeyBounds(indexOrder(relation, index))
  return async (run) => {
    const ranges = await access.ranges(run)
    return async (batch) => {
      const rows = predicate === undefined ? batch : await predicate(batch, run)
      if (ranges === undefined || keyOf === undefined || bounds === undefined) return rows
      return rows.filter((row) => bounds.contains(ranges, keyOf(row, run)))
    }
  }
}

/** The key that an index has for a row given by ordinals. */
export function compileIndexKey(
  relation: Relation,
  indexName: string,
  scope: Scope,
  compiler: Compiler,
): (row: Row, run: Run) => Row {
  const evaluators = indexOf(relation, indexName).keys.map(({ key }): Evaluator => {
    if (typeof key !== 'number') return compiler.evaluator(key, scope)
    const position = defined(scope.positions.get(key), `column ${key}`)
    return (row) => row[position] as Value
  })
  return (row, run) => evaluators.map((evaluate) => evaluate(row, run))
}
