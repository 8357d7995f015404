// @ts-check
/**
 * The README, followed as a new user would: from a clean tree and an empty npm cache its first command installs,
 * builds, serves and loads the sample; what it prints is right; Ctrl-C ends it in order; the next start has the data.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMarkdown } from '../../tools/markdown.js'
import { root } from '../../tools/source-files.js'
import { copyTree, freshEnvironment, isFree, Terminal } from './new-user.js'

const README_PORT = 8080
const POSTGRES_PORT = 5432
const PSQL = '/usr/bin/psql'
/** Downloads, a build and two starts. */
const TIMEOUT_MS = 45 * 60_000

/** From, to, records. */
const LOADED = [
  ['airports.csv', 'relational table "airports"', '3,376'],
  ['airports with flights', 'nodes of graph "flights"', '305'],
  ['flights-airport.csv', 'edges of graph "flights"', '5,366'],
  ['movies.json', 'document collection "movies"', '3,201'],
  ['movie attributes', 'vector collection "movie_vectors"', '3,201'],
  ['stocks.csv', 'time series "stocks"', '560'],
  ['hourly weather', 'time series "weather"', '8,759'],
  ['daily weather', 'time series "weather"', '2,922'],
]

/** Question and answers. */
const QUERIES = [
  [
    'Where do most flights from Seattle go?',
    'LAX  Los Angeles, CA: 6865 flights',
    'DEN  Denver, CO: 6623 flights',
    'ANC  Anchorage, AK: 6256 flights',
  ],
  [
    'Which movies are most like "The Dark Knight"?',
    'Batman Begins (Action), distance 0.257',
    'Catwoman (Action), distance 0.363',
    'Batman (Action), distance 0.368',
  ],
  [
    'What are the warmest days of a normal year in Seattle?',
    '07-28: up to 24.4 °C, 19.0 °C on average',
    '07-23: up to 24.3 °C, 19.0 °C on average',
    '07-24: up to 24.3 °C, 19.0 °C on average',
  ],
]

const SEATTLE = {
  iata: 'SEA',
  name: 'Seattle-Tacoma Intl',
  city: 'Seattle',
  state: 'WA',
  country: 'USA',
  latitude: 47.44898194,
  longitude: -122.3093131,
}

/** At the end: what was loaded, and what the tour and the guide added, a document, a vector and two points. */
const COUNTS = [
  ['tables/airports', 3376],
  ['collections/movies', 3201 + 1],
  ['vectors/movie_vectors', 3201 + 1],
  ['series/weather', 8759 + 2922],
  ['series/stocks', 560 + 2],
]

test('the README, followed by a new user', { timeout: TIMEOUT_MS }, async (context) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'orbit-readme-')))
  const tree = join(folder, 'orbit')
  /** @type {Terminal | undefined} */
  let terminal
  context.after(async () => {
    await terminal?.end()
    rmSync(folder, { recursive: true, force: true })
  })
  copyTree(root, tree)
  const readme = readPage(tree, 'README.md').filter(({ lang }) => lang === 'sh')
  const guide = readPage(tree, 'docs/server.md')
  const session = readPage(tree, 'README.md').filter(({ heading }) => heading === 'run-it-in-a-minute')
  const hasPort = await isFree(README_PORT)
  const hasPostgresPort = await isFree(POSTGRES_PORT)
  const env = freshEnvironment({
    npm_config_cache: join(folder, 'npm-cache'),
    // Only when another program has the port of the README.
    ...(hasPort ? {} : { ORBIT_SERVER_HTTP_PORT: '0' }),
    ...(hasPostgresPort ? {} : { ORBIT_POSTGRES_PORT: '0' }),
  })

  const [first, example] = readme
  assert.equal(first?.text, 'npm ci && npm start -- --sample')
  terminal = new Terminal(first.text, { cwd: tree, env })
  const url = await ready(terminal)
  if (hasPort) assert.equal(url.origin, `http://127.0.0.1:${README_PORT}`)
  checkLoaded(terminal.output, tree)
  checkAnswers(terminal.output)
  const visit = checkTransactions(terminal.output)

  assert.deepEqual(await curl(example?.text ?? '', url), { row: SEATTLE })
  const postgres = await postgresOf(terminal)
  if (hasPostgresPort) assert.equal(postgres.port, String(POSTGRES_PORT))
  checkSession(session, postgres)
  await checkGuide(guide, url)
  await stop(terminal, tree)
  checkProgram(tree, env)

  terminal = new Terminal('npm start', { cwd: tree, env })
  const again = await ready(terminal)
  assert.doesNotMatch(terminal.output, /Where do most flights/)
  await checkKept(again, visit)
  await stop(terminal, tree)
})

