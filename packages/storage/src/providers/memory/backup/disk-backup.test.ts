import assert from 'node:assert/strict'
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { asBuffer, defined, hasCode, OrbitError, TestEnv, toBinaryString, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import type { MemoryEngine } from '../memory-engine.js'
import { openMemoryEngine } from '../open-memory-engine.js'
import type { BackupCompression } from '../options.js'
import { chunkCodec } from './chunk-codec.js'
import { readBackup } from './read-backup.js'
import { temporaryPath, writeBackup } from './write-backup.js'

const compressions: BackupCompression[] = ['none', 'gzip', 'lz4']
if ('zstdCompress' in (await import('node:zlib'))) compressions.push('zstd')

let directory = ''
let files = 0
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orbit-backup-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const newPath = (): string => join(directory, `store-${files++}`, 'backup.json')

const open = (path: string, env: TestEnv, compression: BackupCompression = 'none'): Promise<MemoryEngine> =>
  openMemoryEngine({ diskBackup: { path, compression, syncIntervalMs: 60_000 } }, { env })

async function contents(engine: MemoryEngine): Promise<[string, string][]> {
  const entries = await engine.cursor({}, { reverse: false, keysOnly: false }).next(1_000_000)
  return entries.map(({ key, value }) => [toBinaryString(key), toBinaryString(value)])
}

const put = (key: string, value: string): { key: Uint8Array; value: Uint8Array } => ({
  key: utf8(key),
  value: utf8(value),
})

const corrupt =
  (path: string) =>
  (error: unknown): boolean =>
    hasCode(error, 'STORAGE_CORRUPT') && error.message.includes(path) && error.details['file'] === path

for (const compression of compressions) {
  describe(`disk backup, ${compression}`, () => {
    it('is loaded again at the next start, whatever compression is set then', async () => {
      const env = new TestEnv()
      const path = newPath()
      const engine = await open(path, env, compression)
      engine.write([put('', 'empty key'), put('b', ''), put('a', 'x'.repeat(100_000))])
      engine.write([put('b', '\x00ÿ'), { key: utf8('nothing'), value: undefined }])
      const expected = await contents(engine)
      await engine.close()
      for (const later of compressions) {
        const again = await open(path, env, later)
        assert.deepEqual(await contents(again), expected)
        await again.close()
      }
      assert.equal((await readFile(path)).toString('latin1', 0, 8), 'OrbitMem')
    })

    it('keeps any entries', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 300 })), {
            selector: ([key]) => toBinaryString(key),
            maxLength: 60,
          }),
          async (pairs) => {
            const path = join(directory, 'property')
            const entries = pairs.map(([key, value]) => ({ key, value }))
            await writeBackup(path, entries, compression)
            const found: { key: Uint8Array; value: Uint8Array }[] = []
            assert.equal(await readBackup(path, (entry) => found.push(entry)), true)
            assert.deepEqual(
              found.map(({ key, value }) => [toBinaryString(key), toBinaryString(value)]),
              pairs.map(([key, value]) => [toBinaryString(key), toBinaryString(value)]),
            )
          },
        ),
        { numRuns: 25 },
      )
    })

    it('spans many chunks', async () => {
      const path = newPath()
      const env = new TestEnv()
      const engine = await open(path, env, compression)
      const value = asBuffer(env.random.bytes(50_000))
      for (let i = 0; i < 100; i++) engine.write([{ key: utf8(`key ${i}`), value }])
      engine.write([{ key: utf8('large'), value: Buffer.concat(Array<Buffer>(60).fill(value)) }])
      const expected = await contents(engine)
      await engine.close()
      const again = await open(path, env)
      assert.deepEqual(await contents(again), expected)
      await again.close()
    })

    it('is refused when it is cut off anywhere, and left as it is', async () => {
      const env = new TestEnv()
      const path = newPath()
      const engine = await open(path, env, compression)
      engine.write([put('a', 'one'), put('b', 'two')])
      await engine.close()
      const whole = await readFile(path)
      for (let length = 0; length < whole.byteLength; length++) {
        await writeFile(path, whole.subarray(0, length))
        await assert.rejects(open(path, env), corrupt(path))
        assert.deepEqual(await readFile(path), whole.subarray(0, length))
      }
      await writeFile(path, whole)
      await (await open(path, env)).close()
    })

    it('is refused when any byte of it is changed', async () => {
      const env = new TestEnv()
      const path = newPath()
      const engine = await open(path, env, compression)
      engine.write([put('a', 'one'), put('b', 'two')])
      await engine.close()
      const whole = await readFile(path)
      for (let at = 0; at < whole.byteLength; at++) {
        const harmed = Buffer.from(whole)
        harmed[at] = defined(harmed[at], 'a byte of the file') ^ 0x10
        await writeFile(path, harmed)
        await assert.rejects(open(path, env), corrupt(path))
      }
      await writeFile(path, Buffer.concat([whole, Buffer.of(0)]))
      await assert.rejects(open(path, env), corrupt(path))
    })
  })
}

