/** What is expected of work that the store does, in the units of the other costs. */
import { COST } from '../optimize/cost/costs.js'
import type { Aggregate, Estimate, TableScan } from '../physical-plan.js'
import { defaultWidth, rowCountOf } from '../statistics/column-facts.js'

/** Rows that the scan goes through, its conditions left aside. */
function rowsRead({ access, relation, estimate }: TableScan): number {
  const all = rowCountOf(relation)
  return access.kind === 'all' ? all : Math.min(all, Math.max(estimate.rows, estimate.totalCost / COST.row))
}

/** How much of a row is sent. */
function shareOfRow({ relation }: TableScan, ordinals: readonly number[]): number {
  const widthOf = (ordinal: number): number => {
    const column = relation.columns[ordinal]
    const known = relation.statistics?.columns[ordinal]?.averageBytes
    return column === undefined ? 0 : (known ?? defaultWidth(column.type))
  }
  const sum = (all: readonly number[]): number => all.reduce((total, ordinal) => total + widthOf(ordinal), 0)
  return sum(ordinals) / Math.max(1, sum(relation.columns.map((_column, ordinal) => ordinal)))
}

/** Parts of the data are worked on side by side. */
function openingCost({ parts = 1 }: TableScan): number {
  return COST.storeOpen + (parts - 1) * COST.storePart
}

/** @param ordinals of what is sent; @param isCut few of the rows are */
export function scanEstimate(scan: TableScan, ordinals: readonly number[], isCut: boolean): Estimate {
  const { estimate } = scan
  // Of the first rows of each region few are sent.
  const sent = estimate.rows * (isCut ? COST.storeCut : 1)
  const totalCost =
    openingCost(scan) +
    rowsRead(scan) * COST.storeRow +
    sent * (COST.sentRow + COST.sentData * shareOfRow(scan, ordinals))
  return { ...estimate, startupCost: Math.min(COST.storeOpen, totalCost), totalCost }
}

export function aggregateEstimate({ estimate, aggregates }: Aggregate, scan: TableScan): Estimate {
  const perRow = COST.storeRow + COST.aggregate * aggregates.length
  const read = rowsRead(scan)
  // Each part of the data gives its own row of a group that it has rows of.
  const partial = Math.max(estimate.rows, Math.min(read, estimate.rows * (scan.parts ?? 1)))
  const merging = partial * (COST.sentRow + COST.sentData + COST.group)
  const totalCost = openingCost(scan) + read * perRow + merging
  return { ...estimate, startupCost: totalCost, totalCost }
}
