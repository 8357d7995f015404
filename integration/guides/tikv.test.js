// @ts-check
/**
 * The guide from a directory to a TiKV cluster, followed command by command: a sample is loaded into a directory, moved
 * into a cluster, and asked for through three servers. What it says of definitions and constraints is tried as well.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMarkdown } from '../../tools/markdown.js'
import { commandsOf } from '../../tools/shell-commands.js'
import { root } from '../../tools/source-files.js'
import { freshEnvironment, Terminal } from '../readme/new-user.js'

const TIMEOUT_MS = 10 * 60_000
const ORBIT = `${process.execPath} ${join(root, 'packages/cli/bin/orbit.js')}`

const SEATTLE = {
  iata: 'SEA',
  name: 'Seattle-Tacoma Intl',
  city: 'Seattle',
  state: 'WA',
  country: 'USA',
  latitude: 47.44898194,
  longitude: -122.3093131,
}

const BY_CODE = { name: 'by_code', columns: ['code'], unique: true }

/** Follows the guide: addresses that it names become those that the programs have found free. */
class Reader {
  #folder
  #env
  /** @type {Map<string, string>} */
  #addresses = new Map()
  /** @type {Terminal[]} */
  running = []

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder
    this.#env = freshEnvironment({})
  }

  /** @param {string} text */
  #here(text) {
    let here = text
    for (const [named, address] of this.#addresses) here = here.replaceAll(named, address)
    return here
  }

  /** @param {string} command without `npx orbit` @returns {Terminal} */
  start(command) {
    const terminal = new Terminal(`${ORBIT} ${this.#here(command)}`, { cwd: this.#folder, env: this.#env })
    this.running.push(terminal)
    return terminal
  }

  /** A server on any port, known under the address that the guide gives it. @param {string} command @param {string} named */
  async serve(command, named) {
    const terminal = this.start(
      `${command.replace(/ --(http|postgres)-port \d+/g, '')} --http-port 0 --postgres-port 0 --log-level warn`,
    )
    const [, url = ''] = await terminal.waitFor(/HTTP API +http:\/\/(\S+), described/)
    this.#addresses.set(named, url)
    return terminal
  }

  /** @param {string} command */
  async startCluster(command) {
    const terminal = this.start(`${command} --pd-port 0 --store-port 0 --http-port 0 --postgres-port 0`)
    const [, pd = ''] = await terminal.waitFor(/PD +(\S+)\n/)
    const [, first = ''] = await terminal.waitFor(/server 1 +http:\/\/(\S+), described/)
    const [, second = ''] = await terminal.waitFor(/server 2 +http:\/\/(\S+), described/)
    this.#addresses.set('127.0.0.1:2379', pd)
    this.#addresses.set('127.0.0.1:8080', first)
    this.#addresses.set('127.0.0.1:8081', second)
    return terminal
  }

  /** Runs a command to its end. @param {string} command */
  async run(command) {
    const terminal = this.start(`${command} && echo DONE`)
    await terminal.waitFor(/^DONE$/m)
  }

  /** @param {string} url @param {RequestInit} [init] @returns {Promise<{ status: number, body: any }>} */
  async ask(url, init) {
    const response = await fetch(this.#here(url), init)
    return { status: response.status, body: await response.json() }
  }
}

/** The commands of the guide, by the heading that they are under. */
function readGuide() {
  const { blocks } = parseMarkdown(readFileSync(join(root, 'docs/guides/tikv.md'), 'utf8'))
  /** @type {Map<string, string[]>} */
  const commands = new Map()
  for (const { lang, heading, text } of blocks) {
    if (lang !== 'sh') continue
    const found = commandsOf(text).map((words) => words.join(' '))
    commands.set(heading, [...(commands.get(heading) ?? []), ...found])
  }
  return commands
}

/** @param {string} command @param {string} start what it must begin with @returns {string} what follows */
function after(command, start) {
  assert.ok(command.startsWith(start), `${command}: the guide has changed; this test follows it`)
  return command.slice(start.length)
}

test('the guide to TiKV, followed by a newcomer', { timeout: TIMEOUT_MS }, async (context) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'orbit-guide-')))
  const reader = new Reader(folder)
  context.after(async () => {
    for (const terminal of reader.running) await terminal.end()
    rmSync(folder, { recursive: true, force: true })
  })
  const guide = readGuide()
  const [embedded = [], cluster = [], move = [], add = []] = [
    'start-embedded',
    'start-a-cluster',
    'move-the-data',
    'add-a-server',
  ].map((heading) => guide.get(heading))
  assert.deepEqual([embedded.length, cluster.length, move.length, add.length], [2, 1, 4, 3])
  /** @param {string | undefined} command */
  const curl = (command) => reader.ask(after(command ?? '', 'curl -s '))
  const orbit = (/** @type {string | undefined} */ command) => after(command ?? '', 'npx orbit ')
  const seattle = { status: 200, body: { row: SEATTLE } }

  const alone = await reader.serve(orbit(embedded[0]), '127.0.0.1:8080')
  assert.deepEqual(await curl(embedded[1]), seattle)
  await alone.interrupt()
  assert.match(alone.output, /^orbit: stopped$/m)

  const development = await reader.startCluster(orbit(cluster[0]))
  assert.equal((await reader.ask('http://127.0.0.1:8081/v1/tables/airports/rows/SEA')).status, 404)
  await reader.run(orbit(move[0]))
  await reader.run(orbit(move[1]))
  assert.deepEqual(await curl(move[2]), seattle)
  assert.deepEqual(await curl(move[3]), seattle)

  const third = await reader.serve(orbit(add[0]), '127.0.0.1:8082')
  assert.match(third.output, /data +tikv, in the cluster of PD 127\.0\.0\.1:\d+\n/)
  assert.deepEqual(await curl(add[1]), seattle)
  const health = await curl(add[2])
  assert.deepEqual(
    [health.status, health.body.status, Object.keys(health.body.providers)],
    [200, 'Healthy', ['tikv']],
  )
  await checkSharing(reader)

  await third.interrupt()
  assert.match(third.output, /^orbit: stopped$/m)
  await development.interrupt()
  assert.match(development.output, /^orbit: stopped$/m)
})

