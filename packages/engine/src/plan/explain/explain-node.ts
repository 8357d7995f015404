import type { Estimate } from '../physical-plan.js'

/** What one operator did when the plan was run. As the executor counts it. */
export interface OperatorFigures {
  readonly rows: number
  readonly loops: number
  readonly startupMs: number
  readonly totalMs: number
  readonly memoryPeakBytes: number
  readonly spilledBytes: number
  readonly removedRows: number
  readonly refused?: string
}

export type PropertyValue = string | number | boolean | readonly string[]

export interface Property {
  readonly label: string
  readonly value: PropertyValue
  /** How the text format writes it where that is not `label: value`. */
  readonly text?: string
  /** Of one of the formats only. */
  readonly only?: 'text' | 'json'
  /** Shown where costs are. */
  readonly isEstimate?: true
}

/** One operator as EXPLAIN shows it, in PostgreSQL's words. */
export interface ExplainNode {
  /** `Index Scan using t_pkey on t`. */
  readonly title: string
  /** The same taken apart: `Node Type`, `Index Name`, … */
  readonly facts: readonly Property[]
  readonly estimate: Estimate
  readonly figures: OperatorFigures | undefined
  /** False where nothing can be said of what it did. */
  readonly isMeasured: boolean
  readonly properties: readonly Property[]
  readonly children: readonly ExplainChild[]
}

export interface ExplainChild {
  readonly relationship: 'Outer' | 'Inner' | 'Member' | 'InitPlan' | 'SubPlan' | 'Subquery'
  /** `CTE x`, `SubPlan 1`, `InitPlan 1 (returns $0)`. */
  readonly name?: string
  readonly node: ExplainNode
}

export interface ExplainOptions {
  /** Default: true. */
  readonly costs?: boolean
  readonly verbose?: boolean
  /** Times beside rows, where the plan was run. Default: true. */
  readonly timing?: boolean
  /** Milliseconds, for the lines at the end. */
  readonly planningMs?: number
  readonly executionMs?: number
}

/** Whether a property belongs into a format. */
export function isShown(
  { only, isEstimate }: Property,
  format: 'text' | 'json',
  { costs = true }: ExplainOptions,
): boolean {
  return (only === undefined || only === format) && (costs || isEstimate !== true)
}
