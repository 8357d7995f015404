// @ts-check
import { hex, unhex } from './driver.js'

/**
 * Short forms for the transactions of tests, on any client that {@link import('./driver.js').Driver} drives.
 *
 * @typedef {import('./driver.js').Driver} Driver
 * @typedef {Record<string, string | undefined>} Writes  key to value; undefined deletes
 */

let count = 0

/** @param {Driver} client @param {string} [mode] @returns {Promise<string>} the name of the transaction */
export async function begin(client, mode = 'optimistic') {
  const txn = `txn-${++count}`
  await client.run({ op: 'begin', txn, mode })
  return txn
}

/** @param {Driver} client @param {string} txn @param {Writes} writes */
export async function write(client, txn, writes) {
  for (const [key, value] of Object.entries(writes)) {
    await client.run(
      value === undefined
        ? { op: 'delete', txn, key: hex(key) }
        : { op: 'put', txn, key: hex(key), value: hex(value) },
    )
  }
}

/** Begins, writes and commits. @param {Driver} client @param {Writes} writes @param {string} [mode] */
export async function commit(client, writes, mode) {
  const txn = await begin(client, mode)
  await write(client, txn, writes)
  return client.run({ op: 'commit', txn })
}

/**
 * What a fresh transaction finds.
 * @param {Driver} client
 * @param {string} key
 */
export async function read(client, key) {
  const txn = await begin(client)
  try {
    return unhex((await client.run({ op: 'get', txn, key: hex(key) })).value)
  } finally {
    await client.ask({ op: 'rollback', txn })
  }
}

/**
 * The rows of a range in a fresh transaction.
 * @param {Driver} client
 * @param {string} start
 * @param {string} end
 * @param {{ reverse?: boolean, limit?: number }} [options]
 * @returns {Promise<[string, string][]>}
 */
export async function scan(client, start, end, { reverse = false, limit = 0 } = {}) {
  const txn = await begin(client)
  try {
    const op = reverse ? 'rscan' : 'scan'
    return rows(await client.run({ op, txn, key: hex(start), end: hex(end), limit }))
  } finally {
    await client.ask({ op: 'rollback', txn })
  }
}

/** @param {import('./driver.js').Answer} answer @returns {[string, string][]} */
export function rows(answer) {
  return (answer.pairs ?? []).map(([key, value]) => [unhex(key) ?? '', unhex(value) ?? ''])
}

/** Whether the client has a command; tells by trying it. @param {Driver} client @param {import('./driver.js').Command} command */
export async function supports(client, command) {
  return (await client.ask(command)).kind !== 'unsupported'
}
