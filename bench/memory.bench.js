// @ts-check
/**
 * Memory after one million records of about 200 bytes were loaded through the storage contract, and after all of them
 * were read: resident size beside the limits that were configured. Run with --expose-gc (npm run bench does).
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProvider } from '@orbit-ts/storage'
import { printTable } from './measure.js'

const RECORDS = 1_000_000
const BATCH = 1000
const MIB = 1024 * 1024

/** What each engine may hold beyond Node itself, MiB: caches and write buffers, as configured below. */
const ENGINES = [
  {
    name: 'rocksdb',
    limit: 64 + 2 * 64,
    options: { kind: 'rocksdb', blockCacheMb: 64, writeBufferMb: 64, durability: 'os' },
  },
  { name: 'cow-btree', limit: Infinity, options: { kind: 'cow-btree', durability: 'os' } },
  {
    name: 'lsm-tree',
    limit: 64 + 2 * 16,
    options: { kind: 'lsm-tree', blockCacheMb: 64, writeBufferMb: 16, durability: 'os' },
  },
]

const only = process.argv[2]
if (only === undefined) {
  const rows = [['engine', 'before', 'after loading 1 M', 'after reading all', 'growth', 'configured limit']]
  for (const { name, limit } of ENGINES) {
    // A process each, so that one engine's memory is not counted for the next.
    const run = spawnSync(process.execPath, ['--expose-gc', process.argv[1] ?? '', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { before, loaded, read } = JSON.parse(run.stdout)
    const growth = Math.max(loaded, read) - before
    rows.push([
      name,
      `${before} MiB`,
      `${loaded} MiB`,
      `${read} MiB`,
      `${growth} MiB`,
      limit === Infinity ? 'page cache only (memory map)' : `${limit} MiB`,
    ])
  }
  printTable(rows)
} else {
  const engine = ENGINES.find(({ name }) => name === only)
  if (engine === undefined) throw new Error(`no engine ${only}`)
  const dir = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
  const before = resident()
  // @ts-expect-error the table above holds options of three kinds
  const store = await openProvider({ ...engine.options, dataDir: dir })
  const value = Buffer.alloc(180, 7)
  for (let from = 0; from < RECORDS; from += BATCH) {
    const batch = []
    for (let i = from; i < from + BATCH; i++) {
      batch.push({
        type: /** @type {const} */ ('put'),
        key: Buffer.from(`key-${String((i * 7919) % RECORDS).padStart(12, '0')}`),
        value,
      })
    }
    await store.write(batch)
  }
  const loaded = resident()
  const snapshot = await store.snapshot()
  let count = 0
  for await (const chunk of snapshot.scan({})) count += chunk.length
  await snapshot.close()
  if (count !== RECORDS) throw new Error(`${count} records were read`)
  const read = resident()
  await store.close()
  rmSync(dir, { recursive: true, force: true })
  console.log(JSON.stringify({ before, loaded, read }))
}

function resident() {
  globalThis.gc?.()
  return Math.round(process.memoryUsage().rss / MIB)
}
