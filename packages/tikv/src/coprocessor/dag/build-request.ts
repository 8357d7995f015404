import {
  Aggregation,
  ByItem,
  DAGRequest,
  EncodeType,
  ExecType,
  Executor,
  IndexScan,
  Limit,
  Selection,
  TableScan,
  TopN,
} from '../../gen/tipb.js'
import { buildExpression, buildFunction } from './build-expression.js'
import type { DagAggregate, DagColumn, DagOrder, DagPlan } from './dag-plan.js'
import { outputTypes } from './dag-types.js'
import { columnInfo } from './field-types.js'

/**
 * The bytes of a checked plan as servers take them.
 *
 * Answers are asked for as rows of datums: that is what every server can send (unistore knows nothing else), and values
 * for rows of JavaScript are made of it in one pass.
 */
export function buildRequest(plan: DagPlan, collectSummaries: boolean): Uint8Array {
  const { columns } = plan.source
  const executors = [scan(plan)]
  const { conditions = [], aggregate, topN, limit } = plan
  if (conditions.length > 0) {
    const selection = Selection.fromPartial({
      conditions: conditions.map((one) => buildExpression(one, columns)),
    })
    executors.push(Executor.fromPartial({ tp: ExecType.TypeSelection, selection }))
  }
  if (aggregate !== undefined) executors.push(aggregation(aggregate, columns))
  if (topN !== undefined) {
    const orderBy = topN.orderBy.flatMap((order) => orderItems(order, columns))
    executors.push(
      Executor.fromPartial({
        tp: ExecType.TypeTopN,
        topN: TopN.fromPartial({ orderBy, limit: BigInt(topN.limit) }),
      }),
    )
  }
  if (limit !== undefined)
    executors.push(
      Executor.fromPartial({ tp: ExecType.TypeLimit, limit: Limit.fromPartial({ limit: BigInt(limit) }) }),
    )
  const request = DAGRequest.fromPartial({
    executors,
    outputOffsets: [...(plan.output ?? outputTypes(plan).keys())],
    encodeType: EncodeType.TypeDefault,
    timeZoneName: 'UTC',
    collectExecutionSummaries: collectSummaries,
  })
  return DAGRequest.encode(request).finish()
}

function scan({ source, descending: desc = false }: DagPlan): Executor {
  const columns = source.columns.map(columnInfo)
  const tableId = BigInt(source.tableId)
  const primaryColumnIds = (source.primaryKey ?? []).map(BigInt)
  if (source.kind === 'table') {
    const primaryPrefixColumnIds = (source.primaryKeyInRows ?? []).map(BigInt)
    const tblScan = TableScan.fromPartial({
      tableId,
      columns,
      desc,
      primaryColumnIds,
      primaryPrefixColumnIds,
    })
    return Executor.fromPartial({ tp: ExecType.TypeTableScan, tblScan })
  }
  const { indexId } = source
  // `unique` stays off: servers would take ranges such as [key, key + 1) for that very key, though it be a prefix.
  const idxScan = IndexScan.fromPartial({
    tableId,
    indexId: BigInt(indexId),
    columns,
    desc,
    primaryColumnIds,
  })
  return Executor.fromPartial({ tp: ExecType.TypeIndexScan, idxScan })
}

function aggregation(
  { functions, groupBy, isOrdered }: DagAggregate,
  columns: readonly DagColumn[],
): Executor {
  // unistore answers a stream without functions and without rows with a row of its own invention.
  const streamed = isOrdered === true && groupBy.length > 0 && functions.length > 0
  return Executor.fromPartial({
    tp: streamed ? ExecType.TypeStreamAgg : ExecType.TypeAggregation,
    aggregation: Aggregation.fromPartial({
      groupBy: groupBy.map((by) => buildExpression(by, columns)),
      aggFunc: functions.flatMap((one) => buildFunction(one, columns)),
      streamed,
    }),
  })
}

/** Servers sort null before all values: where it is wanted elsewhere, whether it is null is sorted by first. */
function orderItems(
  { by, descending = false, nulls = descending ? 'first' : 'last' }: DagOrder,
  columns: readonly DagColumn[],
): ByItem[] {
  const item = ByItem.fromPartial({ expr: buildExpression(by, columns), desc: descending })
  const isHandle = by.kind === 'column' && columns[by.offset]?.isHandle === true
  if (isHandle || nulls === (descending ? 'last' : 'first')) return [item]
  const isNull = ByItem.fromPartial({
    expr: buildExpression({ kind: 'is-null', arg: by }, columns),
    desc: nulls === 'first',
  })
  return [isNull, item]
}
