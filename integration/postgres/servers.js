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
  describe(`${title}, Orbit`, () =>
    define(
      started(() => startOrbit()),
      'Orbit',
    ))
  const reason = missingPostgres()
  describe(`${title}, PostgreSQL`, { skip: reason }, () => {
    define(
      started(() => startPostgres()),
      'PostgreSQL',
    )
  })
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
 * Starts a server before the tests of a suite and ends it after them.
 * @param {() => Promise<SqlServer>} start
 * @returns {() => SqlServer}
 */
export function started(start) {
  /** @type {SqlServer | undefined} */
  let server
  before(async () => {
    server = await start()
  })
  after(() => server?.close())
  return () => {
    if (server === undefined) throw new Error('the server has not been started')
    return server
  }
}
