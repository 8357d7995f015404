import type { Anomaly, Dice } from '@orbit-ts/tikv/testing/histories'
import type { Database, ObjectSchema } from '../database.js'
import { int4, text } from '../models/relational/schema/column-types.js'
import { audit } from '../models/relational/table-database.test.data.js'
import { table } from '../models/relational/table.js'
import type { Ended, FaultWorkload, Step } from './fault-workload.test.data.js'

const CODES = 5
const REDEFINITIONS = 0.03

const columns = { id: int4().primaryKey(), code: text().notNull() }
const shapes = table('shapes', columns)

/** The same rows, with other indexes: the first is there in one, the second in another, both in the last. */
const VERSIONS: readonly ObjectSchema[] = [
  shapes,
  table('shapes', columns, { indexes: [{ name: 'by_code', columns: ['code'] }] }),
  table('shapes', columns, { indexes: [{ name: 'by_code_and_id', columns: ['code', 'id'] }] }),
  table('shapes', columns, {
    indexes: [
      { name: 'by_code', columns: ['code'] },
      { name: 'by_code_and_id', columns: ['code', 'id'] },
    ],
  }),
]

/**
 * Rows of a table whose indexes come and go: an index without the entry of a row, or with one of none, would tell that
 * somebody wrote by a definition that was no longer so.
 */
export const definitions: FaultWorkload = {
  name: 'rows of a table that is redefined',
  schema: [shapes],
  refusals: [],
  fill: async (tx) => {
    for (let id = -10; id < 0; id++) await tx.table(shapes).insert({ id, code: `code-${-id % CODES}` })
  },
  next: (dice) => {
    const code = `code-${dice.between(0, CODES - 1)}`
    if (dice.chance(REDEFINITIONS)) return redefine(dice)
    return dice.pick([add, add, add, remove, recode, look])(code)
  },
  check: async (db, ended) => {
    await db.resume()
    const rows = await auditRows(db)
    return typeof rows === 'string' ? [{ kind: 'index', detail: rows }] : checkOutcomes(rows, ended)
  },
}

function redefine(dice: Dice): Step {
  const at = dice.between(0, VERSIONS.length - 1)
  return { label: `redefine ${at}`, schema: VERSIONS[at] ?? shapes, run: () => Promise.resolve() }
}

function add(code: string): Step {
  return {
    label: `add ${code}`,
    run: async (tx, attempt) => {
      await tx.table(shapes).insert({ id: attempt.id, code })
      attempt.made.push(attempt.id)
    },
  }
}

function remove(code: string): Step {
  return {
    label: `remove ${code}`,
    run: async (tx, attempt) => {
      const [row] = await tx.table(shapes).find({ where: { code }, limit: 1 })
      if (row === undefined) return
      await tx.table(shapes).delete(row.id)
      attempt.removed.push(row.id)
    },
  }
}

function recode(code: string): Step {
  return {
    label: `recode ${code}`,
    run: async (tx) => {
      const [row] = await tx.table(shapes).find({ where: { code }, limit: 1 })
      if (row !== undefined) await tx.table(shapes).update(row.id, { code: `${code}+` })
    },
  }
}

/** What an index finds is what there is. */
function look(code: string): Step {
  return {
    label: `look ${code}`,
    run: async (tx) => {
      const found = await tx.table(shapes).find({ where: { code } })
      const all = await tx.table(shapes).find()
      const textOf = (rows: readonly { id: number; code: string }[]): string =>
        rows
          .filter((row) => row.code === code)
          .map(({ id }) => id)
          .sort((a, b) => a - b)
          .join(' ')
      if (textOf(found) !== textOf(all))
        throw new Error(`rows of ${code}: found ${textOf(found)}, there are ${textOf(all)}`)
    },
  }
}

async function auditRows(db: Database): Promise<ReadonlySet<number> | string> {
  try {
    await audit(db, 'shapes')
    return new Set((await db.table(shapes).find()).map(({ id }) => id))
  } catch (error) {
    return String(error)
  }
}

function checkOutcomes(rows: ReadonlySet<number>, ended: readonly Ended[]): Anomaly[] {
  const perhapsGone = new Set(
    ended.flatMap(({ attempt, transaction }) => (transaction.outcome === 'aborted' ? [] : attempt.removed)),
  )
  return ended.flatMap(({ attempt, transaction: { outcome } }) =>
    attempt.made.flatMap((id) => {
      if (outcome === 'committed' && !rows.has(id) && !perhapsGone.has(id))
        return [{ kind: 'lost-write', detail: `row ${id} is lost` }]
      if (outcome === 'aborted' && rows.has(id))
        return [{ kind: 'aborted-write', detail: `row ${id} is there` }]
      return []
    }),
  )
}
