// @ts-check
/** Random tables with few rows, the same on both servers. */
import { literal } from './values.js'

/** @typedef {{ name: string, type: string }} Column */
/** @typedef {{ name: string, columns: readonly Column[], rows: number }} Table */

/** Values that comparisons and sums of queries do something with, few enough to meet. */
const VALUES = /** @type {Readonly<Record<string, readonly string[]>>} */ ({
  integer: ['0', '1', '2', '3', '-1', '10', '100'],
  bigint: ['0', '1', '2', '5', '-3', '4294967296'],
  smallint: ['0', '1', '2', '-1', '300'],
  numeric: ['0', '1.5', '2.50', '-1', '10.25', '100'],
  'double precision': ['0', '0.5', '1.5', '-2.25', '100'],
  text: ['', 'a', 'b', 'ab', 'B', 'abc', 'ä', 'a b'],
  'character varying(5)': ['', 'a', 'b', 'xyz', 'abcde'],
  boolean: ['true', 'false'],
  date: ['2020-01-01', '2020-02-29', '2021-06-15', '1999-12-31'],
  'timestamp without time zone': ['2020-01-01 00:00:00', '2020-02-29 12:30:45.5', '1999-12-31 23:59:59'],
  'timestamp with time zone': ['2020-01-01 00:00:00+00', '2020-02-29 12:30:45.5+00'],
  interval: ['1 day', '02:00:00', '1 month', '00:00:00'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  jsonb: ['1', '"a"', '{"a": 1}', '[1, 2]', '{"a": {"b": "c"}}', 'null'],
  'integer[]': ['{}', '{1,2}', '{3,NULL}', '{2,1}'],
  'text[]': ['{}', '{a,b}', '{b}'],
  bytea: ['\\x', '\\x00', '\\x6162'],
  mood: ['sad', 'ok', 'happy'],
})
const TYPES = Object.keys(VALUES)
const COMMON = [
  'integer',
  'integer',
  'integer',
  'text',
  'text',
  'numeric',
  'bigint',
  'boolean',
  'date',
  'double precision',
]

/** The texts of a column's type that tables hold. @param {string} type */
export const textsOf = (type) => VALUES[type] ?? VALUES['integer'] ?? []

/**
 * @param {import('./random.js').Random} random
 * @returns {{ tables: readonly Table[], statements: readonly string[] }}
 */
export function randomTables(random) {
  /** @type {Table[]} */
  const tables = []
  const statements = []
  for (let index = 0; index < 3; index++) {
    const columns = [{ name: 'id', type: 'integer' }]
    for (let more = random.between(2, 6); more > 0; more--) {
      columns.push({ name: `c${columns.length}`, type: random.pick(random.chance(0.6) ? COMMON : TYPES) })
    }
    const table = { name: `t${index}`, columns, rows: random.pick([0, 2, 5, 8, 12, 20]) }
    tables.push(table)
    statements.push(
      `DROP TABLE IF EXISTS ${table.name} CASCADE`,
      createTable(random, table),
      ...insertRows(random, table),
    )
    for (const { name, type } of random.some(columns.slice(1), random.between(0, 2))) {
      if (/^(json|.*\[\])/.test(type)) continue
      statements.push(`CREATE INDEX ON ${table.name} (${name}${random.pick(['', ' DESC', ', id'])})`)
    }
    if (random.chance(0.5)) statements.push(`ANALYZE ${table.name}`)
  }
  return { tables, statements }
}

/** @param {import('./random.js').Random} random @param {Table} table */
function createTable(random, { name, columns }) {
  const definitions = columns.map(({ name: column, type }, index) => {
    if (index === 0) return `id integer ${random.chance(0.7) ? 'PRIMARY KEY' : 'UNIQUE NOT NULL'}`
    const extra = random.chance(0.1) ? ` DEFAULT ${literal(type, random.pick(textsOf(type)))}` : ''
    return `${column} ${type}${extra}`
  })
  const number = columns.slice(1).find(({ type }) => type === 'integer')
  if (number !== undefined && random.chance(0.3)) definitions.push(`CHECK (${number.name} < 150)`)
  return `CREATE TABLE ${name} (${definitions.join(', ')})`
}

/** @param {import('./random.js').Random} random @param {Table} table */
function insertRows(random, { name, columns, rows }) {
  if (rows === 0) return []
  const lines = Array.from({ length: rows }, (_, row) => {
    const values = columns.map(({ type }, index) => {
      if (index === 0) return String(row + 1)
      return random.chance(0.15) ? 'NULL' : literal(type, random.pick(textsOf(type)))
    })
    return `(${values.join(', ')})`
  })
  return [`INSERT INTO ${name} VALUES ${lines.join(', ')}`]
}
