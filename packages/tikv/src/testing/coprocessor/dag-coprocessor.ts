import { encodeDecimal, wholeDigits } from '../../coprocessor/dag/dag-decimal.js'
import { DatumSink } from '../../coprocessor/dag/datum-sink.js'
import { Response as CopResponse, type Request as CopRequest } from '../../gen/coprocessor.js'
import {
  Chunk,
  DAGRequest,
  EncodeType,
  ExecType,
  ExecutorExecutionSummary,
  SelectResponse,
  type Executor,
} from '../../gen/tipb.js'
import type { CoprocessorExecutor, CoprocessorScope } from '../store/coprocessor.js'
import { EvaluationError, LockedError, PlanRefusal } from './dag-failure.js'
import { stepOf, type Step } from './executors.js'
import { IndexEntries } from './index-entries.js'
import { ScanCursor } from './scan-cursor.js'
import type { ServerRow, ServerType, ServerValue } from './server-value.js'
import { isDecimal } from './server-value.js'
import { TableRows } from './table-rows.js'

const DAG = 103n
const BATCH_FIRST = 32
const BATCH_MAX = 1024

/**
 * Runs DAG plans as TiKV does: table and index scans of TiDB's layout, selection, limit, top-n and aggregation, with the
 * functions that plans of this client have. What it does not know it refuses, as TiKV refuses what it does not.
 */
export const dagCoprocessor: CoprocessorExecutor = (request, scope) => {
  const { isCacheEnabled, cacheIfMatchVersion } = request
  // 0: the client has no answer.
  if (isCacheEnabled && cacheIfMatchVersion > 0n && cacheIfMatchVersion === scope.dataVersion)
    return CopResponse.create({ isCacheHit: true, cacheLastVersion: scope.dataVersion })
  try {
    return new PlanRun(request, scope).answer()
  } catch (error) {
    if (error instanceof LockedError) return CopResponse.create({ locked: error.lock })
    if (error instanceof PlanRefusal) return CopResponse.create({ otherError: error.message })
    throw error
  }
}

interface CountedStep extends Step {
  readonly summary: ExecutorExecutionSummary
}

/** One plan on its way through one request. */
class PlanRun {
  readonly #request: CopRequest
  readonly #scope: CoprocessorScope
  readonly #dag: DAGRequest
  readonly #cursor: ScanCursor
  readonly #steps: readonly CountedStep[]
  readonly #output: readonly { readonly at: number; readonly type: ServerType }[]
  /** The last of the steps. */
  readonly #outermost: Step