/** What one server changes, the others follow at once; what one refuses, all refuse. @param {Reader} reader */
async function checkSharing(reader) {
  const [first, second, third] = ['8080', '8081', '8082'].map((port) => `http://127.0.0.1:${port}/v1`)
  const headers = { 'content-type': 'application/json' }
  /** @param {unknown} value */
  const post = (value) => ({ method: 'POST', headers, body: JSON.stringify(value) })
  const definition = { columns: { id: { type: 'int4' }, code: { type: 'text' } }, primaryKey: ['id'] }
  const created = await reader.ask(`${first}/objects/table/items`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ input: definition }),
  })
  assert.ok(created.status < 300, JSON.stringify(created))
  const insert = (/** @type {string | undefined} */ server, /** @type {object} */ row) =>
    reader.ask(`${server}/tables/items/rows`, post(row))
  assert.ok((await insert(second, { id: 1, code: 'a' })).status < 300)
  const changed = await reader.ask(`${third}/objects/table/items`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ input: { ...definition, indexes: [BY_CODE] } }),
  })
  assert.ok(changed.status < 300, JSON.stringify(changed))
  const refused = await insert(second, { id: 2, code: 'a' })
  assert.deepEqual([refused.status, refused.body.error.code], [409, 'UNIQUE_VIOLATION'])
  // Of many that take one value at once, through all servers, one has it.
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      insert([first, second, third][at % 3], { id: 100 + at, code: `c${at % 5}` }),
    ),
  )
  assert.equal(outcomes.filter(({ status }) => status < 300).length, 5)
  for (const server of [first, second, third]) {
    assert.equal((await reader.ask(`${server}/tables/items/count`)).body.count, 6)
  }
}
