// @ts-check
/** SQL servers for tests, each on a free port of loopback with an empty database: Orbit in memory, and PostgreSQL. */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TEST_PEMS } from './test-pems.js'

const ORBIT = fileURLToPath(new URL('../../packages/cli/bin/orbit.js', import.meta.url))
const VERSIONS = '/usr/lib/postgresql'

/**
 * `caFile`: what signs its certificate, which is for localhost; it takes TLS, and does without.
 * `processId`: of the server's first process.
 * @typedef {{ url: string, port: number, processId: number, user: string, database: string, caFile: string, close: () => Promise<void> }} SqlServer
 */

/** Writes the certificates of a server into a folder. @param {string} folder @param {{ uid: number, gid: number }} [owner] */
function writeCertificates(folder, owner) {
  const files = {
    ca: join(folder, 'ca.pem'),
    cert: join(folder, 'server.pem'),
    key: join(folder, 'server.key'),
  }
  writeFileSync(files.ca, TEST_PEMS.ca)
  writeFileSync(files.cert, TEST_PEMS.server.cert)
  writeFileSync(files.key, TEST_PEMS.server.key, { mode: 0o600 })
  if (owner !== undefined) for (const file of Object.values(files)) chownSync(file, owner.uid, owner.gid)
  return files
}

/**
 * An Orbit server in a process of its own.
 * @param {readonly string[]} args further arguments of `orbit serve`; default: in memory
 * @returns {Promise<SqlServer>}
 */
export async function startOrbit(args = ['--storage', 'memory']) {
  const dataDir = mkdtempSync(join(tmpdir(), 'orbit-sql-'))
  const port = await freePort()
  const pems = writeCertificates(dataDir)
  const child = spawn(
    process.execPath,
    [
      ...[ORBIT, 'serve', '--data-dir', join(dataDir, 'data'), '--http-port', '0'],
      ...['--postgres-port', String(port)],
      ...['--postgres-tls-cert-file', pems.cert, '--postgres-tls-key-file', pems.key],
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ORBIT_LOG_LEVEL: 'error' } },
  )
  await untilListening(port, child)
  return {
    port,
    processId: child.pid ?? 0,
    user: 'orbit',
    database: 'orbit',
    caFile: pems.ca,
    url: `postgres://orbit@127.0.0.1:${port}/orbit`,
    close: async () => {
      await ended(child, 'SIGTERM')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The folder with PostgreSQL's programs; undefined where it is not installed. */
export function postgresPrograms() {
  if (!existsSync(VERSIONS)) return undefined
  const [newest] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a))
  const folder = newest === undefined ? undefined : join(VERSIONS, newest, 'bin')
  return folder !== undefined && existsSync(join(folder, 'initdb')) ? folder : undefined
}

/**
 * A PostgreSQL server. It does not run as root, so root hands it to the user `postgres`.
 * @param {readonly string[]} settings as `name=value`
 * @returns {Promise<SqlServer>}
 */
export async function startPostgres(settings = []) {
  const programs = postgresPrograms()
  if (programs === undefined) throw new Error('PostgreSQL is not installed (Debian: postgresql-15)')
  const folder = mkdtempSync(join(tmpdir(), 'orbit-postgres-'))
  const owner = process.getuid?.() === 0 ? userIds('postgres') : undefined
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const dataDir = join(folder, 'data')
  execFileSync(
    join(programs, 'initdb'),
    ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { stdio: 'ignore', cwd: folder, ...owner },
  )
  const port = await freePort()
  const pems = writeCertificates(folder, owner)
  const child = spawn(
    join(programs, 'postgres'),
    [
      ...['-D', dataDir, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'],
      ...[
        'timezone=UTC',
        'ssl=on',
        `ssl_cert_file=${pems.cert}`,
        `ssl_key_file=${pems.key}`,
        ...settings,
      ].flatMap((setting) => ['-c', setting]),
    ],
    { stdio: 'ignore', cwd: folder, ...owner },
  )
  await untilListening(port, child)
  return {
    port,
    processId: child.pid ?? 0,
    user: 'postgres',
    database: 'postgres',
    caFile: pems.ca,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    close: async () => {
      // Fast shutdown: it does not wait for its clients.
      await ended(child, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/**
 * @param {number} port
 * @param {import('node:child_process').ChildProcess} child
 */
async function untilListening(port, child) {
  const { Client } = (await import('pg')).default
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the server ended with code ${child.exitCode} before it was ready`)
    const client = new Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` })
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      const { code } = /** @type {{ code?: string }} */ (error)
      if (code !== 'ECONNREFUSED' && code !== '57P03' && code !== 'ECONNRESET') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function ended(child, signal) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve()
      else {
        child.once('exit', () => resolve())
        child.kill(signal)
      }
    })
  )
}

/** @param {string} user */
function userIds(user) {
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
