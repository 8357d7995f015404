// @ts-check
import { INDEXES, TABLES } from './tables.js'

const ROWS_PER_INSERT = 500

/**
 * Creates the tables with their keys and indexes, fills and analyzes them.
 * @param {(sql: string) => Promise<unknown>} run
 * @param {Record<string, import('./generate-rows.js').Row[]>} rows by table
 */
export async function fillTables(run, rows) {
  for (const { name, columns } of TABLES) {
    await run(`CREATE TABLE ${name} (${columns})`)
    const all = rows[name] ?? []
    for (let from = 0; from < all.length; from += ROWS_PER_INSERT) {
      const values = all.slice(from, from + ROWS_PER_INSERT).map((row) => `(${row.map(literal).join()})`)
      await run(`INSERT INTO ${name} VALUES ${values.join()}`)
    }
  }
  for (const index of INDEXES) await run(index)
  await run('ANALYZE')
}

/** @param {string | number} value */
function literal(value) {
  return typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`
}
