// @ts-check
/**
 * Writes docs/sql.md, what of PostgreSQL's SQL Orbit has: `node tools/generate-sql-support.js`, after a build. With
 * `--check` it writes nothing and fails when the page differs. Statements are asked of the engine itself: each example
 * runs on a database in memory.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { format, resolveConfig } from 'prettier'
import { isMain, root } from './source-files.js'
import { SETUP, STATEMENTS } from './sql-support/statements.js'

const PAGE = join(root, 'docs', 'sql.md')

const INTRODUCTION = `# SQL

Generated from the code by \`tools/generate-sql-support.js\`; do not edit.

\`orbit serve\` takes PostgreSQL clients on \`127.0.0.1:5432\`; [the guide to the server](server.md#postgresql) says how to
secure and to limit it. What is listed with _yes_ gives PostgreSQL 15's answers; what is missing fails with SQLSTATE
\`0A000\` (or, a function, with \`42883\`) and its name. The tests of psql, node-postgres, postgres.js, Kysely, Drizzle,
psycopg, Prisma, JDBC and pgbench in \`integration/postgres\` run the same programs against PostgreSQL and expect the same.

## What differs

- There is one database; a client may call it by any name. \`CREATE DATABASE\` is not there.
- Isolation: \`READ COMMITTED\`, \`REPEATABLE READ\` and \`SERIALIZABLE\` prevent the anomalies that PostgreSQL's levels
  prevent, and no others (\`integration/postgres/isolation.test.js\`). \`SERIALIZABLE\` reports a conflict (\`40001\`) at the
  commit of the later transaction; PostgreSQL sometimes does so earlier.
- \`LOCK TABLE\` in modes that keep others away, advisory locks and \`LISTEN\`/\`NOTIFY\` are of one server. On a store that
  several servers share (TiKV) they are refused, since they could not keep what they promise.
- \`lock_timeout\` is read when a transaction first needs the store; a later \`SET\` holds for the next transaction.
- A deadlock between row locks and locks of tables or advisory locks is not found; \`lock_timeout\` ends it.
- Sizes of tables are not known (\`pg_table_size\` and its kin give null).
- Of the other models, what a condition on a record's \`id\` finds is looked up. Every other condition, on a time, a tag,
  an end of an edge or an indexed path, reads the whole model: \`orbit.graph_neighbors\`, \`orbit.vector_search\` and the
  models' own operations use their indexes.
- Two open transactions that define objects wait for each other.
- A statement that gives rows or stands in a block, and waits for a change of its table's definition, fails with \`40001\`.
- \`pg_dump\`, \`pg_dumpall --globals-only\` and \`pg_restore\` of PostgreSQL 15 run, but for \`pg_dump --jobs\` and
  \`--disable-triggers\`. What the other models hold (the schema \`orbit\`) belongs to an extension and is not dumped;
  \`orbit export --all\` writes it, too.
- Prisma's client is tested; its migrations are not, since they need a binary that no package registry has.
`

/**
 * @typedef {{ readonly name: string, readonly isThere: boolean, readonly test: string | undefined }} Row
 */

/** Whether each statement runs. @returns {Promise<Row[]>} */
export async function statementRows() {
  const rows = []
  for (const [name, examples] of Object.entries(STATEMENTS)) {
    let isThere = true
    for (const example of examples) isThere &&= await runs(example)
    rows.push({ name, isThere, test: undefined })
  }
  return rows
}

/** @param {string} example @returns {Promise<boolean>} */
async function runs(example) {
  return withEngine(async (engine) => {
    const session = await engine.openSession()
    try {
      for (const text of SETUP) await run(session, text)
      await run(session, example)
      return true
    } catch (error) {
      const { sqlState } = /** @type {{ details?: { sqlState?: string } }} */ (error).details ?? {}
      if (sqlState === '0A000') return false
      throw new Error(`${example}: ${String(error)}`, { cause: error })
    } finally {
      await session.close()
    }
  })
}

