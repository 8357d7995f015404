/** What things cost. The unit is reading one row of a table in order; the figures are rough measurements. */

export const COST = {
  /** Reading a row in the order of the table. */
  row: 1,
  /** Beginning to read somewhere: a table or a range of an index. */
  open: 4,
  /** Reading an entry of an index. */
  entry: 0.8,
  /** Reading the row that an entry of an index leads to, many at once. */
  lookup: 2.5,
  /** Looking up one whole key. */
  point: 4,
  /** Evaluating one function or operator. */
  operation: 0.03,
  /** Handing on a row that is made anew. */
  emit: 0.06,
  hashBuild: 0.5,
  hashProbe: 0.25,
  /** Comparing two rows while sorting. */
  compare: 0.06,
  /** Running a plan inside of an expression once more. */
  subplan: 8,
  /** Looking at one pair of rows of a nested loop. */
  pair: 0.015,
  /** Writing a row to disk and reading it again. */
  spill: 2,
  group: 0.25,
  /** Adding a row to one aggregate. */
  aggregate: 0.05,
  /** Beginning to read somewhere in the store's own way. */
  storeOpen: 8,
  /** Each further part of the data that the store reads, several at once. */
  storePart: 0.5,
  /** A row that the store looks at, beside others. */
  storeRow: 0.3,
  /** A row that the store sends: by itself, and with all of its data. */
  sentRow: 0.3,
  sentData: 0.35,
  /** The share of rows that are left when the store keeps the first ones of each region. */
  storeCut: 0.1,
  /** What a method costs more that the settings ask to avoid. */
  disabled: 1e10,
} as const

/** Sorting rows that come in no order; with `limit` only so many of the first are kept. */
export function sortCost(
  rows: number,
  width: number,
  limit: number | undefined,
  memoryBytes: number,
): number {
  const kept = Math.max(2, Math.min(rows, limit ?? rows))
  const comparisons = rows * Math.log2(kept)
  const isSpilled = limit === undefined && rows * rowBytes(width) > memoryBytes
  return comparisons * COST.compare + rows * COST.emit + (isSpilled ? rows * COST.spill : 0)
}

/** What a row takes while it is kept. */
export function rowBytes(width: number): number {
  return width + 48
}
