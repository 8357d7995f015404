import { unreachable } from '@orbit-ts/base'
import type { PhysicalPlan } from '../../plan/physical-plan.js'
import { compileAggregate } from '../operators/aggregate/aggregate.js'
import { compileFilter } from '../operators/filter.js'
import { compileHashJoin } from '../operators/join/hash-join.js'
import { compileIndexJoin } from '../operators/join/index-join.js'
import { compileMergeJoin } from '../operators/join/merge-join.js'
import { compileNestedLoop } from '../operators/join/nested-loop.js'
import { compileLimit } from '../operators/limit.js'
import { compileLock } from '../operators/lock.js'
import { compileModify } from '../operators/modify/modify.js'
import { compileProject } from '../operators/project.js'
import { compileRecursive } from '../operators/recursive.js'
import { compileStoreScan } from '../operators/scan/store-scan.js'
import { compileTableScan } from '../operators/scan/table-scan.js'
import { compileDistinctRows } from '../operators/set/distinct.js'
import { compileSetOperation } from '../operators/set/set-operation.js'
import { compileSort } from '../operators/sort/sort.js'
import { compileTableFunction, compileUnnestCalls } from '../operators/table-function.js'
import { compileValues } from '../operators/values.js'
import { compileWindow } from '../operators/window/window.js'
import { compileCommonScan, compileWith } from '../operators/with.js'
import type { Operator } from '../run.js'
import type { Compiler } from './compiler.js'

export function compileOperator(plan: PhysicalPlan, compiler: Compiler): Operator {
  switch (plan.kind) {
    case 'table-scan':
      return compileTableScan(plan, compiler)
    case 'store-scan':
      return compileStoreScan(plan, compiler)
    case 'values':
      return compileValues(plan, compiler)
    case 'filter':
      return compileFilter(plan, compiler)
    case 'project':
      return compileProject(plan, compiler)
    case 'nested-loop':
      return compileNestedLoop(plan, compiler)
    case 'hash-join':
      return compileHashJoin(plan, compiler)
    case 'merge-join':
      return compileMergeJoin(plan, compiler)
    case 'index-join':
      return compileIndexJoin(plan, compiler)
    case 'aggregate':
      return compileAggregate(plan, compiler)
    case 'window':
      return compileWindow(plan, compiler)
    case 'sort':
      return compileSort(plan, compiler)
    case 'limit':
      return compileLimit(plan, compiler)
    case 'distinct':
      return compileDistinctRows(plan, compiler)
    case 'set-operation':
      return compileSetOperation(plan, compiler)
    case 'table-function':
      return compileTableFunction(plan, compiler)
    case 'unnest-calls':
      return compileUnnestCalls(plan, compiler)
    case 'with':
      return compileWith(plan, compiler)
    case 'common-scan':
      return compileCommonScan(plan, compiler)
    case 'recursive':
      return compileRecursive(plan, compiler)
    case 'lock':
      return compileLock(plan, compiler)
    case 'modify':
      return compileModify(plan, compiler)
    default:
      return unreachable(plan, 'plan')
  }
}
