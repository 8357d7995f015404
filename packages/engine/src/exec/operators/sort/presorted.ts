import type { Sort } from '../../../plan/physical-plan.js'
import type { Row } from '../../../scalar/value.js'
import type { CompareRows } from '../../rows/compare-rows.js'
import { ExternalSorter } from '../../rows/external-sorter.js'
import type { SizeOf } from '../../rows/row-size.js'
import type { Batches, Operator } from '../../run.js'

/** Sorts rows that come in the order of the first keys: each group of equal ones by the keys that are left. */
export function compilePresorted(
  plan: Sort,
  input: Operator,
  compareGroups: CompareRows,
  compareWithin: CompareRows,
  sizeOf: SizeOf,
): Operator {
  return async function* presorted(run) {
    /** The last group so far; it may go on with the next batch. */
    const open = new ExternalSorter(run, run.account(plan), compareWithin, sizeOf)
    let last: Row | undefined
    try {
      for await (const batch of input(run)) {
        const start = last === undefined ? 0 : endOfGroup(batch, 0, last, compareGroups)
        if (start > 0) await open.add(batch.slice(0, start))
        if (start === batch.length) continue
        yield* drained(open)
        const lastStart = startOfLastGroup(batch, compareGroups)
        const ready = sortGroups(batch, start, lastStart, compareGroups, compareWithin)
        if (ready.length > 0) yield ready
        await open.add(batch.slice(lastStart))
        last = batch.at(-1)
      }
      yield* drained(open)
    } finally {
      open.clear()
    }
  }
}

/** All rows in order; the sorter is empty afterwards. */
async function* drained(sorter: ExternalSorter): Batches {
  yield* sorter.sorted()
  sorter.clear()
}

/** The first row from a position on that does not belong to the group of `row`. */
function endOfGroup(batch: readonly Row[], from: number, row: Row, compare: CompareRows): number {
  let at = from
  while (at < batch.length && compare(row, batch[at] as Row) === 0) at++
  return at
}

function startOfLastGroup(batch: readonly Row[], compare: CompareRows): number {
  let at = batch.length - 1
  while (at > 0 && compare(batch[at - 1] as Row, batch[at] as Row) === 0) at--
  return at
}

/** The whole groups between two positions, each sorted. */
function sortGroups(
  batch: readonly Row[],
  from: number,
  to: number,
  compareGroups: CompareRows,
  compareWithin: CompareRows,
): Row[] {
  const sorted: Row[] = []
  for (let at = from; at < to;) {
    const end = endOfGroup(batch, at + 1, batch[at] as Row, compareGroups)
    if (end === at + 1) sorted.push(batch[at] as Row)
    else sorted.push(...batch.slice(at, end).sort(compareWithin))
    at = end
  }
  return sorted
}
