// @ts-check
/**
 * The client of this project, driven as driver.js tells: `node our-client.js PD_ADDRESS…`. ORBIT_TIKV_API is the API
 * version of the cluster (v1, v1ttl, v2), ORBIT_TIKV_KEYSPACE the keyspace of v2.
 */
import { createInterface } from 'node:readline'
import { OrbitError } from '@orbit-ts/base'
import { TiKVClient } from '@orbit-ts/tikv'
import { runBench } from './our-bench.js'

/**
 * @typedef {import('./driver.js').Command} Command
 * @typedef {import('./driver.js').Answer} Answer
 * @typedef {import('@orbit-ts/tikv').Transaction} Transaction
 * @typedef {{ transaction: Transaction, onCommit: (() => void) | undefined }} Open
 *   `onCommit`: called instead of sending the second half of a commit
 */

/** @type {Record<string, string>} */
const kinds = {
  TRANSACTION_CONFLICT: 'conflict',
  TRANSACTION_DEADLOCK: 'deadlock',
  KEY_EXISTS: 'exists',
  LOCK_NOT_AVAILABLE: 'locked',
  LOCK_TIMEOUT: 'locked',
}

/** @type {Map<string, Open>} */
const open = new Map()
const { ORBIT_TIKV_API: apiVersion, ORBIT_TIKV_KEYSPACE: keyspace } = process.env
const client = await TiKVClient.connect({
  pdEndpoints: process.argv.slice(2),
  ...(apiVersion && { apiVersion: /** @type {'v1' | 'v1ttl' | 'v2'} */ (apiVersion) }),
  ...(keyspace && { keyspace }),
})

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))))
}
await client.close()

/** @param {Command} command @returns {Promise<Answer>} */
async function answer(command) {
  try {
    return { ok: true, ...(await run(command)) }
  } catch (error) {
    const code = error instanceof OrbitError ? error.code : ''
    return { ok: false, error: String(error instanceof Error ? error.stack : error), kind: kinds[code] ?? '' }
  }
}

/** @param {Command} command @returns {Promise<Partial<Answer>>} */
async function run(command) {
  if (command.op === 'begin') return begin(command)
  if (command.op === 'bench') return { result: await runBench(client, command) }
  if (command.op.startsWith('raw')) return inRaw(command)
  const found = open.get(command.txn ?? '')
  if (found === undefined) throw new Error(`no transaction ${command.txn}`)
  return inTxn(found, command)
}

/** @param {Command} command */
async function begin({ txn = '', mode = '' }) {
  const entry = /** @type {Open} */ ({ onCommit: undefined })
  entry.transaction = await client.txn.begin({
    mode: mode === 'pessimistic' ? 'pessimistic' : 'optimistic',
    asyncCommit: mode === 'async' || mode === '1pc',
    onePc: mode === '1pc',
    interceptors: [
      (call, next) => {
        if (call.method !== 'KvCommit' || entry.onCommit === undefined) return next()
        entry.onCommit()
        return new Promise(() => undefined)
      },
    ],
  })
  open.set(txn, entry)
  return { ts: String(entry.transaction.startTs) }
}

/** @param {Open} entry @param {Command} c @returns {Promise<Partial<Answer>>} */
async function inTxn(entry, c) {
  const { transaction } = entry
  switch (c.op) {
    case 'get':
      return found(await transaction.get(bytes(c.key)))
    case 'batchget':
      return gotten(c.keys ?? [], await transaction.batchGet((c.keys ?? []).map(bytes)))
    case 'put':
      transaction.put(bytes(c.key), bytes(c.value))
      return {}
    case 'delete':
      transaction.delete(bytes(c.key))
      return {}
    case 'scan':
    case 'rscan':
      return scan(transaction, c)
    case 'lock':
      await transaction.lock([bytes(c.key)], { wait: 'nowait' })
      return {}
    case 'prewrite':
      await new Promise((resolve, reject) => {
        entry.onCommit = () => resolve(undefined)
        transaction.commit().catch(reject)
      })
      return {}
    case 'commit': {
      open.delete(c.txn ?? '')
      const { commitTs } = await transaction.commit()
      return { ts: String(commitTs ?? 0n) }
    }
    case 'rollback':
      open.delete(c.txn ?? '')
      await transaction.rollback()
      return {}
    default:
      throw new Error(`unknown op ${c.op}`)
  }
}

/** @param {Transaction} transaction @param {Command} c */
async function scan(transaction, c) {
  const options = { reverse: c.op === 'rscan', ...(c.limit ? { limit: c.limit } : {}) }
  /** @type {[string, string][]} */
  const pairs = []
  for await (const rows of transaction.scan(range(c), options)) {
    for (const { key, value } of rows) pairs.push([hexOf(key), hexOf(value)])
  }
  return { pairs }
}

/** @param {Command} c @returns {Promise<Partial<Answer>>} */
async function inRaw(c) {
  const raw = client.raw.atomic()
  switch (c.op) {
    case 'rawget':
      return found(await raw.get(bytes(c.key)))
    case 'rawbatchget':
      return gotten(c.keys ?? [], await raw.batchGet((c.keys ?? []).map(bytes)))
    case 'rawput':
      await raw.put(bytes(c.key), bytes(c.value), c.ttl === undefined ? {} : { ttlSeconds: c.ttl })
      return {}
    case 'rawttl':
      return { result: await raw.getTtl(bytes(c.key)) }
    case 'rawbatchput':
      await raw.batchPut((c.keys ?? []).map((key, at) => ({ key: bytes(key), value: bytes(c.values?.[at]) })))
      return {}
    case 'rawdelete':
      await raw.delete(bytes(c.key))
      return {}
    case 'rawdeleterange':
      await raw.deleteRange(range(c))
      return {}
    case 'rawscan': {
      const entries = await raw.scan(range(c), c.limit || 10_000)
      return { pairs: entries.map(({ key, value }) => [hexOf(key), hexOf(value)]) }
    }
    case 'rawcas': {
      const expected = c.mode === 'absent' ? undefined : bytes(c.end)
      const { swapped, previous } = await raw.compareAndSwap(bytes(c.key), bytes(c.value), { expected })
      return { ...found(previous), result: swapped }
    }
    case 'rawchecksum': {
      const { crc64Xor, totalKvs, totalBytes } = await raw.checksum(range(c))
      return { result: { crc: String(crc64Xor), kvs: String(totalKvs), bytes: String(totalBytes) } }
    }
    default:
      throw new Error(`unknown op ${c.op}`)
  }
}

/** @param {string | undefined} text */
function bytes(text = '') {
  return Buffer.from(text, 'hex')
}

/** @param {Uint8Array} data */
function hexOf(data) {
  return Buffer.from(data).toString('hex')
}

/** @param {Command} c */
function range(c) {
  return { start: bytes(c.key), end: bytes(c.end) }
}

/** @param {Uint8Array | undefined} value @returns {Partial<Answer>} */
function found(value) {
  return value === undefined ? {} : { value: hexOf(value) }
}

/** @param {string[]} keys @param {readonly (Uint8Array | undefined)[]} values @returns {Partial<Answer>} */
function gotten(keys, values) {
  const pairs = keys.flatMap((key, at) => {
    const value = values[at]
    return value === undefined ? [] : [/** @type {[string, string]} */ ([key, hexOf(value)])]
  })
  return { pairs: pairs.sort(([a], [b]) => (a < b ? -1 : 1)) }
}