/** @param {string} tree @param {string} path */
function readPage(tree, path) {
  return parseMarkdown(readFileSync(join(tree, path), 'utf8')).blocks
}

/** Waits until the server is up; where it is. @param {Terminal} terminal */
async function ready(terminal) {
  const [, url = ''] = await terminal.waitFor(/HTTP API\s+(http:\S+), described at \1\/openapi\.json\n/)
  assert.match(terminal.output, /^Orbit \d+\.\d+\.\d+ is ready\. Stop it with Ctrl-C\.$/m)
  assert.equal(new URL(url).hostname, '127.0.0.1')
  return new URL(url)
}

/** Where PostgreSQL clients are served. @param {Terminal} terminal */
async function postgresOf(terminal) {
  const [, url = ''] = await terminal.waitFor(/PostgreSQL\s+(postgres:\S+)\n/)
  return new URL(url)
}

/** What psql answers to the session. @param {ReturnType<typeof readPage>} blocks @param {URL} server */
function checkSession(blocks, server) {
  const textOf = (/** @type {string} */ lang) => blocks.find((block) => block.lang === lang)?.text ?? ''
  const command = blocks.find(({ text }) => text.startsWith('psql '))?.text
  assert.equal(command, `psql -h 127.0.0.1 -U orbit`)
  if (!existsSync(PSQL) && process.env['ORBIT_REQUIRE_SERVERS'] !== '1') {
    console.error('SKIPPED: psql is not installed (Debian: postgresql-client); its session was not run')
    return
  }
  const [, ...options] = command.split(' ')
  const { stdout, stderr } = spawnSync(PSQL, ['-X', ...options, '-p', server.port], {
    input: textOf('sql'),
    encoding: 'utf8',
  })
  const lines = (/** @type {string} */ text) => text.split('\n').map((line) => line.trimEnd())
  assert.equal(stderr, '')
  assert.deepEqual(lines(stdout.trim()), lines(textOf('text').trim()))
}

