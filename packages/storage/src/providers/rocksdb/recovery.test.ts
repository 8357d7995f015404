import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { copyCrashImage } from '../engine-contract/crash-image.test.suite.js'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defined, hasCode, systemEnv, type SectionInput } from '@orbit-ts/base'
import { openRocksdbEngine } from './open-rocksdb-engine.js'
import type { rocksdbOptions } from './options.js'
import type { BindingName } from './rocks-binding.js'
import type { RocksdbEngine } from './rocksdb-engine.js'
import { SyncedPosition } from './synced-position.js'

const BINDINGS: readonly BindingName[] = ['nxtedition', 'holepunch']
const key = (i: number): Uint8Array => Buffer.from(`key${String(i).padStart(6, '0')}`)
const value = (i: number, sizeBytes = 100): Uint8Array => new Uint8Array(sizeBytes).fill(i & 0xff)

describe('recovery of RocksDB', () => {
  let root = ''
  let count = 0
  const fresh = (): string => join(root, `d${count++}`)
  before(async () => void (root = await mkdtemp(join(tmpdir(), 'orbit-recovery-'))))
  after(() => rm(root, { recursive: true, force: true }))

  const open = (
    dataDir: string,
    options: Omit<SectionInput<typeof rocksdbOptions>, 'dataDir'>,
  ): Promise<RocksdbEngine> => openRocksdbEngine({ ...options, dataDir }, { env: systemEnv })

  async function put(
    engine: RocksdbEngine,
    from: number,
    to: number,
    sync: boolean,
    sizeBytes?: number,
  ): Promise<void> {
    for (let i = from; i < to; i++) {
      await engine.write([{ key: key(i), value: value(i, sizeBytes) }], { sync: sync && i === to - 1 })
    }
  }

  async function requireKeys(engine: RocksdbEngine, to: number, sizeBytes?: number): Promise<void> {
    for (let i = 0; i < to; i++) {
      const found = await engine.get(key(i))
      assert.ok(found !== undefined && Buffer.compare(found, value(i, sizeBytes)) === 0, `key ${i}`)
    }
  }

  /** What a crash leaves: the files as they are while the store is open and idle. */
  async function crashImage(dataDir: string): Promise<string> {
    const image = fresh()
    await copyCrashImage(dataDir, image)
    return image
  }

  /** 200 entries in a table file, 200 in the log, the last of them synced; then a crash. */
  async function crashed(binding: BindingName): Promise<string> {
    const dataDir = fresh()
    const first = await open(dataDir, { binding })
    await put(first, 0, 200, false)
    await first.close()
    const second = await open(dataDir, { binding })
    await put(second, 200, 400, true)
    const image = await crashImage(dataDir)
    await second.close()
    return image
  }

  const fileOf = async (dataDir: string, pattern: RegExp): Promise<string> => {
    const names = (await readdir(join(dataDir, 'rocksdb'))).filter((name) => pattern.test(name)).sort()
    return join(dataDir, 'rocksdb', defined(names.at(-1), `a file like ${pattern.source}`))
  }

  async function flip(path: string, at: number): Promise<void> {
    const content = await readFile(path)
    content[at] = (content[at] ?? 0) ^ 0x10
    await writeFile(path, content)
  }

  for (const binding of BINDINGS) {
    describe(binding, () => {
      const refused = (dataDir: string, file: RegExp): Promise<void> =>
        assert.rejects(
          async () => {
            const engine = await open(dataDir, { binding })
            try {
              await requireKeys(engine, 400)
            } finally {
              await engine.close()
            }
          },
          (error: unknown) => {
            assert.ok(hasCode(error, 'STORAGE_CORRUPT'), String(error))
            assert.match(error.message, file)
            return true
          },
        )

      it('finds everything after a crash, and again after that', async () => {
        const dataDir = await crashed(binding)
        for (let round = 0; round < 2; round++) {
          const engine = await open(dataDir, { binding })
          await requireKeys(engine, 400)
          await engine.close()
        }
      })

      it('drops the torn end of what was never acknowledged', async () => {
        const dataDir = await crashed(binding)
        // 5 to 8 and 11 are types of records that RocksDB itself does not come past.
        for (const fill of [0, 1, 5, 6, 7, 8, 11, 0x5a]) {
          for (const pattern of [/\.log$/, /^MANIFEST-/]) {
            const copy = await crashImage(dataDir)
            await appendFile(await fileOf(copy, pattern), Buffer.alloc(100, fill))
            const engine = await open(copy, { binding })
            await requireKeys(engine, 400)
            await engine.close()
          }
        }
      })

      it('notices a log that is gone, shorter or damaged', async () => {
        const dataDir = await crashed(binding)
        const harms: ((path: string) => Promise<void>)[] = [
          (path) => rm(path),
          (path) => truncate(path, 0),
          async (path) => truncate(path, (await stat(path)).size - 1),
          (path) => flip(path, 4),
          async (path) => flip(path, Math.floor((await stat(path)).size / 2)),
          async (path) => flip(path, (await stat(path)).size - 1),
        ]
        for (const harm of harms) {
          const copy = await crashImage(dataDir)
          await harm(await fileOf(copy, /\.log$/))
          await refused(copy, /\d+\.log /)
          await refused(copy, /\d+\.log /)
        }
      })

      it('notices a manifest or CURRENT that is gone, shorter or damaged', async () => {
        const dataDir = await crashed(binding)
        const harms: ((path: string) => Promise<void>)[] = [
          (path) => rm(path),
          (path) => truncate(path, 0),
          async (path) => truncate(path, (await stat(path)).size - 1),
          async (path) => flip(path, Math.floor((await stat(path)).size / 2)),
        ]
        for (const harm of harms) {
          for (const pattern of [/^MANIFEST-/, /^CURRENT$/]) {
            const copy = await crashImage(dataDir)
            await harm(await fileOf(copy, pattern))
            await refused(copy, /CURRENT|MANIFEST/)
          }
        }
      })

      it('notices a table file that is gone, shorter or damaged', async () => {
        const dataDir = await crashed(binding)
        const harms: ((path: string) => Promise<void>)[] = [
          (path) => rm(path),
          async (path) => truncate(path, Math.floor((await stat(path)).size / 2)),
          (path) => flip(path, 1000),
        ]
        for (const harm of harms) {
          const copy = await crashImage(dataDir)
          await harm(await fileOf(copy, /\.sst$/))
          await refused(copy, /\d+\.sst|MANIFEST/)
        }
      })

      it('reports a damaged block from every direction, never an empty answer', async () => {
        const dataDir = await crashed(binding)
        await flip(await fileOf(dataDir, /\.sst$/), 10_000)
        const engine = await open(dataDir, { binding })
        let reported = 0
        for (let i = 0; i < 200; i++) {
          const range = { start: key(i), end: key(i + 1) }
          for (const reverse of [false, true]) {
            const cursor = engine.cursor(range, { reverse, keysOnly: false })
            try {
              const entries = await cursor.next(10)
              assert.deepEqual(
                entries.map((entry) => Buffer.from(entry.key).toString()),
                [Buffer.from(key(i)).toString()],
              )
            } catch (error) {
              assert.ok(hasCode(error, 'STORAGE_CORRUPT'), String(error))
              reported++
            } finally {
              await cursor.close()
            }
          }
        }
        assert.ok(reported >= 2)
        await engine.close()
      })

      it('opens a store whose first opening was cut short', async () => {
        const dataDir = fresh()
        const engine = await open(dataDir, { binding })
        await engine.close()
        for (const name of await readdir(join(dataDir, 'rocksdb'))) await rm(join(dataDir, 'rocksdb', name))
        await refused(dataDir, /CURRENT is missing|is missing/)
        await rm(join(dataDir, 'ORBIT'))
        await rm(join(dataDir, 'SYNCED'))
        const again = await open(dataDir, { binding })
        assert.equal(await again.get(key(0)), undefined)
        await again.close()
      })

      it('promises no more than what was synced', async () => {
        const dataDir = fresh()
        const engine = await open(dataDir, { binding })
        await put(engine, 0, 10, true)
        const synced = defined(SyncedPosition.read(join(dataDir, 'SYNCED')), 'the position')
        const log = await fileOf(dataDir, /\.log$/)
        assert.equal((await stat(log)).size, synced.logBytes)
        await put(engine, 10, 20, false)
        assert.deepEqual(SyncedPosition.read(join(dataDir, 'SYNCED')), synced)
        assert.ok((await stat(log)).size > synced.logBytes)
        await put(engine, 20, 21, true)
        assert.equal(SyncedPosition.read(join(dataDir, 'SYNCED'))?.logBytes, (await stat(log)).size)
        await engine.close()
      })
    })
  }

  it('follows the log when RocksDB begins a new one', async () => {
    const dataDir = fresh()
    const engine = await open(dataDir, { binding: 'holepunch', writeBufferMb: 1 })
    const seen = new Set<number>()
    for (let i = 0; i < 60; i++) {
      await engine.write([{ key: key(i), value: value(i, 100_000) }], { sync: i % 3 === 0 })
      if (i % 3 !== 0) continue
      const position = defined(SyncedPosition.read(join(dataDir, 'SYNCED')), 'the position')
      const newest = await fileOf(dataDir, /\.log$/)
      assert.ok(
        newest.endsWith(`${position.logNumber}.log`),
        `${newest} is synced, not ${position.logNumber}`,
      )
      assert.equal((await stat(newest)).size, position.logBytes)
      seen.add(position.logNumber)
      if (i % 15 !== 0) continue
      const recovered = await open(await crashImage(dataDir), { binding: 'holepunch', writeBufferMb: 1 })
      await requireKeys(recovered, i + 1, 100_000)
      await recovered.close()
    }
    assert.ok(seen.size > 3, `${seen.size} logs were begun`)
    await engine.close()
  })

  for (const writer of BINDINGS) {
    const reader: BindingName = writer === 'nxtedition' ? 'holepunch' : 'nxtedition'
    it(`lets ${reader} open what ${writer} wrote, closed or crashed`, async () => {
      const image = await crashed(writer)
      const first = await open(image, { binding: reader })
      await requireKeys(first, 400)
      await put(first, 400, 500, true)
      await first.close()
      const second = await open(image, { binding: writer })
      await requireKeys(second, 500)
      await second.close()
      const third = await open(image, { binding: reader })
      await requireKeys(third, 500)
      await third.close()
    })
  }

  it('refuses compressed files with the binding that cannot read them', async () => {
    const dataDir = fresh()
    for (let round = 0; round < 2; round++) {
      const engine = await open(dataDir, { compression: 'zstd' })
      await put(engine, 0, 400, true)
      await engine.close()
    }
    const readAll = async (): Promise<void> => {
      const engine = await open(dataDir, { binding: 'holepunch' })
      try {
        await requireKeys(engine, 400)
      } finally {
        await engine.close()
      }
    }
    await assert.rejects(readAll(), (error: unknown) => {
      assert.ok(hasCode(error, 'STORAGE_UNSUPPORTED'), String(error))
      assert.match(error.message, /ZSTD not supported in this build; open it with binding = "nxtedition"/)
      return true
    })
    const engine = await open(dataDir, { compression: 'zstd' })
    await requireKeys(engine, 400)
    await engine.close()
  })
})
