// @ts-check
/**
 * The operations of bench/tikv.bench.js on our client; those of the foreign clients' drivers are the same: each caller
 * works in turn on random ones of 10 000 keys. A read is at a fresh timestamp, a write is a transaction of its own.
 *
 * @typedef {import('@orbit-ts/tikv').TiKVClient} Client
 */

const KEYS = 10_000
const SCAN_ROWS = 100
const BATCH_KEYS = 10

const randomKey = () => Buffer.from(`bench-${String(Math.floor(Math.random() * KEYS)).padStart(6, '0')}`)

/** @param {Client} client @param {string} mode @param {Uint8Array} value @returns {() => Promise<unknown>} */
function operationOf(client, mode, value) {
  if (mode === 'get') return async () => (await client.txn.snapshot()).get(randomKey())
  if (mode === 'batch get') {
    return async () => (await client.txn.snapshot()).batchGet(Array.from({ length: BATCH_KEYS }, randomKey))
  }
  if (mode === 'scan') {
    return async () => {
      const snapshot = await client.txn.snapshot()
      const range = { start: randomKey(), end: Buffer.alloc(0) }
      let rows = 0
      for await (const chunk of snapshot.scan(range, { limit: SCAN_ROWS })) rows += chunk.length
      return rows
    }
  }
  const count = Number(mode.replace('txn ', ''))
  return async () => {
    const transaction = await client.txn.begin({ asyncCommit: true, onePc: true })
    for (let at = 0; at < count; at++) transaction.put(randomKey(), value)
    return transaction.commit()
  }
}

/**
 * @param {Client} client
 * @param {import('./driver.js').Command} command
 */
export async function runBench(client, { mode = 'get', callers = 1, seconds = 1, size = 0 }) {
  const operation = operationOf(client, mode, Buffer.alloc(size))
  /** @type {number[]} */
  const times = []
  let failed = 0
  const cpu = process.cpuUsage()
  const start = performance.now()
  const deadline = start + seconds * 1000
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let began = performance.now(); began < deadline; began = performance.now()) {
        try {
          await operation()
          times.push((performance.now() - began) * 1000)
        } catch {
          failed++
        }
      }
    }),
  )
  const elapsed = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (/** @type {number} */ share) =>
    times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0
  return {
    operations: times.length,
    failed,
    seconds: elapsed,
    cpuSeconds: (user + system) / 1e6,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  }
}
