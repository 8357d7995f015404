import { defined } from '@orbit-ts/base'
import type { InsertPlan, OnConflict } from '../../../plan/logical-plan.js'
import type { RelationWrite, RowId, WriteRow } from '../../../relation/relation.js'
import { queryError } from '../../../scalar/condition.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { compileCondition } from '../../expression/condition.js'
import { scopeOfIds } from '../../expression/scope.js'
import { compileRowKey, type Key } from '../../rows/hash-key.js'
import type { Run } from '../../run.js'
import { compileProjection } from '../project.js'
import { indexOf, indexOrder } from '../scan/index-keys.js'
import { compileIndexKey } from '../scan/restricted-scan.js'
import { compileAssignments } from './assignments.js'

export interface OnConflictWork {
  /** Gives back the rows that were inserted or changed, as stored, in the order of what they were made from. */
  insert(rows: readonly WriteRow[]): Promise<Row[]>
}

export function compileOnConflict(
  plan: InsertPlan,
  onConflict: OnConflict,
  compiler: Compiler,
): (run: Run, write: RelationWrite) => OnConflictWork {
  const { index, update } = onConflict
  if (update === undefined) return (_run, write) => ({ insert: (rows) => insertNew(write, rows, index) })
  const begin = compileUpdating(plan, defined(index, 'the index of ON CONFLICT DO UPDATE'), update, compiler)
  return (run, write) => {
    const work = begin(run, write)
    return { insert: (rows) => work.insert(rows) }
  }
}

async function insertNew(
  write: RelationWrite,
  rows: readonly WriteRow[],
  index: string | undefined,
): Promise<Row[]> {
  const outcomes = await write.insertUnlessExists(rows, index)
  return outcomes.flatMap((outcome) => ('inserted' in outcome ? [outcome.inserted] : []))
}

interface Conflict {
  /** Which of the rows to insert. */
  readonly at: number
  readonly key: Key
  readonly id: RowId
  /** The row that is there, then the one that was to be inserted. */
  readonly joined: Row
}

function compileUpdating(
  plan: InsertPlan,
  index: string,
  update: NonNullable<OnConflict['update']>,
  compiler: Compiler,
): (run: Run, write: RelationWrite) => OnConflictWork {
  const { relation } = plan
  const scope = scopeOfIds(plan.row, update.excluded)
  const accept = update.condition && compileCondition(update.condition, scope, compiler)
  const assigned = compileAssignments(relation, update.assignments)
  const compute = compileProjection(assigned.expressions, scope, compiler)
  const ordinals = scopeOfIds(relation.columns.map((_column, ordinal) => ordinal))
  const keyValues = compileIndexKey(relation, index, ordinals, compiler)
  const keyOfValues = compileRowKey(indexOrder(relation, indexOf(relation, index)).map((key) => key.type))

  return (run, write) => {
    /** Keys of the rows that this statement has inserted or changed. */
    const touched = new Set<Key>()
    const keyOf = (row: Row): Key => keyOfValues(keyValues(row, run), run)
    return {
      insert: async (rows) => {
        const outcomes = await write.insertUnlessExists(rows, index)
        const stored: (Row | undefined)[] = []
        const conflicts: Conflict[] = []
        outcomes.forEach((outcome, at) => {
          if ('inserted' in outcome) {
            stored[at] = outcome.inserted
            touched.add(keyOf(outcome.inserted))
            return
          }
          conflicts.push({
            at,
            key: keyOf(outcome.row),
            id: outcome.existing,
            joined: [...outcome.row, ...outcome.wanted],
          })
        })
        const accepted = await acceptedBy(conflicts, run)
        const changing = new Set(accepted)
        for (const conflict of conflicts) {
          if (touched.has(conflict.key)) throw secondTime()
          // A row that the condition leaves as it is may be met again.
          if (changing.has(conflict)) touched.add(conflict.key)
        }
        const joined = accepted.map((conflict) => conflict.joined)
        const values = await assigned.values(await compute(joined, run), 0, write)
        const changed = await write.update(accepted.map(({ id }, i) => ({ id, values: valuesAt(values, i) })))
        accepted.forEach(({ at }, i) => {
          const row = defined(changed[i], 'the changed row')
          stored[at] = row
          touched.add(keyOf(row))
        })
        return stored.filter((row) => row !== undefined)
      },
    }
  }

  async function acceptedBy(conflicts: Conflict[], run: Run): Promise<Conflict[]> {
    if (accept === undefined) return conflicts
    const rows = new Set(
      await accept(
        conflicts.map(({ joined }) => joined),
        run,
      ),
    )
    return conflicts.filter(({ joined }) => rows.has(joined))
  }
}

function valuesAt(values: readonly (Value | undefined)[][], at: number): (Value | undefined)[] {
  return defined(values[at], 'the assigned values')
}

function secondTime(): Error {
  return queryError(
    'cardinality_violation',
    'ON CONFLICT DO UPDATE command cannot affect row a second time',
    {
      hint: 'Ensure that no rows proposed for insertion within the same command have duplicate constrained values.',
    },
  )
}
