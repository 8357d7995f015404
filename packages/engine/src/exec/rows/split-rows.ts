import type { Row } from '../../scalar/value.js'
import type { CompareRows } from './compare-rows.js'

/** Neighbouring rows that are equal by an order, together. */
export function* splitRows(batch: Row[], compare: CompareRows): Iterable<Row[]> {
  let start = 0
  for (let at = 1; at <= batch.length; at++) {
    const [before, row] = [batch[at - 1], batch[at]]
    if (before !== undefined && row !== undefined && compare(before, row) === 0) continue
    yield start === 0 && at === batch.length ? batch : batch.slice(start, at)
    start = at
  }
}
