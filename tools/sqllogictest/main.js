// @ts-check
/**
 * `npm run test:sqllogic -- DIR [--url URL] [--reference URL] [--show N]`: runs the sqllogictest scripts below a folder
 * over PostgreSQL's protocol, each in a database of its own.
 *
 * Without `--url` an Orbit server is started in memory. `--reference postgres` starts a PostgreSQL of this machine; a
 * URL names one. With a reference only the records count that the reference passes, and what the two answer differently
 * is shown.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startOrbit, startPostgres } from '../../integration/servers/sql-servers.js'
import { runScript } from './run-script.js'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    reference: { type: 'string' },
    show: { type: 'string', default: '10' },
  },
})
const [folder] = positionals
if (folder === undefined) {
  console.error('usage: npm run test:sqllogic -- DIR [--url URL] [--reference postgres|URL] [--show N]')
  process.exit(2)
}

const files = scriptsBelow(folder)
const shown = Number(options.show)
const target = options.url === undefined ? await startOrbit() : given(options.url)
const reference =
  options.reference === undefined
    ? undefined
    : options.reference === 'postgres'
      ? await startPostgres()
      : given(options.reference)
const totals = { passed: 0, failed: 0, skipped: 0, refused: 0 }
try {
  for (const file of files) await runFile(file)
} finally {
  await target.close()
  await reference?.close()
}
console.log(
  `${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} for other engines` +
    (reference === undefined ? '' : `, ${totals.refused} that the reference fails`),
)
process.exit(totals.failed > 0 ? 1 : 0)

/** @param {string} file */
async function runFile(file) {
  const text = readFileSync(file, 'utf8')
  const startedMs = performance.now()
  const ours = await runOn(target.url, text)
  const ourMs = performance.now() - startedMs
  const theirs = reference === undefined ? undefined : await runOn(reference.url, text)
  const theirMs = performance.now() - startedMs - ourMs
  const failures = ours.outcomes.filter((outcome, at) => {
    const isCounted = theirs === undefined || theirs.outcomes[at]?.problem === undefined
    if (!isCounted) totals.refused++
    return isCounted && outcome.problem !== undefined
  })
  totals.failed += failures.length
  totals.skipped += ours.skipped
  totals.passed += ours.outcomes.filter(({ problem }) => problem === undefined).length
  const times =
    theirs === undefined ? `${seconds(ourMs)}` : `${seconds(ourMs)}, reference ${seconds(theirMs)}`
  console.log(
    `${relative(folder ?? '', file) || file}: ${ours.outcomes.length - failures.length} of ${ours.outcomes.length} (${times})`,
  )
  for (const { line, sql, problem } of failures.slice(0, shown)) {
    console.log(`  line ${line}: ${problem}\n    ${sql.replaceAll('\n', '\n    ')}`)
  }
  if (failures.length > shown) console.log(`  and ${failures.length - shown} more`)
}

/**
 * @param {string} url
 * @param {string} text
 */
async function runOn(url, text) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('DROP SCHEMA IF EXISTS script CASCADE')
    await client.query('CREATE SCHEMA script')
    await client.query('SET search_path TO script')
    return await runScript(text, async (sql) => {
      const result = await client.query({
        text: sql,
        rowMode: 'array',
        types: { getTypeParser: () => String },
      })
      return { rows: result.rows }
    })
  } finally {
    await client.end()
  }
}

/** @param {string} path @returns {string[]} */
function scriptsBelow(path) {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) return scriptsBelow(inner)
      return /\.(test|slt)$/.test(entry.name) ? [inner] : []
    })
}

/** @param {string} url */
function given(url) {
  return { url, close: async () => undefined }
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
