// @ts-check
/**
 * 64 concurrent transactions at durability "sync" against one at a time on the same engine: what group commit gives.
 * Each writes one 100-byte value to a key of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProvider } from '@orbit-ts/storage'
import { micros, printTable, summary } from './measure.js'

const CONCURRENCY = 64
const PER_ROUND = 640
const ROUNDS = 7
const value = Buffer.alloc(100, 7)

const rows = [
  [
    'engine',
    'one at a time, min / median µs',
    '64 at once, min / median µs',
    'speed-up (medians)',
    'mean group',
  ],
]
for (const kind of /** @type {const} */ (['rocksdb', 'cow-btree', 'lsm-tree'])) {
  const dir = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
  const store = await openProvider({ kind, dataDir: dir, durability: 'sync' })
  let n = 0
  const one = () => {
    const key = Buffer.from(`key-${n++}`)
    return store.transact(async (tx) => tx.put(key, value))
  }
  /** @param {number} concurrency */
  const round = async (concurrency) => {
    const before = store.metrics()
    const started = performance.now()
    let left = PER_ROUND
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        while (left-- > 0) await one()
      }),
    )
    const after = store.metrics()
    const groups = after.commitGroups - before.commitGroups
    return { micros: ((performance.now() - started) * 1000) / PER_ROUND, group: PER_ROUND / groups }
  }
  await round(CONCURRENCY)
  const single = []
  const many = []
  const group = []
  for (let i = 0; i < ROUNDS; i++) {
    single.push((await round(1)).micros)
    const result = await round(CONCURRENCY)
    many.push(result.micros)
    group.push(result.group)
  }
  const [alone, together] = [summary(single), summary(many)]
  rows.push([
    kind,
    `${micros(alone.min)} / ${micros(alone.median)}`,
    `${micros(together.min)} / ${micros(together.median)}`,
    `${(alone.median / together.median).toFixed(1)} ×`,
    summary(group).median.toFixed(0),
  ])
  await store.close()
  rmSync(dir, { recursive: true, force: true })
}
printTable(rows)
