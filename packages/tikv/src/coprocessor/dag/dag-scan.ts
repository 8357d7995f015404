import { hasCode, OrbitError } from '@orbit-ts/base'
import { EncodeType, SelectResponse } from '../../gen/tipb.js'
import type { KeyRange } from '../../key-range.js'
import type { Timestamp } from '../../timestamp.js'
import type {
  CoprocessorOptions,
  CoprocessorRequest,
  CoprocessorResponse,
  PagingOptions,
} from '../coprocessor-options.js'
import { buildRequest } from './build-request.js'
import { checkPlan } from './check-plan.js'
import type { DagCounter } from './dag-counter.js'
import { planError } from './dag-error.js'
import type { DagPlan, DagRow, DagScanOptions, DagType } from './dag-plan.js'
import { addResponse } from './dag-report.js'
import { outputTypes } from './dag-types.js'
import { DatumSource } from './datum-source.js'
import { scanRanges } from './scan-ranges.js'

/** What a row scan keeps of one region at a time, and small enough that the first rows come soon. */
const PAGING: PagingOptions = { minSize: 1024, maxSize: 32_768 }

type Send = (request: CoprocessorRequest, options: CoprocessorOptions) => AsyncIterable<CoprocessorResponse>

export interface DagScan {
  readonly startTs: Timestamp
  readonly plan: DagPlan
  readonly ranges: readonly KeyRange[]
  readonly options: DagScanOptions
  readonly counter: DagCounter
}

/** Runs a plan over ranges and takes the answers apart, batch by batch as servers made them. */
export async function* dagScan(send: Send, scan: DagScan): AsyncGenerator<DagRow[], void, void> {
  checkPlan(scan.plan)
  scan.counter.begun()
  try {
    yield* batches(send, scan)
  } catch (error) {
    if (hasCode(error, 'STORE_REFUSED')) scan.counter.refused()
    throw error
  }
}

async function* batches(send: Send, scan: DagScan): AsyncGenerator<DagRow[], void, void> {
  const { plan, startTs, ranges, options, counter } = scan
  const { report, ...others } = options
  const data = buildRequest(plan, report !== undefined)
  const request = { data, ranges: scanRanges(plan.source, ranges), startTs, descending: plan.descending }
  const isPaged = plan.aggregate === undefined && plan.topN === undefined
  const paging = pagingOf(others.paging, isPaged)
  const types = outputTypes(plan)
  let left = plan.limit ?? Infinity
  for await (const response of send(request, { ...others, paging })) {
    counter.answered(response)
    const answer = selectResponse(response)
    if (report !== undefined) addResponse(report, plan, response, answer)
    for (const { rowsData } of answer.chunks) {
      const rows = rowsOf(rowsData, types, left)
      left -= rows.length
      if (report !== undefined) report.rows += rows.length
      counter.gave(rows.length)
      if (rows.length > 0) yield rows
      if (left <= 0) return
    }
  }
}

function pagingOf(paging: CoprocessorOptions['paging'], byDefault: boolean): PagingOptions | false {
  if (paging === false || (paging === undefined && !byDefault)) return false
  return { ...PAGING, ...(typeof paging === 'object' ? paging : {}) }
}

function selectResponse(response: CoprocessorResponse): SelectResponse {
  let answer: SelectResponse
  try {
    answer = SelectResponse.decode(response.data)
  } catch (cause) {
    throw new OrbitError('PROTOCOL_VIOLATION', 'Coprocessor: an answer is no SelectResponse', {}, { cause })
  }
  if (answer.error !== undefined) throw planError(answer.error, response.regionId)
  if (answer.encodeType === EncodeType.TypeDefault) return answer
  throw new OrbitError(
    'PROTOCOL_VIOLATION',
    `Coprocessor: an answer has encoding ${answer.encodeType}, which was not asked for`,
  )
}

function rowsOf(data: Uint8Array, types: readonly DagType[], max: number): DagRow[] {
  const source = new DatumSource(data)
  const rows: DagRow[] = []
  while (!source.isAtEnd && rows.length < max) rows.push(types.map((type) => source.value(type)))
  return rows
}