/** @template T @param {(engine: SqlEngine) => Promise<T>} work @returns {Promise<T>} */
async function withEngine(work) {
  const database = await openDatabase({ storage: { kind: 'memory' } })
  try {
    return await work(await SqlEngine.open(database))
  } finally {
    await database.close()
  }
}

/** @param {import('@orbit-ts/engine/sql').SqlSession} session @param {string} text */
async function run(session, text) {
  for (const statement of await session.parse(text)) {
    const result = await session.execute(statement, [])
    if (result.kind === 'rows') for await (const rows of result.batches) void rows
    if (result.kind === 'copy-out') for await (const parts of result.chunks) void parts
    if (result.kind === 'copy-in') await result.end()
  }
}

/**
 * @param {readonly string[]} known what PostgreSQL has
 * @param {ReadonlySet<string>} own what Orbit has
 * @param {(name: string) => string | undefined} testOf
 * @returns {Row[]}
 */
export function namedRows(known, own, testOf) {
  const names = [...new Set([...known, ...own])].sort()
  return names.map((name) => ({
    name,
    isThere: own.has(name),
    test: own.has(name) ? testOf(name) : undefined,
  }))
}

/** @param {string} title @param {readonly Row[]} rows @param {boolean} hasTests */
export function supportTable(title, rows, hasTests) {
  const yes = rows.filter(({ isThere }) => isThere).length
  const link = (/** @type {string | undefined} */ test) =>
    test === undefined ? '' : `[${test.split('/').at(-1)}](../${test})`
  return [
    `## ${title}`,
    '',
    `${yes} of ${rows.length}.`,
    '',
    hasTests ? '| Name | | Test |' : '| Name | |',
    hasTests ? '| --- | --- | --- |' : '| --- | --- |',
    ...rows.map(
      ({ name, isThere, test }) =>
        `| \`${name}\` | ${isThere ? 'yes' : '_no_'} |${hasTests ? ` ${link(test)} |` : ''}`,
    ),
    '',
  ].join('\n')
}

/** The first test file, in the order of paths, that has a word. @returns {(word: string) => string | undefined} */
function testFinder() {
  /** @type {Map<string, string>} */
  const first = new Map()
  for (const full of ['scalar', join('lang', 'sql')].flatMap(testsBelow)) {
    for (const [word] of readFileSync(full, 'utf8').matchAll(/\w+/g))
      if (!first.has(word)) first.set(word, relative(root, full))
  }
  return (word) => first.get(word)
}

/** @param {string} folder of the engine */
function testsBelow(folder) {
  const base = join(root, 'packages', 'engine', 'src', folder)
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.test(\.data)?\.ts$/.test(path))
    .sort()
    .map((path) => join(base, path))
}

/** @param {string} name */
const listed = (name) =>
  readFileSync(join(root, 'tools', 'sql-support', name), 'utf8')
    .trim()
    .split('\n')

/** Functions that only the system calls, by PostgreSQL's habits of naming. */
const INTERNAL = /^(_pg_|bt|hash_|gist_|gin_|brin_|spg_)/

async function page() {
  const registry = await withEngine((engine) => Promise.resolve(engine.registry))
  const testOf = testFinder()
  const functions = new Set(
    [...registry.functions()].map(({ name }) => name).filter((name) => !INTERNAL.test(name)),
  )
  const types = new Set(
    [...registry.types()]
      .filter(({ category, name }) => category !== 'A' && category !== 'P' && !name.startsWith('_'))
      .map(({ name }) => name),
  )
  const text = [
    INTRODUCTION,
    supportTable('Statements', await statementRows(), false),
    supportTable('Types', namedRows(listed('postgres-types.txt'), types, testOf), true),
    'Arrays of every type that is there are there, too.\n',
    supportTable('Functions', namedRows(listed('postgres-functions.txt'), functions, testOf), true),
  ].join('\n')
  return format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' })
}

if (isMain(import.meta.url)) {
  const text = await page()
  if (process.argv.includes('--check')) {
    if (readFileSync(PAGE, 'utf8') !== text) {
      console.error('docs/sql.md is out of date: run npm run reference')
      process.exitCode = 1
    }
  } else writeFileSync(PAGE, text)
}
