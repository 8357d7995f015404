// @ts-check
/**
 * Each provider through the contract against its own npm binding, called directly: what the contract costs.
 * 100-byte values, 100 000 records, durability "os" (written to the operating system, not forced to disk) on both sides.
 * The binding side does what a program without Orbit would: no isolation, no conflict checks.
 *
 * LMDB has two rivals. With `noSync` a crash of the machine may destroy its file, which Orbit's never does: pages of the
 * last state on disk are not written over. As it comes, with flushes that overlap the next commits, it promises what
 * durability "os" promises.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openProvider } from '@orbit-ts/storage'
import { contest, printRatios } from './measure.js'

const RECORDS = 100_000
const value = Buffer.alloc(100, 7)
/** @param {number} i */
const keyOf = (i) => Buffer.from(`key-${String(i).padStart(9, '0')}`)
const keys = Array.from({ length: RECORDS }, (_, i) => keyOf(i))
let state = 1
const random = () => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) % RECORDS
const pick = (/** @type {number} */ count) =>
  Array.from({ length: count }, () => /** @type {Buffer} */ (keys[random()]))

/**
 * @typedef {{ get(key: Buffer): unknown, getMany(keys: Buffer[]): unknown, scan(count: number): unknown,
 *   batch(keys: Buffer[]): unknown, close(): Promise<void> }} Raw
 * @type {[string, object, (dir: string) => Promise<Raw>][]}
 */
const ENGINES = [
  ['rocksdb (nxtedition)', { kind: 'rocksdb', binding: 'nxtedition' }, rawNxtedition],
  ['rocksdb (holepunch)', { kind: 'rocksdb', binding: 'holepunch' }, rawHolepunch],
  ['cow-btree (lmdb with noSync)', { kind: 'cow-btree' }, rawLmdbNoSync],
  ['cow-btree (lmdb that survives a crash)', { kind: 'cow-btree' }, rawLmdbSafe],
  ['lsm-tree (classic-level)', { kind: 'lsm-tree' }, rawLevel],
]

