// @ts-check
/** One command starts a cluster and two servers; the sample is loaded through one and asked for through the other. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../../tools/source-files.js'
import { freshEnvironment, Terminal } from '../readme/new-user.js'
import { requireCommand, skipWithout } from './harness/test-programs.js'

const TIMEOUT_MS = 10 * 60_000
const COMMAND = `${process.execPath} ${join(root, 'packages/cli/bin/orbit.js')} dev-cluster --pd-port 0 --store-port 0 --http-port 0 --postgres-port 0`
/** What the tour of the sample says, asked through the second server. */
const ANSWERS = [
  /LAX {2}Los Angeles, CA: 6865 flights/,
  /second: .*DANGLING_EDGE/s,
  /so the table still says "Seattle-Tacoma Intl"/,
]

/** @param {import('node:test').TestContext} context @param {string} flags @param {Record<string, string>} [variables] */
function startCluster(context, flags, variables = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'orbit-dev-cluster-'))
  const env = { ...freshEnvironment({}), ...variables }
  const terminal = new Terminal(`${COMMAND} ${flags}`, { cwd: folder, env })
  context.after(async () => {
    await terminal.end()
    rmSync(folder, { recursive: true, force: true })
  })
  return terminal
}

/** @param {Terminal} terminal */
async function checkServers(terminal) {
  for (const answer of ANSWERS) await terminal.waitFor(answer)
  const [, first = ''] = await terminal.waitFor(/server 1 +(http:\S+), described/)
  const [, second = ''] = await terminal.waitFor(/server 2 +(http:\S+), described/)
  for (const path of ['tables/airports/rows/SEA', 'tables/airports/count', 'collections/movies/count']) {
    const answers = await Promise.all([first, second].map((url) => ask(`${url}/v1/${path}`)))
    assert.deepEqual(answers[1], answers[0])
  }
  assert.equal((await ask(`${second}/v1/tables/airports/rows/SEA`)).row?.city, 'Seattle')
  assert.equal((await ask(`${second}/health/ready`)).status, 'Healthy')
}

/**
 * @typedef {{ readonly row?: { readonly city: string }, readonly status?: string, readonly count?: number }} Answer of
 *   the paths that are asked here
 */

/** @param {string} url @returns {Promise<Answer>} */
async function ask(url) {
  const response = await fetch(url)
  assert.equal(response.status, 200, url)
  return response.json()
}

test('orbit dev-cluster --sample, all in one process', { timeout: TIMEOUT_MS }, async (context) => {
  const terminal = startCluster(context, '--sample')
  await checkServers(terminal)
  await terminal.interrupt()
  assert.match(terminal.output, /^orbit: stopped$/m)
})

test(
  'orbit dev-cluster --sample behind a real PD',
  { timeout: TIMEOUT_MS, skip: skipWithout('pd') },
  async (context) => {
    const [program = ''] = requireCommand('pd')
    const temporary = mkdtempSync(join(tmpdir(), 'orbit-dev-pd-'))
    context.after(() => rmSync(temporary, { recursive: true, force: true }))
    const terminal = startCluster(context, `--sample --pd-server ${program}`, { TMPDIR: temporary })
    await checkServers(terminal)
    const [, pd = ''] = await terminal.waitFor(/PD +(127\.0\.0\.1:\d+)\n/)
    assert.equal((await ask(`http://${pd}/pd/api/v1/stores`)).count, 3)
    assert.equal(readdirSync(temporary).filter((name) => name.startsWith('orbit-pd-')).length, 1)
    await terminal.interrupt()
    assert.match(terminal.output, /^orbit: stopped$/m)
    // PD has ended with it, and its data is gone.
    await assert.rejects(fetch(`http://${pd}/pd/api/v1/stores`))
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('orbit-pd-')),
      [],
    )
  },
)

for (const [what, program, message] of /** @type {const} */ ([
  ['is not there', '/no/such/pd-server', /PD_UNAVAILABLE: \/no\/such\/pd-server cannot be run: .*ENOENT/],
  ['ends', '/bin/false', /PD_UNAVAILABLE: \/bin\/false has ended with 1; --pd-server names/],
])) {
  const skip = what === 'ends' && !existsSync(program)
  test(`a pd-server that ${what} is told as such`, { timeout: TIMEOUT_MS, skip }, async (context) => {
    const terminal = startCluster(context, `--pd-server ${program}`)
    await terminal.waitFor(message)
  })
}
