// @ts-check
/**
 * The same tests against Orbit and against PostgreSQL: what a client sees of the two must not differ. Where PostgreSQL
 * is not installed its half is skipped, loudly; with ORBIT_REQUIRE_SERVERS=1 that is a failure.
 */
import { after, before, describe } from 'node:test'
import { postgresPrograms, startOrbit, startPostgres } from '../servers/sql-servers.js'

/** @typedef {import('../servers/sql-servers.js').SqlServer} SqlServer */
/** @typedef {'Orbit' | 'PostgreSQL'} ServerName */

/**
 * @param {string} title
 * @param {(server: () => SqlServer, name: ServerName) => void} define defines tests; the server is there when they run
 */
export function onEachServer(title, define) {
  describe(`${title}, Orbit`, () => onServer(() => startOrbit(), 'Orbit', define))
  const skip = missingPostgres()
  describe(`${title}, PostgreSQL`, { skip }, () => onServer(() => startPostgres(), 'PostgreSQL', define))
}

/** @returns {string | false} why tests with PostgreSQL cannot run */
export function missingPostgres() {
  if (postgresPrograms() !== undefined) return false
  const reason = 'PostgreSQL is not installed (Debian: postgresql-15)'
  if (process.env['ORBIT_REQUIRE_SERVERS'] === '1') throw new Error(reason)
  console.error(`SKIPPED: ${reason}`)
  return reason
}

/**
 * The server is started before what `define` does before its tests, and ended after what it does after them.
 * @param {() => Promise<SqlServer>} start
 * @param {ServerName} name
 * @param {(server: () => SqlServer, name: ServerName) => void} define
 */
function onServer(start, name, define) {
  /** @type {SqlServer | undefined} */
  let server
  before(async () => {
    server = await start()
  })
  define(() => {
    if (server === undefined) throw new Error('the server has not been started')
    return server
  }, name)
  after(() => server?.close())
}
