// @ts-check
import { fileURLToPath } from 'node:url'
import { commandOf } from '../../../tools/build-test-servers.js'
import { Driver } from './driver.js'

const ours = fileURLToPath(new URL('our-client.js', import.meta.url))

/** The clients that can be driven: ours and those that this project did not write. */
export const foreignClients = /** @type {const} */ (['goclient', 'pyclient', 'javaclient', 'rustclient'])

/**
 * Why a test cannot run, for its `skip`; false when it can. Tells it on standard error as well, so that a run without
 * the servers does not look like one that has passed.
 * @param {...string} names
 * @returns {string | false}
 */
export function skipWithout(...names) {
  const missing = names.filter((name) => commandOf(name) === undefined)
  if (missing.length === 0) return false
  const reason = `${missing.join(', ')} not built: run node tools/build-test-servers.js`
  if (process.env['ORBIT_REQUIRE_SERVERS'] === '1') throw new Error(reason)
  console.error(`SKIPPED: ${reason}`)
  return reason
}

/** @param {string} name @returns {readonly string[]} */
export function requireCommand(name) {
  const command = commandOf(name)
  if (command === undefined) throw new Error(`${name} is not built: run node tools/build-test-servers.js`)
  return command
}

/**
 * @param {string} name
 * @param {readonly string[]} pdEndpoints
 * @param {{ apiVersion?: 'v1' | 'v1ttl' | 'v2', keyspace?: string }} [options]
 */
export function startClient(name, pdEndpoints, { apiVersion, keyspace } = {}) {
  const command = name === 'ours' ? [process.execPath, ours] : requireCommand(name)
  return new Driver(name, command, pdEndpoints, {
    ...(apiVersion && { ORBIT_TIKV_API: apiVersion }),
    ...(keyspace && { ORBIT_TIKV_KEYSPACE: keyspace }),
  })
}
