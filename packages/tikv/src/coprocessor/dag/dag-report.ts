import type { SelectResponse } from '../../gen/tipb.js'
import type { CoprocessorResponse } from '../coprocessor-options.js'
import type { DagPlan, DagReport, DagStepReport } from './dag-plan.js'

const WARNINGS_MAX = 64

/** Empty; pass it as `report` to one scan or more. */
export function newDagReport(): DagReport {
  return { responses: 0, responseBytes: 0, cachedResponses: 0, rows: 0, steps: [], warnings: [] }
}

/** Adds one answer. */
export function addResponse(
  report: DagReport,
  plan: DagPlan,
  { data, cached }: CoprocessorResponse,
  { warnings, executionSummaries }: SelectResponse,
): void {
  report.responses++
  if (cached) report.cachedResponses++
  else report.responseBytes += data.length
  for (const { msg } of warnings) if (report.warnings.length < WARNINGS_MAX) report.warnings.push(msg)
  // A cached answer tells of work that was done for an earlier scan.
  if (cached || executionSummaries.length === 0) return
  if (report.steps.length === 0) report.steps.push(...stepsOf(plan))
  for (const [at, step] of report.steps.entries()) {
    step.rows += Number(executionSummaries[at]?.numProducedRows ?? 0n)
    step.timeNs += executionSummaries[at]?.timeProcessedNs ?? 0n
  }
}

function stepsOf({ source, conditions = [], aggregate, topN, limit }: DagPlan): DagStepReport[] {
  const names: DagStepReport['step'][] = [source.kind === 'table' ? 'table-scan' : 'index-scan']
  if (conditions.length > 0) names.push('selection')
  if (aggregate !== undefined) names.push('aggregation')
  if (topN !== undefined) names.push('top-n')
  if (limit !== undefined) names.push('limit')
  return names.map((step) => ({ step, rows: 0, timeNs: 0n }))
}