  constructor(request: CopRequest, scope: CoprocessorScope) {
    if (request.tp !== DAG) throw new PlanRefusal(`unsupported tp ${request.tp}`)
    this.#request = request
    this.#scope = scope
    this.#dag = parsed(request.data)
    const [scan, ...others] = this.#dag.executors
    if (scan === undefined) throw new PlanRefusal('No executors')
    this.#cursor = new ScanCursor(request, scope, scanFacts(scan))
    const steps = [counted(scanStep(scan, this.#cursor))]
    for (const executor of others) steps.push(counted(stepOf(lastOf(steps), executor)))
    this.#steps = steps
    this.#outermost = lastOf(steps)
    this.#output = this.#dag.outputOffsets.map((at) => {
      const type = this.#outermost.types[at]
      if (type !== undefined) return { at, type }
      const facts = `schema has ${this.#outermost.types.length} columns, access index ${at}`
      throw new PlanRefusal(`Invalid output offset (${facts})`)
    })
  }

  answer(): CopResponse {
    try {
      return this.#run()
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error
      const failed = SelectResponse.fromPartial({ error: { code: error.code, msg: error.message } })
      return CopResponse.create({ data: SelectResponse.encode(failed).finish() })
    }
  }

  #run(): CopResponse {
    const pageSize = Number(this.#request.pagingSize)
    const chunks: Chunk[] = []
    let rows = 0
    for (let size = BATCH_FIRST; ; size = Math.min(size * 2, BATCH_MAX)) {
      const batch = this.#outermost.next(size)
      if (batch.rows.length > 0) chunks.push(Chunk.create({ rowsData: this.#encode(batch.rows) }))
      rows += batch.rows.length
      if (batch.isDrained) return this.#respond(chunks, undefined)
      if (pageSize > 0 && rows >= pageSize) return this.#respond(chunks, this.#cursor.covered())
    }
  }

  #respond(chunks: Chunk[], range: CopResponse['range']): CopResponse {
    const { isCacheEnabled } = this.#request
    const response = SelectResponse.fromPartial({
      chunks,
      encodeType: EncodeType.TypeDefault,
      outputCounts: this.#cursor.counts.map(BigInt),
      executionSummaries: this.#dag.collectExecutionSummaries
        ? this.#steps.map(({ summary }) => summary)
        : [],
    })
    return CopResponse.create({
      data: SelectResponse.encode(response).finish(),
      range,
      cacheLastVersion: this.#scope.dataVersion,
      canBeCached: isCacheEnabled && this.#cursor.isCurrent(),
    })
  }

  #encode(rows: readonly ServerRow[]): Uint8Array {
    const sink = new DatumSink()
    // A row has a value for each column.
    for (const row of rows)
      for (const { at, type } of this.#output) encodeValue(sink, row[at] as ServerValue, type)
    return sink.take()
  }
}

function parsed(data: Uint8Array): DAGRequest {
  try {
    return DAGRequest.decode(data)
  } catch (error) {
    throw new PlanRefusal(`the plan is no DAGRequest: ${String(error)}`)
  }
}

function scanFacts({ tblScan, idxScan }: Executor): { descending: boolean; acceptsPoints: boolean } {
  return {
    descending: tblScan?.desc ?? idxScan?.desc ?? false,
    acceptsPoints: tblScan === undefined ? idxScan?.unique === true : tblScan.primaryColumnIds.length === 0,
  }
}

function lastOf(steps: readonly CountedStep[]): CountedStep {
  const last = steps.at(-1)
  if (last !== undefined) return last
  throw new PlanRefusal('No executors')
}

function scanStep(scan: Executor, cursor: ScanCursor): Step {
  const reader = readerOf(scan)
  return {
    types: reader.types,
    next: (size) => {
      const rows = cursor.next(size).map((pair) => reader.row(pair))
      return { rows, isDrained: cursor.isDrained }
    },
  }
}

function readerOf({ tp, tblScan, idxScan }: Executor): TableRows | IndexEntries {
  if (tp === ExecType.TypeTableScan && tblScan !== undefined) return new TableRows(tblScan)
  if (tp === ExecType.TypeIndexScan && idxScan !== undefined) return new IndexEntries(idxScan)
  throw new PlanRefusal(`Unexpected first executor ${tp}`)
}

function counted(step: Step): CountedStep {
  const summary = ExecutorExecutionSummary.create()
  return {
    types: step.types,
    summary,
    next: (size) => {
      const batch = step.next(size)
      summary.numIterations++
      summary.numProducedRows += BigInt(batch.rows.length)
      return batch
    },
  }
}

function encodeValue(sink: DatumSink, value: ServerValue, { kind, unsigned }: ServerType): void {
  if (value === null) sink.null()
  else if (isDecimal(value)) {
    const precision = Math.max(1, wholeDigits(value) + value.scale)
    sink.datum({ kind: 'decimal', value: encodeDecimal(value, precision) })
  } else if (value instanceof Uint8Array) sink.datum({ kind: 'bytes', value })
  else if (kind === 'real') sink.datum({ kind: 'real', value: Number(value) })
  else if (kind === 'duration') sink.datum({ kind: 'duration', value })
  else sink.datum({ kind: unsigned ? 'uint' : 'int', value })
}
