// @ts-check
/**
 * Sorting and joining ten million rows with a work_mem of 64 MB: what does not fit is moved to disk. They are run in a
 * process whose heap is no larger than `HEAP_MB`, because one with more collects its garbage later than it has to. Prints
 * the times and what the process held at most; fails where an answer is wrong, or where it held more above its start than
 * `HELD_BYTES_MAX`. `SPILL_ROWS` says how many rows.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '@orbit-ts/engine'
import { SqlEngine } from '@orbit-ts/engine/sql'
import { printTable } from './measure.js'

const count = Number(process.env['SPILL_ROWS'] ?? 10_000_000)
const HEAP_MB = 256
/** Batches in flight, garbage that is not collected yet, and the runtime's own growth come on top of work_mem. */
const HELD_BYTES_MAX = 384 * 1024 * 1024
const LIMITED = '--in-a-limited-heap'

if (!process.argv.includes(LIMITED)) {
  const file = fileURLToPath(import.meta.url)
  const { status } = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MB}`, file, LIMITED], {
    stdio: 'inherit',
  })
  process.exit(status ?? 1)
}

/** @type {[name: string, sql: string][]} */
const QUERIES = [
  [
    'sort',
    'SELECT k FROM (SELECT (g::int8 * 7919) % $ AS k FROM generate_series(0, $ - 1) AS g) AS s ORDER BY k',
  ],
  [
    'hash join',
    'SELECT a.k FROM (SELECT (g::int8 * 7919) % $ AS k FROM generate_series(0, $ - 1) AS g) AS a JOIN generate_series(0, $ - 1) AS b ON b = a.k',
  ],
]

const database = await openDatabase({ storage: { kind: 'memory' } })
const engine = await SqlEngine.open(database)
const session = await engine.openSession()
let isRight = true
const rows = [['operation', 'rows', 'seconds', 'held at most, MB']]
await read("SET work_mem = '64MB'")
for (const [name, sql] of QUERIES) {
  const startBytes = process.memoryUsage.rss()
  let peakBytes = startBytes
  const timer = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 50)
  const startedMs = performance.now()
  let found = 0
  let previous = -1
  await read(sql.replaceAll('$', String(count)), (batch) => {
    for (const [key] of batch) {
      found++
      if (name === 'sort' && Number(key) !== previous + 1) isRight = false
      previous = Number(key)
    }
  })
  clearInterval(timer)
  const heldBytes = peakBytes - startBytes
  isRight &&= found === count && heldBytes <= HELD_BYTES_MAX
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  rows.push([name, String(found), seconds, (heldBytes / 1e6).toFixed(0)])
}
printTable(rows)
await session.close()
await database.close()
process.exit(isRight ? 0 : 1)

/**
 * @param {string} text
 * @param {(batch: readonly (readonly unknown[])[]) => void} [onBatch]
 */
async function read(text, onBatch = () => undefined) {
  for (const statement of await session.parse(text)) {
    const result = await session.execute(statement, [])
    if (result.kind !== 'rows') continue
    for await (const batch of result.batches) onBatch(batch)
    result.tag()
  }
}
