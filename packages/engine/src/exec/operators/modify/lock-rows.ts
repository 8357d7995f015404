import type { ColumnId } from '../../../plan/expression.js'
import type { RelationWrite, RelationWriter, RowId } from '../../../relation/relation.js'
import type { Row } from '../../../scalar/value.js'
import type { Operator, Run } from '../../run.js'

/** Rows that are to be changed. */
interface LockedInput {
  readonly rows: readonly Row[]
  readonly rowId: ColumnId
  readonly idPosition: number
  /** What gave them. */
  readonly input: Operator
}

interface LockTools {
  readonly run: Run
  readonly write: RelationWrite
  readonly writer: RelationWriter
}

/**
 * Locks stored rows until the transaction ends. A row that another transaction changed since it was read is asked for
 * again, as it is now, from the plan that gave it; it is left out when the plan does not give it any more, and when it is
 * gone.
 */
export async function lockRows(locked: LockedInput, tools: LockTools): Promise<Row[]> {
  const { rows, idPosition } = locked
  const { write, writer } = tools
  const ids = rows.map((row) => row[idPosition] as RowId)
  const isThere = await write.lock(ids, 'update', 'block')
  const changed = ids.filter((id, at) => isThere[at] === true && write.hasChanged(id))
  const renewed = changed.length === 0 ? undefined : await readAgain(locked, changed, tools)
  const current: Row[] = []
  for (const [at, row] of rows.entries()) {
    if (isThere[at] !== true) continue
    const id = ids[at] as RowId
    const now = renewed !== undefined && write.hasChanged(id) ? renewed.get(writer.idKey(id)) : row
    if (now !== undefined) current.push(now)
  }
  return current
}

/** The rows that the plan gives for these identities, by identity: the first where it gives several. */
async function readAgain(
  { rowId, idPosition, input }: LockedInput,
  ids: readonly RowId[],
  { run, writer }: LockTools,
): Promise<Map<string | number | bigint, Row>> {
  const found = new Map<string | number | bigint, Row>()
  for await (const batch of input(run.fork(new Map([[rowId, ids]])))) {
    for (const row of batch) {
      const id = row[idPosition] as RowId
      const key = id === null ? undefined : writer.idKey(id)
      if (key !== undefined && !found.has(key)) found.set(key, row)
    }
  }
  return found
}
