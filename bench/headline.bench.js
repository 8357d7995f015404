// @ts-check
/**
 * The latencies that the requirement documents claim for each backend, beside ours for one record of 100 bytes through
 * the storage contract. Theirs name no durability; ours are given for both.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProvider } from '@orbit-ts/storage'
import { micros, printTable, summary } from './measure.js'

const RECORDS = 20_000
const value = Buffer.alloc(100, 7)
const keys = Array.from({ length: RECORDS }, (_, i) => Buffer.from(`key-${String(i).padStart(9, '0')}`))

/** @type {[string, 'cow-btree' | 'lsm-tree' | 'rocksdb' | 'memory', string, string][]} */
const CLAIMS = [
  ['COW B+ tree', 'cow-btree', '41', '< 1'],
  ['LSM tree', 'lsm-tree', '38', '0.3'],
  ['RocksDB', 'rocksdb', '53', '19'],
  ['memory', 'memory', '< 1', '< 1'],
]

const rows = [
  [
    'backend',
    'claimed write',
    'ours, os, min / median',
    'ours, sync, min / median',
    'claimed read',
    'ours, min / median',
  ],
]
for (const [name, kind, write, read] of CLAIMS) {
  const dir = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
  const store = await openProvider(kind === 'memory' ? { kind } : { kind, dataDir: dir })
  for (let from = 0; from < RECORDS; from += 1000) {
    await store.write(keys.slice(from, from + 1000).map((key) => ({ type: 'put', key, value })))
  }
  /** @param {number} count @param {(key: Buffer) => unknown} work */
  const measure = async (count, work) => {
    const times = []
    for (let round = 0; round < 9; round++) {
      const started = performance.now()
      for (let i = 0; i < count; i++) await work(/** @type {Buffer} */ (keys[(i * 7919 + round) % RECORDS]))
      times.push(((performance.now() - started) * 1000) / count)
    }
    const { min, median } = summary(times)
    return `${micros(min)} / ${micros(median)}`
  }
  /** @param {'os' | 'sync'} durability */
  const writes = (durability) =>
    kind === 'memory' && durability === 'sync'
      ? Promise.resolve('–')
      : measure(durability === 'sync' ? 100 : 1000, (key) =>
          store.write([{ type: 'put', key, value }], kind === 'memory' ? {} : { durability }),
        )
  const tx = await store.begin({ timeoutMs: 600_000 })
  const reads = await measure(5000, (key) => tx.get(key))
  await tx.rollback()
  rows.push([
    name,
    `${write} µs`,
    `${await writes('os')} µs`,
    `${await writes('sync')} µs`,
    `${read} µs`,
    `${reads} µs`,
  ])
  await store.close()
  rmSync(dir, { recursive: true, force: true })
}
printTable(rows)
