import { constantExpression } from '../../expressions/conditions.js'
import { isVolatile } from '../../expressions/volatility.js'
import type { AggregateCall } from '../../expression.js'
import { filterPlan, joinPlan } from '../../logical/build-plans.js'
import { isNeverNull, notNullColumns } from '../../logical/not-null.js'
import type { AggregatePlan, LogicalPlan, OutputColumn } from '../../logical-plan.js'
import { bool } from '../../../scalar/types/bool-type.js'
import { int8 } from '../../../scalar/types/integer-types.js'
import { LeafScan } from '../access/leaf-scan.js'

/** More than these are not worth a scan each. */
const CALLS_MAX = 4

/**
 * `min` and `max` of all rows as the first rows of orders, which an index may give without reading the others; undefined
 * where something else is asked for as well.
 */
export function endsOfOrders(plan: AggregatePlan): LogicalPlan | undefined {
  const { aggregates, columns, input } = plan
  const leaf = LeafScan.of(input)
  if (leaf === undefined || leaf.scan.relation.indexes.length === 0) return undefined
  if (aggregates.length === 0 || aggregates.length > CALLS_MAX || !aggregates.every(isEnd)) return undefined
  const parts = aggregates.map((call, at) => firstOf(input, call, columns[at]))
  const [first, ...others] = parts
  return others.reduce<LogicalPlan | undefined>(
    (joined, part) =>
      joined === undefined || part === undefined ? undefined : joinPlan('inner', joined, part, []),
    first,
  )
}

function isEnd({ function: called, args, isDistinct, filter, orderBy }: AggregateCall): boolean {
  const [arg] = args
  if (called.name !== 'min' && called.name !== 'max') return false
  if (arg === undefined || args.length > 1 || isDistinct || filter !== undefined || orderBy.length > 0)
    return false
  return arg.type.scalar.compare !== undefined && !isVolatile(arg)
}

/** The aggregate over the first row that it could take its value from. */
function firstOf(
  input: LogicalPlan,
  call: AggregateCall,
  column: OutputColumn | undefined,
): LogicalPlan | undefined {
  const [arg] = call.args
  if (arg === undefined || column === undefined) return undefined
  const isMax = call.function.name === 'max'
  const type = { scalar: bool, modifier: -1 }
  const present = isNeverNull(arg, notNullColumns(input))
    ? input
    : filterPlan(input, [{ kind: 'test', test: 'null', isNegated: true, arg, type }])
  const { columns } = present
  const sorted: LogicalPlan = {
    kind: 'sort',
    columns,
    input: present,
    keys: [{ expression: arg, isDescending: isMax, nullsFirst: isMax }],
  }
  const limit = constantExpression(1, { scalar: int8, modifier: -1 })
  const limited: LogicalPlan = { kind: 'limit', columns, input: sorted, limit, offset: undefined }
  return { kind: 'aggregate', columns: [column], input: limited, groups: [], aggregates: [call] }
}
