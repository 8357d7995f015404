// @ts-check
import { connect } from '../compare-servers.js'
import { callablesOf } from './callables.js'
import { differenceOf } from './compare.js'
import { Expressions } from './expressions.js'
import { sqlOf } from './node.js'
import { Queries } from './queries.js'
import { Random } from './random.js'
import { shrink } from './shrink.js'
import { randomTables } from './tables.js'

/** @typedef {import('./compare.js').Difference} Difference */
/** @typedef {import('./compare.js').Pair} Pair */
/** @typedef {import('./callables.js').Callable} Callable */
/**
 * @typedef {'calls' | 'nested' | 'queries'} Kind
 * `calls`: one function, operator, aggregate or cast on values at the edges of its types; `nested`: calls in calls;
 * `queries`: queries and changes of random tables.
 */

export const KINDS = /** @type {readonly Kind[]} */ (['calls', 'nested', 'queries'])

const DATABASE = 'fuzz'
/** So many calls after another are made with the same settings. */
const CALLS_PER_SETTINGS = 100
/** What the texts and the meaning of values depend on. */
const SETTINGS = [
  "SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 1",
  "SET timezone = 'America/New_York'; SET datestyle = 'SQL, DMY'; SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'; SET extra_float_digits = 0",
  "SET timezone = 'Asia/Tokyo'; SET datestyle = 'Postgres, MDY'; SET intervalstyle = 'postgres_verbose'; SET extra_float_digits = -3",
  "SET timezone = 'Europe/Berlin'; SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; SET extra_float_digits = 3",
]
/** So many queries after another have the same tables. */
const QUERIES_PER_TABLES = 40

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
 *   kind: Kind,
 *   only?: string | undefined,
 *   tell: (line: string) => void,
 * }} options `only`: the name of the one function or operator to call
 * @returns {Promise<readonly Difference[]>}
 */
export async function fuzz({ ours, theirs, seed, count, kind, only, tell }) {
  const pair = await connectBoth(ours, theirs)
  try {
    const maker =
      kind === 'queries'
        ? queryMaker(pair)
        : callMaker(pair, await callablesOf(pair.ours, pair.theirs), kind, only)
    tell(`seed ${seed}: ${count} statements of kind ${kind}`)
    /** @type {Difference[]} */
    const differences = []
    for (let index = 0; index < count; index++) {
      // Each statement has a seed of its own, so that one can be repeated without those before it.
      const own = seed + index
      const { statement, isOrdered, setup, check } = await maker(own)
      const run = (/** @type {import('./node.js').SqlNode} */ node) =>
        differenceOf(pair, [sqlOf(node), ...check], isOrdered, kind)
      const found = await run(statement)
      if (found === undefined) continue
      const small = await shrink(statement, async (node) => {
        const still = await run(node)
        return still !== undefined && sameKind(still, found)
      })
      const difference = { ...((await run(small)) ?? found), setup }
      differences.push(difference)
      tell(
        `${difference.sql.join(';\n')}\n  ours:   ${shortened(difference.ours)}\n  theirs: ${shortened(difference.theirs)}`,
      )
      const narrowed = only === undefined ? '' : ` --only '${only}'`
      tell(
        `  again: node integration/postgres/fuzz/main.js --kind ${kind} --seed ${own} --count 1${narrowed}\n`,
      )
    }
    return differences
  } finally {
    for (const client of [pair.ours, pair.theirs]) await client.end()
  }
}

/**
 * @typedef {{
 *   statement: import('./node.js').SqlNode,
 *   isOrdered: boolean,
 *   setup: readonly string[],
 *   check: readonly string[],
 * }} Trial
 * `setup`: what makes the tables it needs; `check`: what to ask after it.
 */

/** @param {Pair} pair @param {readonly Callable[]} all @param {Kind} kind @param {string | undefined} only */
function callMaker(pair, all, kind, only) {
  const callables = only === undefined ? all : all.filter(({ name }) => name === only)
  let known = ''
  return async (/** @type {number} */ seed) => {
    const settings = SETTINGS[Math.floor(seed / CALLS_PER_SETTINGS) % SETTINGS.length] ?? ''
    if (settings !== known) for (const client of [pair.ours, pair.theirs]) await client.query(settings)
    known = settings
    const expressions = new Expressions(new Random(seed), all)
    const made = expressions.statement(expressions.random.pick(callables), kind === 'nested' ? 3 : 0)
    return { ...made, setup: [settings], check: [] }
  }
}

/** @param {Pair} pair */
function queryMaker(pair) {
  /** @type {number | undefined} */
  let known
  /** @type {ReturnType<typeof randomTables>} */
  let { tables, statements } = { tables: [], statements: [] }
  return async (/** @type {number} */ seed) => {
    const tableSeed = seed - (seed % QUERIES_PER_TABLES)
    if (tableSeed !== known) {
      ;({ tables, statements } = randomTables(new Random(tableSeed)))
      for (const client of [pair.ours, pair.theirs]) for (const sql of statements) await client.query(sql)
      known = tableSeed
    }
    const { statement, isOrdered, changed } = new Queries(new Random(seed), tables).statement()
    const check = changed === undefined ? [] : [`SELECT * FROM ${changed}`]
    return { statement, isOrdered, setup: statements, check }
  }
}

/**
 * In a schema that is empty but for the enum. PostgreSQL gets a database where letters are those of Unicode, as they
 * are in Orbit; the order is that of code points in both.
 * @param {string} ours
 * @param {string} theirs
 * @returns {Promise<Pair>}
 */
export async function connectBoth(ours, theirs) {
  const pair = {
    ours: await prepared(await connect(ours)),
    theirs: await prepared(await connectUnicode(theirs)),
  }
  return pair
}

/** @param {string} url */
export async function connectUnicode(url) {
  const admin = await connect(url)
  const known = await admin.query(`SELECT 1 FROM pg_database WHERE datname = '${DATABASE}'`)
  if (known.rows.length === 0) {
    await admin.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'`)
  }
  await admin.end()
  return connect(url.replace(/[^/]*$/, DATABASE))
}

/** @param {import('pg').Client} client */
export async function prepared(client) {
  for (const sql of SETUP) await client.query(sql)
  return client
}

/** While it is made smaller a difference must not become another one. @param {Difference} a @param {Difference} b */
function sameKind(a, b) {
  const kind = (/** @type {Difference} */ { ours, theirs }) => `${errorOf(ours)}/${errorOf(theirs)}`
  return kind(a) === kind(b)
}

/** @param {string} text */
const errorOf = (text) => /^[0-9A-Z]{5}: /.exec(text)?.[0] ?? 'rows'

/** @param {string} text */
const shortened = (text) =>
  (text.length > 600 ? `${text.slice(0, 600)} …` : text).replaceAll('\n', '\n          ')
