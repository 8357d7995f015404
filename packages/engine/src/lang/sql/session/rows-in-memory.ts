import type { Row } from '../../../scalar/value.js'
import type { ResultColumn, StatementResult } from '../session-contract.js'

/** Rows that are there already, as a result. */
export function rowsInMemory(columns: readonly ResultColumn[], rows: Row[], tag: string): StatementResult {
  return {
    kind: 'rows',
    columns,
    // Asynchronous by contract: other results wait for their rows.
    batches: (async function* () {
      if (rows.length > 0) yield rows
    })(),
    tag: () => tag,
  }
}