describe('disk backup', () => {
  it('is readable for its owner only', async () => {
    if (process.platform === 'win32') return
    const path = newPath()
    const engine = await open(path, new TestEnv())
    engine.write([put('a', 'secret')])
    await engine.close()
    assert.equal((await stat(path)).mode & 0o777, 0o600)
  })

  it('is written at each interval in which something changed', async () => {
    const env = new TestEnv()
    const path = newPath()
    const engine = await open(path, env)
    await env.advance(300_000)
    await assert.rejects(stat(path), { code: 'ENOENT' })
    engine.write([put('a', '1')])
    assert.equal(engine.stats()['backup_pending'], 1)
    await advanceUntilWritten(env, engine, 1)
    assert.deepEqual(await entriesIn(path), [['a', '1']])
    assert.equal(engine.stats()['backup_pending'], 0)
    await env.advance(300_000)
    assert.equal(engine.stats()['backups_written'], 1)
    engine.write([put('b', '2')])
    await advanceUntilWritten(env, engine, 2)
    assert.deepEqual(await entriesIn(path), [
      ['a', '1'],
      ['b', '2'],
    ])
    await engine.close()
    assert.equal(env.pendingTimers, 0)
  })

  it('never holds a part of a batch although writes go on', async () => {
    const path = newPath()
    const env = new TestEnv()
    const engine = await open(path, env, 'gzip')
    const filler = 'x'.repeat(5_000)
    const batch = (round: number) =>
      Array.from({ length: 500 }, (_, i) => put(`key ${i}`, `${round} ${filler}`))
    for (let round = 0; round < 40; round++) {
      engine.write(batch(round))
      await env.advance(60_000)
    }
    while ((engine.stats()['backups_written'] ?? 0) < 1) await env.timers.nextTurn()
    const rounds = new Set((await entriesIn(path)).map(([, value]) => value.split(' ')[0]))
    assert.equal(rounds.size, 1)
    await engine.close()
    assert.deepEqual(
      new Set((await entriesIn(path)).map(([, value]) => value.split(' ')[0])),
      new Set(['39']),
    )
  })

  it('survives a process that died while it was written', async () => {
    const env = new TestEnv()
    const path = newPath()
    const engine = await open(path, env)
    engine.write([put('a', 'kept')])
    await engine.close()
    await copyFile(path, temporaryPath(path))
    await truncate(temporaryPath(path), 30)
    const again = await open(path, env)
    assert.deepEqual(await contents(again), [['a', 'kept']])
    again.write([put('b', 'new')])
    await again.close()
    assert.deepEqual((await readdir(join(path, '..'))).toSorted(), ['backup.json', 'backup.json.lock'])
    assert.deepEqual(await entriesIn(path), [
      ['a', 'kept'],
      ['b', 'new'],
    ])
  })

  it('shows a failure as a warning, tries again, and does not close while it fails', async () => {
    const env = new TestEnv()
    const path = newPath()
    const engine = await open(path, env)
    await mkdir(temporaryPath(path))
    engine.write([put('a', '1')])
    await assert.rejects(
      engine.close(),
      (error: unknown) => hasCode(error, 'STORAGE_IO') && error.message.includes(path),
    )
    assert.match(engine.warning() ?? '', /writing the backup/)
    assert.equal(engine.stats()['backups_failed'], 1)
    assert.deepEqual(await contents(engine), [['a', '1']])
    await rm(temporaryPath(path), { recursive: true })
    await advanceUntilWritten(env, engine, 1)
    assert.equal(engine.warning(), undefined)
    await engine.close()
    assert.deepEqual(await entriesIn(path), [['a', '1']])
  })

  it('is refused when it holds more than max_entries', async () => {
    const env = new TestEnv()
    const path = newPath()
    const engine = await open(path, env)
    engine.write([put('a', ''), put('b', '')])
    await engine.close()
    const options = { maxEntries: 1, diskBackup: { path } }
    await assert.rejects(openMemoryEngine(options, { env }), (error: unknown) =>
      hasCode(error, 'STORAGE_FULL'),
    )
    await (await openMemoryEngine({ ...options, maxEntries: 2 }, { env })).close()
  })

  it('is refused to a second store while the first is open', async () => {
    const env = new TestEnv()
    const path = newPath()
    const engine = await open(path, env)
    await assert.rejects(
      open(path, env),
      (error: unknown) => hasCode(error, 'STORAGE_LOCKED') && error.message.includes(path),
    )
    await engine.close()
    await (await open(path, env)).close()
  })

  it('is refused when a newer release wrote it', async () => {
    const env = new TestEnv()
    const path = newPath()
    await (await open(path, env)).close()
    const header = Buffer.alloc(20)
    header.write('OrbitMem', 'latin1')
    header.writeUInt32LE(2, 8)
    const { crc32c } = await import('@node-rs/crc32')
    header.writeUInt32LE(crc32c(header.subarray(0, 16)), 16)
    await writeFile(path, header)
    await assert.rejects(open(path, env), (error: unknown) => hasCode(error, 'RECORD_VERSION_UNSUPPORTED'))
  })

  it('refuses zstd where Node.js has none, naming the version', async () => {
    await assert.rejects(
      chunkCodec('zstd', {}),
      (error: unknown) => hasCode(error, 'STORAGE_UNSUPPORTED') && error.message.includes(process.version),
    )
    if (compressions.includes('zstd')) return
    await assert.rejects(open(newPath(), new TestEnv(), 'zstd'), (error: unknown) =>
      hasCode(error, 'STORAGE_UNSUPPORTED'),
    )
  })

  it('names what it cannot read', async () => {
    const path = newPath()
    await mkdir(path, { recursive: true })
    await assert.rejects(
      open(path, new TestEnv()),
      (error: unknown) => error instanceof OrbitError && error.code === 'STORAGE_IO',
    )
  })
})

async function entriesIn(path: string): Promise<[string, string][]> {
  const found: [string, string][] = []
  await readBackup(path, ({ key, value }) => found.push([toBinaryString(key), toBinaryString(value)]))
  return found
}

/** Virtual time fires the timer; the file is then written in real time. */
async function advanceUntilWritten(env: TestEnv, engine: MemoryEngine, count: number): Promise<void> {
  await env.advance(60_000)
  while ((engine.stats()['backups_written'] ?? 0) < count) await env.timers.nextTurn()
}