/** The program under the name that it is given, by the command that is given, twice. @param {string} tree @param {NodeJS.ProcessEnv} env */
function checkProgram(tree, env) {
  const [program, output] = readPage(tree, 'README.md').filter(
    ({ heading }) => heading === 'use-it-in-your-program',
  )
  const page = readFileSync(join(tree, 'README.md'), 'utf8')
  const [, name = '', command = ''] = /Save this as `([\w.]+)` [^`]*`([^`]+)`/.exec(page) ?? []
  writeFileSync(join(tree, name), program?.text ?? '')
  for (const run of ['first', 'second']) {
    const { status, stdout, stderr } = spawnSync(command, { cwd: tree, env, shell: true, encoding: 'utf8' })
    assert.deepEqual([status, stderr, stdout.trim()], [0, '', output?.text.trim()], `the ${run} run`)
  }
}

/** Ctrl-C ends it in order. @param {Terminal} terminal @param {string} tree */
async function stop(terminal, tree) {
  await terminal.interrupt()
  assert.match(terminal.output, /^orbit: stopped$/m)
  const [marker = ''] = readFileSync(join(tree, 'data', 'ORBIT'), 'utf8').split('\n')
  assert.notEqual(JSON.parse(marker).clean, null, `the store was cut off:\n${terminal.output}`)
}

/** What was loaded, and where it is. @param {string} output @param {string} tree */
function checkLoaded(output, tree) {
  const rows = output.split('\n').map((line) => line.trim().split(/ {2,}/))
  for (const [from = '', to, records] of LOADED) {
    assert.deepEqual(
      rows.find(([first]) => first === from),
      [from, to, records, 'loaded'],
      output,
    )
  }
  assert.deepEqual(
    rows.find(([first]) => first === 'data'),
    ['data', `rocksdb, in ${join(tree, 'data')}`],
  )
  assert.match(rows.find(([first]) => first === 'access')?.[1] ?? '', /^no token is asked for/)
}

/** @param {string} output */
function checkAnswers(output) {
  const lines = output.split('\n').map((line) => line.trim())
  for (const [question, ...answers] of QUERIES) {
    const at = lines.findIndex((line) => line.startsWith(question ?? ''))
    // The line between is the code.
    assert.deepEqual(lines.slice(at + 2, at + 2 + answers.length), answers, output)
  }
}

/** @param {string} output @returns {string} what the transaction that is committed has written */
function checkTransactions(output) {
  const committed =
    /^ +first: committed in every model \(document "visit" is now "(Visit of [^"]+)"\)$/m.exec(output)
  assert.ok(committed !== null, output)
  assert.match(
    output,
    /^ +second: DANGLING_EDGE: graph "flights": edge FLIGHT "SEA" -> "NOWHERE": node "NOWHERE" does not exist/m,
  )
  assert.match(output, /^ +so the table still says "Seattle-Tacoma Intl"$/m)
  return committed[1] ?? ''
}

/** The examples of the guide to the server. @param {ReturnType<typeof readPage>} guide @param {URL} url */
async function checkGuide(guide, url) {
  const examples = guide.filter(({ lang, text }) => lang === 'sh' && text.startsWith('curl '))
  const commands = examples.flatMap(({ text }) => text.split('\n'))
  const [rows, near, health] = await Promise.all(commands.map((command) => curl(command, url)))
  assert.deepEqual(
    rows.rows.map((/** @type {{ state: string }} */ row) => row.state),
    ['WA', 'WA'],
  )
  assert.equal(near.nodes.length, 3)
  assert.deepEqual([health.status, Object.keys(health.providers)], ['Healthy', ['rocksdb']])
  const body = guide.find(({ heading, lang }) => heading === 'transactions' && lang === 'json')?.text ?? ''
  const { results } = await request(new URL('/v1/transactions', url), { method: 'POST', body })
  assert.equal(results.length, 3)
}

/** Everything is still there after a restart. @param {URL} url @param {string} visit */
async function checkKept(url, visit) {
  // The transaction of the guide has changed the city.
  const airport = await request(new URL('/v1/tables/airports/rows/SEA', url))
  assert.deepEqual(airport, { row: { ...SEATTLE, city: 'SeaTac' } })
  const { document } = await request(new URL('/v1/collections/movies/documents/visit', url))
  assert.equal(document.Title, visit)
  for (const [path, expected] of COUNTS) {
    const { count } = await request(new URL(`/v1/${path}/count`, url))
    assert.equal(count, expected, path)
  }
  const edges = await request(new URL('/v1/graphs/flights/edges/count', url), { method: 'POST', body: '{}' })
  assert.equal(edges.count, 5366)
}

/**
 * What a `curl` command of the documentation asks for: a URL, and parameters behind -G.
 * @param {string} command @param {URL} server the one to ask
 * @returns {Promise<any>} the answer
 */
async function curl(command, server) {
  const [name, ...words] = (command.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) =>
    word.replaceAll("'", ''),
  )
  assert.equal(name, 'curl')
  const url = new URL(words.find((word) => word.startsWith('http')) ?? '')
  assert.equal(url.origin, `http://127.0.0.1:${README_PORT}`)
  url.port = server.port
  const options = words.filter((word) => !word.startsWith('http'))
  for (let option = options.shift(); option !== undefined; option = options.shift()) {
    if (option === '-s' || option === '-sG') continue
    assert.ok(option === '-d' || option === '--data-urlencode', `curl ${option}`)
    const [, parameter = '', value = ''] = /^(\w+)=(.*)$/.exec(options.shift() ?? '') ?? []
    url.searchParams.append(parameter, value)
  }
  return request(url)
}

/** @param {URL} url @param {RequestInit} [init] @returns {Promise<any>} the answer, which must be a success */
async function request(url, init = {}) {
  const headers = init.body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(url, { ...init, headers })
  const answer = await response.json()
  assert.equal(response.status, 200, `${url}: ${JSON.stringify(answer)}`)
  return answer
}
