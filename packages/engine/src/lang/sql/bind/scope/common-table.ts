import type { OrbitError } from '@orbit-ts/base'
import type { DataType } from '../../../../scalar/data-type.js'
import type { RecordField } from '../../../../scalar/record-value.js'
import type { ColumnOrigin } from '../context/facts.js'
import type { QueryScope } from './query-scope.js'

/** A query of a WITH clause, as those that read it see it. */
export interface CommonTable {
  readonly name: string
  /** What a `CommonScanPlan` names: the definition's, or the recursion's while its own step is bound. */
  readonly id: number
  readonly columns: readonly CommonColumn[] | undefined
  /** How many places read it. */
  uses: number
  /** Why it cannot be read here. */
  readonly refuse?: (location: number) => OrbitError
  /** Told of each reference, for the checks of recursion. */
  readonly onUse?: (scope: QueryScope, location: number) => void
}

export interface CommonColumn {
  readonly name: string
  readonly type: DataType
  readonly origin?: ColumnOrigin
  readonly fields?: readonly RecordField[]
  /** Not in `*`. */
  readonly isHidden?: boolean
}
