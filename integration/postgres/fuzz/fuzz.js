// @ts-check
import { connect } from '../compare-servers.js'
import { callablesOf } from './callables.js'
import { differenceOf } from './compare.js'
import { Expressions } from './expressions.js'
import { sqlOf } from './node.js'
import { Random } from './random.js'
import { shrink } from './shrink.js'

/** @typedef {import('./compare.js').Difference} Difference */

const DATABASE = 'fuzz'

/** Both servers begin with these, in the same state. */
const SETUP = [
  'DROP SCHEMA IF EXISTS fuzz CASCADE',
  'CREATE SCHEMA fuzz',
  'SET search_path = fuzz',
  "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
  "SET timezone = 'UTC'",
  "SET statement_timeout = '5s'",
]

/**
 * @param {{
 *   ours: string,
 *   theirs: string,
 *   seed: number,
 *   count: number,
 *   kind: string,
 *   only?: string,
 *   tell: (line: string) => void,
 * }} options
 * @returns {Promise<readonly Difference[]>}
 */
export async function fuzz({ ours, theirs, seed, count, kind, only, tell }) {
  const pair = await connectBoth(ours, theirs)
  try {
    const all = await callablesOf(pair.ours, pair.theirs)
    const callables = only === undefined ? all : all.filter(({ name }) => name === only)
    tell(`seed ${seed}: ${count} statements of kind ${kind} with ${callables.length} functions, operators and casts`)
    /** @type {Difference[]} */
    const differences = []
    for (let index = 0; index < count; index++) {
      // Each statement has a seed of its own, so that one can be repeated without those before it.
      const statementSeed = seed + index
      const expressions = new Expressions(new Random(statementSeed), all)
      const callable = expressions.random.pick(callables)
      const { statement, isOrdered } = expressions.statement(callable, kind === 'nested' ? 3 : 0)
      const found = await differenceOf(pair, sqlOf(statement), isOrdered)
      if (found === undefined) continue
      const small = await shrink(statement, async (node) => {
        const still = await differenceOf(pair, sqlOf(node), isOrdered)
        return still !== undefined && sameKind(still, found)
      })
      const difference = (await differenceOf(pair, sqlOf(small), isOrdered)) ?? found
      differences.push(difference)
      tell(`${difference.sql}\n  ours:   ${shortened(difference.ours)}\n  theirs: ${shortened(difference.theirs)}`)
      const narrowed = only === undefined ? '' : ` --only '${only}'`
      tell(`  again: node integration/postgres/fuzz/main.js --kind ${kind} --seed ${statementSeed} --count 1${narrowed}\n`)
    }
    return differences
  } finally {
    for (const client of [pair.ours, pair.theirs]) await client.end()
  }
}

/**
 * In a schema that is empty but for the enum. PostgreSQL gets a database where letters are those of Unicode, as they
 * are in Orbit; the order is that of code points in both.
 * @param {string} ours
 * @param {string} theirs
 */
export async function connectBoth(ours, theirs) {
  const admin = await connect(theirs)
  const known = await admin.query(`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`)
  if (known.rows.length === 0) {
    await admin.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`)
  }
  await admin.end()
  const pair = { ours: await connect(ours), theirs: await connect(theirs.replace(/[^/]*$/, DATABASE)) }
  for (const client of [pair.ours, pair.theirs]) for (const sql of SETUP) await client.query(sql)
  return pair
}

/** While it is made smaller a difference must not become another one. @param {Difference} a @param {Difference} b */
function sameKind(a, b) {
  const kind = ({ ours, theirs }) => `${errorOf(ours)}/${errorOf(theirs)}`
  return kind(a) === kind(b)
}

/** @param {string} text */
const errorOf = (text) => /^[0-9A-Z]{5}: /.exec(text)?.[0] ?? 'rows'

/** @param {string} text */
const shortened = (text) => (text.length > 600 ? `${text.slice(0, 600)} …` : text).replaceAll('\n', '\n          ')