for (const [name, options, openRaw] of ENGINES) {
  const dir = mkdtempSync(join(tmpdir(), 'orbit-bench-'))
  try {
    // @ts-expect-error the table above holds options of four kinds
    const store = await openProvider(
      { ...options, dataDir: join(dir, 'ours'), durability: 'os' },
      { transactions: { timeoutMs: 3_600_000 } },
    )
    const raw = await openRaw(join(dir, 'raw'))
    for (let from = 0; from < RECORDS; from += 1000) {
      const batch = keys.slice(from, from + 1000)
      await store.write(batch.map((key) => ({ type: 'put', key, value })))
      await raw.batch(batch)
    }
    const tx = await store.begin()
    const gets = pick(5000)
    const groups = Array.from({ length: 50 }, () => pick(100))
    const writes = Array.from({ length: 50 }, () => pick(100))
    console.log(`\n### ${name}\n`)
    printRatios([
      await contest({
        name: 'point get',
        per: gets.length,
        ours: async () => {
          for (const key of gets) await tx.get(key)
        },
        rival: async () => {
          for (const key of gets) await raw.get(key)
        },
      }),
      await contest({
        name: 'getMany(100), per key',
        per: 5000,
        ours: async () => {
          for (const group of groups) await tx.getMany(group)
        },
        rival: async () => {
          for (const group of groups) await raw.getMany(group)
        },
      }),
      await contest({
        name: 'scan of 10 000, per entry',
        per: 10_000,
        ours: async () => {
          for await (const chunk of tx.scan({ start: keyOf(0) }, { limit: 10_000 })) void chunk
        },
        rival: () => raw.scan(10_000),
      }),
      await tx.rollback().then(() =>
        contest({
          name: 'batch write of 100, per key',
          per: 5000,
          ours: async () => {
            for (const group of writes) await store.write(group.map((key) => ({ type: 'put', key, value })))
          },
          rival: async () => {
            for (const group of writes) await raw.batch(group)
          },
        }),
      ),
      await contest({
        name: 'transaction: read 10, write 10',
        per: 200,
        ours: async () => {
          for (let i = 0; i < 200; i++) {
            await store.transact(async (each) => {
              const batch = pick(10)
              await each.getMany(batch)
              for (const key of batch) each.put(key, value)
            })
          }
        },
        rival: async () => {
          for (let i = 0; i < 200; i++) {
            const batch = pick(10)
            await raw.getMany(batch)
            await raw.batch(batch)
          }
        },
      }),
    ])
    await store.close()
    await raw.close()
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** @param {string} dir @returns {Promise<Raw>} */
async function rawNxtedition(dir) {
  const { RocksLevel } = createRequire(import.meta.resolve('@orbit-ts/storage'))('@nxtedition/rocksdb')
  const db = new RocksLevel(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer', createIfMissing: true })
  await db.open()
  return {
    get: (key) => db._getManySync([key]),
    getMany: (many) => db._getManySync(many),
    scan: async (count) => {
      const iterator = db.iterator({ limit: count, keyEncoding: 'buffer', valueEncoding: 'buffer' })
      for (let read = 0; read < count;) read += (await iterator.nextv(256)).length
      await iterator.close()
    },
    batch: async (many) => {
      const batch = db.batch()
      for (const key of many) batch.put(key, value)
      await batch.write({ sync: false })
    },
    close: () => db.close(),
  }
}

/** @param {string} dir @returns {Promise<Raw>} */
async function rawHolepunch(dir) {
  const RocksDB = createRequire(import.meta.resolve('@orbit-ts/storage'))('rocksdb-native')
  const db = new RocksDB(dir)
  await db.ready()
  return {
    get: (key) => db.get(key),
    getMany: async (many) => {
      const batch = db.read({ capacity: many.length })
      const found = many.map((key) => batch.get(key))
      batch.tryFlush()
      await Promise.all(found)
      batch.destroy()
    },
    scan: async (count) => {
      for await (const entry of db.iterator({ gte: keyOf(0) }, { limit: count, capacity: 256 })) void entry
    },
    batch: async (many) => {
      const batch = db.write({ capacity: many.length })
      for (const key of many) batch.tryPut(key, value)
      await batch.flush()
      batch.destroy()
    },
    close: () => db.close(),
  }
}

/** @param {string} dir @param {object} options */
async function openLmdb(dir, options) {
  const { open } = await import(createRequire(import.meta.resolve('@orbit-ts/storage')).resolve('lmdb')).then(
    (module) => module.default ?? module,
  )
  return open({ path: dir, encoding: 'binary', keyEncoding: 'binary', ...options })
}

/** @param {any} db @returns {Omit<Raw, 'batch'>} */
function lmdbReads(db) {
  return {
    get: (key) => db.getBinary(key),
    getMany: (many) => many.map((key) => db.getBinary(key)),
    scan: (count) => {
      for (const entry of db.getRange({ limit: count })) void entry
    },
    close: () => db.close(),
  }
}

/** @param {string} dir @returns {Promise<Raw>} */
async function rawLmdbNoSync(dir) {
  const db = await openLmdb(dir, { noSync: true })
  return {
    ...lmdbReads(db),
    batch: (many) =>
      db.transactionSync(() => {
        for (const key of many) db.putSync(key, value)
      }),
  }
}

/** Resolves when the batch is committed; it is flushed later. @param {string} dir @returns {Promise<Raw>} */
async function rawLmdbSafe(dir) {
  const db = await openLmdb(dir, {})
  return {
    ...lmdbReads(db),
    batch: (many) =>
      db.transaction(() => {
        for (const key of many) db.put(key, value)
      }),
  }
}

/** @param {string} dir @returns {Promise<Raw>} */
async function rawLevel(dir) {
  const { ClassicLevel } = createRequire(import.meta.resolve('@orbit-ts/storage'))('classic-level')
  const db = new ClassicLevel(dir, { keyEncoding: 'buffer', valueEncoding: 'buffer' })
  await db.open()
  return {
    get: (key) => db.getSync(key),
    getMany: (many) => db.getMany(many),
    scan: async (count) => {
      const iterator = db.iterator({ limit: count })
      for (let read = 0; read < count;) read += (await iterator.nextv(256)).length
      await iterator.close()
    },
    batch: (many) => db.batch(many.map((key) => ({ type: 'put', key, value }))),
    close: () => db.close(),
  }
}
