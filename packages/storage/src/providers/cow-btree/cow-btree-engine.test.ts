import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { copyCrashImage } from '../engine-contract/crash-image.test.suite.js'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defined, hasCode, TestEnv, toBinaryString, utf8, type SectionInput } from '@orbit-ts/base'
import type { EngineWrite } from '../../transaction/local-engine.js'
import { testLocalEngine } from '../engine-contract.test.suite.js'
import type { CowBtreeEngine } from './cow-btree-engine.js'
import {
  DURABLE_FILE,
  SLOT_BYTES,
  decodeDurableRecord,
  encodeDurableRecord,
} from './data-file/durable-record.js'
import { DATA_FILE } from './data-file/recover.js'
import { openCowBtreeEngine } from './open-cow-btree-engine.js'
import type { cowBtreeOptions } from './options.js'

const env = new TestEnv()
const open = (
  dataDir: string,
  options: Omit<SectionInput<typeof cowBtreeOptions>, 'dataDir'> = {},
): Promise<CowBtreeEngine> => openCowBtreeEngine({ dataDir, ...options }, { env })

const openerUrl = new URL('./open-cow-btree-engine.js', import.meta.url).href
const baseUrl = import.meta.resolve('@orbit-ts/base')

testLocalEngine('cow-btree', (dataDir) => open(dataDir), {
  childOpener: `
    import { openCowBtreeEngine } from '${openerUrl}'
    import { systemEnv } from '${baseUrl}'
    globalThis.openEngine = (dataDir) => openCowBtreeEngine({ dataDir }, { env: systemEnv })`,
  damage: [
    { file: /ORBIT$/, how: 'delete' },
    { file: /ORBIT$/, how: 'empty' },
    { file: /ORBIT$/, how: 'truncate' },
    { file: /ORBIT$/, how: 'flip' },
    { file: /data\.mdb$/, how: 'delete' },
    { file: /data\.mdb$/, how: 'empty' },
    { file: /data\.mdb$/, how: 'truncate' },
    { file: /durable$/, how: 'delete' },
    { file: /durable$/, how: 'empty' },
    { file: /durable$/, how: 'flip' },
  ],
})

let root = ''
let directories = 0
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'orbit-cow-'))
})
after(() => rm(root, { recursive: true, force: true }))
const newDirectory = (): string => join(root, `data-${directories++}`)

const put = (key: string, value: string): EngineWrite => ({ key: utf8(key), value: utf8(value) })
const remove = (key: string): EngineWrite => ({ key: utf8(key), value: undefined })
const dataFile = (directory: string): string => join(directory, 'cow-btree', DATA_FILE)
const durableFile = (directory: string): string => join(directory, 'cow-btree', DURABLE_FILE)

const corrupt = (path: string) => (error: unknown) =>
  hasCode(error, 'STORAGE_CORRUPT') && error.details['file'] === path && error.message.includes(path)

async function contents(engine: CowBtreeEngine): Promise<[string, string][]> {
  const entries = await engine.cursor({}, { reverse: false, keysOnly: false }).next(1_000_000)
  return entries.map(({ key, value }) => [toBinaryString(key), toBinaryString(value)])
}

/** The directory as a crash would leave it: without what close writes. */
async function copyOf(directory: string): Promise<string> {
  const copy = newDirectory()
  await copyCrashImage(directory, copy)
  return copy
}

/** Makes the record say that the machine was started again since. */
async function pretendReboot(directory: string): Promise<void> {
  const path = durableFile(directory)
  const record = defined(decodeDurableRecord(await readFile(path)), 'the durable record')
  const slot = encodeDurableRecord({ ...record, boot: 'id of another start' })
  await writeFile(path, Buffer.concat([slot, Buffer.alloc(SLOT_BYTES)]))
}

describe('cow-btree engine', () => {
  it('refuses keys that LMDB cannot take, and finds none of them', async () => {
    const engine = await open(newDirectory())
    const { keySizeMaxBytes } = engine.limits
    const longest = new Uint8Array(keySizeMaxBytes).fill(7)
    const longer = new Uint8Array(keySizeMaxBytes + 1).fill(7)
    await engine.write([{ key: longest, value: utf8('kept') }], { sync: false })
    assert.throws(
      () => engine.write([put('a', ''), { key: longer, value: utf8('') }], { sync: false }),
      (error: unknown) => hasCode(error, 'KEY_TOO_LARGE') && error.message.includes(`${keySizeMaxBytes}`),
    )
    assert.equal(engine.get(utf8('a')), undefined)
    assert.equal(engine.get(longer), undefined)
    assert.deepEqual(engine.get(longest), Buffer.from('kept'))
    await engine.close()
  })

  it('takes bounds that are longer than any key', async () => {
    const engine = await open(newDirectory())
    const { keySizeMaxBytes } = engine.limits
    const longest = new Uint8Array(keySizeMaxBytes).fill(7)
    const longer = new Uint8Array(keySizeMaxBytes + 500).fill(7)
    const before = Uint8Array.of(6)
    const behind = Uint8Array.of(8)
    await engine.write(
      [before, longest, behind].map((key) => ({ key, value: utf8('') })),
      { sync: false },
    )
    for (const reverse of [false, true]) {
      const found = async (range: { start?: Uint8Array; end?: Uint8Array }): Promise<number[]> => {
        const cursor = engine.cursor(range, { reverse, keysOnly: true })
        const first = await cursor.next(1)
        return [...first, ...(await cursor.next(9))].map(({ key }) => key[0] ?? -1)
      }
      assert.deepEqual(await found({ start: longer }), [8])
      assert.deepEqual(await found({ end: longer }), reverse ? [7, 6] : [6, 7])
      assert.deepEqual(await found({ start: longest, end: longer }), [7])
      assert.deepEqual(await found({ start: longer, end: behind }), [])
    }
    await engine.close()
  })

  it('refuses a batch that needs more room than map_size_mb, and changes nothing', async () => {
    const engine = await open(newDirectory(), { mapSizeMb: 1 })
    const value = 'x'.repeat(100_000)
    for (let i = 0; i < 9; i++) await engine.write([put(`key ${i}`, value)], { sync: false })
    const expected = await contents(engine)
    for (let round = 0; round < 3; round++) {
      assert.throws(
        () =>
          engine.write(
            [put('small', ''), put('key 0', ''), put('a', value), put('b', value), put('c', value)],
            { sync: true },
          ),
        (error: unknown) => hasCode(error, 'STORAGE_FULL') && error.message.includes('map_size_mb'),
      )
    }
    assert.deepEqual(await contents(engine), expected)
    await engine.write([remove('key 1'), remove('key 2')], { sync: true })
    await engine.write([put('a', value)], { sync: true })
    assert.equal(engine.get(utf8('a'))?.byteLength, 100_000)
    assert.equal(engine.warning(), undefined)
    await engine.close()
  })

  it('lets entries be deleted when the limit was lowered below what is there', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 30; i++) await engine.write([put(`key ${i}`, 'x'.repeat(100_000))], { sync: false })
    await engine.close()
    const smaller = await open(directory, { mapSizeMb: 1 })
    await smaller.write([remove('key 1')], { sync: false })
    assert.throws(
      () => smaller.write([put('new', 'x'.repeat(100_000))], { sync: false }),
      (error: unknown) => hasCode(error, 'STORAGE_FULL'),
    )
    assert.equal(smaller.stats()['entries'], 29)
    await smaller.close()
  })

  it('uses pages again, also while nothing asks for sync', async () => {
    const own = new TestEnv()
    const engine = await openCowBtreeEngine({ dataDir: newDirectory() }, { env: own })
    const batch = (round: number): EngineWrite[] =>
      Array.from({ length: 100 }, (_, i) => put(`key ${i}`, `${round}`.repeat(1000)))
    for (let round = 0; round < 10; round++) {
      await engine.write(batch(round % 10), { sync: false })
      await own.advance(1_000)
      while (engine.stats()['unflushed_bytes'] !== 0) await own.timers.nextTurn()
    }
    const early = defined(engine.stats()['file_bytes'], 'file_bytes')
    for (let round = 0; round < 100; round++) {
      await engine.write(batch(round % 10), { sync: round % 2 === 0 })
      await own.advance(1_000)
    }
    assert.ok(defined(engine.stats()['file_bytes'], 'file_bytes') < early * 3)
    await engine.close()
  })

  it('finds after a crash of the process what was written without sync', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', '1')], { sync: true })
    await engine.write([put('b', '2')], { sync: false })
    const copy = await copyOf(directory)
    await engine.close()
    const again = await open(copy)
    assert.deepEqual(await contents(again), [
      ['a', '1'],
      ['b', '2'],
    ])
    await again.close()
  })

  it('goes back to the last flush after a crash of the machine, whatever reached the disk', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    const random = new TestEnv({ seed: 7 }).random
    const pick = (count: number): number => Math.floor(random.float() * count)
    const change = (sync: boolean): void | Promise<void> => {
      const keys = new Set(Array.from({ length: 1 + pick(40) }, () => pick(400)))
      const batch = [...keys].map((key) =>
        pick(4) === 0
          ? remove(`key ${key}`)
          : put(`key ${key}`, 'x'.repeat(pick(10) === 0 ? 9_000 : pick(300))),
      )
      return engine.write(batch, { sync })
    }
    for (let round = 0; round < 25; round++) {
      for (let i = 0; i < 5; i++) await change(false)
      await change(true)
      const flushed = await copyOf(directory)
      const expected = await contents(engine)
      for (let i = 0; i < 1 + pick(8); i++) await change(false)
      const torn = await mixOf(flushed, await copyOf(directory), pick)
      await pretendReboot(torn)
      const again = await open(torn)
      assert.deepEqual(await contents(again), expected, `round ${round}`)
      await again.write([put('after', 'the crash')], { sync: true })
      await again.close()
      await (await open(torn)).close()
    }
    await engine.close()
  })

  it('refuses to open when one of its files is a directory or a pipe', async () => {
    if (process.platform === 'win32') return
    for (const name of ['data.mdb', 'data.mdb-lock', 'durable']) {
      for (const make of [
        (path: string) => mkdir(path),
        (path: string) => once(spawn('mkfifo', [path]), 'exit'),
      ]) {
        const directory = newDirectory()
        await (await open(directory)).close()
        const path = join(directory, 'cow-btree', name)
        await rm(path)
        await make(path)
        await assert.rejects(open(directory), corrupt(path))
      }
    }
  })

  it('notices a changed value when it is read, and names its key', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write(
      [put('a', 'untouched'), put('b', 'precious'.repeat(10)), put('c', 'l'.repeat(9_000))],
      {
        sync: true,
      },
    )
    await engine.close()
    const bytes = await readFile(dataFile(directory))
    for (const [key, text] of [
      ['b', 'precious'],
      ['c', 'llllllll'],
    ] as const) {
      const harmed = Buffer.from(bytes)
      for (let at = harmed.indexOf(text); at >= 0; at = harmed.indexOf(text, at + 1)) harmed[at] = 0x21
      await writeFile(dataFile(directory), harmed)
      const damaged = (error: unknown): boolean =>
        corrupt(dataFile(directory))(error) &&
        hasCode(error, 'STORAGE_CORRUPT') &&
        error.details['key'] === Buffer.from(key).toString('hex') &&
        error.message.includes(`key ${Buffer.from(key).toString('hex')}`)
      await assert.rejects(open(directory), damaged)
      const again = await open(directory, { verifyAtOpen: false })
      assert.deepEqual(again.get(utf8('a')), Buffer.from('untouched'))
      assert.throws(() => again.get(utf8(key)), damaged)
      assert.throws(() => again.getMany([utf8('a'), utf8(key)]), damaged)
      for (const reverse of [false, true]) {
        const cursor = again.cursor({}, { reverse, keysOnly: false })
        await assert.rejects(async () => cursor.next(10), damaged)
      }
      await again.close()
    }
  })

  it('refuses a file that was cut off while the store was open', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 300; i++)
      await engine.write([put(`key ${i}`, 'x'.repeat(1000))], { sync: i % 50 === 0 })
    const copy = await copyOf(directory)
    await engine.close()
    const whole = await readFile(dataFile(copy))
    const pageSize = await pageSizeOf(copy)
    for (const verifyAtOpen of [true, false]) {
      for (const length of [
        1,
        100,
        pageSize,
        pageSize + 99,
        2 * pageSize,
        3 * pageSize,
        whole.byteLength / 2,
      ]) {
        await writeFile(dataFile(copy), whole.subarray(0, length))
        await assert.rejects(open(copy, { verifyAtOpen }), corrupt(dataFile(copy)), `${length} bytes`)
      }
    }
    await writeFile(dataFile(copy), whole)
    await (await open(copy)).close()
  })

  it('refuses damaged meta pages, whether or not the shutdown was clean', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 200; i++) await engine.write([put(`key ${i}`, 'x'.repeat(500))], { sync: true })
    const crashedCopy = await copyOf(directory)
    await engine.close()
    for (const copy of [crashedCopy, directory]) {
      const whole = await readFile(dataFile(copy))
      const pageSize = await pageSizeOf(copy)
      const latest = whole.readBigUInt64LE(152) > whole.readBigUInt64LE(pageSize + 152) ? 0 : pageSize
      // Magic, page size, and of the main tree: depth, counts, root; then the last page.
      for (const field of [24, 48, 102, 104, 112, 120, 128, 136]) {
        const harmed = Buffer.from(whole)
        harmed[latest + field] = defined(harmed[latest + field], 'a byte') ^ 0x03
        await writeFile(dataFile(copy), harmed)
        await assert.rejects(open(copy), corrupt(dataFile(copy)), `field at ${field}`)
      }
      await writeFile(dataFile(copy), whole)
      await (await open(copy)).close()
    }
  })

  it('reads a file whose unused last pages were never written', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 50; i++) await engine.write([put(`key ${i}`, 'x'.repeat(1000))], { sync: false })
    const expected = await contents(engine)
    const copy = await copyOf(directory)
    await engine.close()
    const bytes = await readFile(dataFile(copy))
    const pageSize = await pageSizeOf(copy)
    // The number of the last page, in both meta pages.
    for (const at of [144, pageSize + 144]) bytes.writeBigUInt64LE(bytes.readBigUInt64LE(at) + 5n, at)
    await writeFile(dataFile(copy), bytes)
    const again = await open(copy)
    assert.deepEqual(await contents(again), expected)
    await again.write([put('more', 'x'.repeat(100_000))], { sync: true })
    await again.close()
    await (await open(copy)).close()
  })

  it('refuses a store whose record of the last flush is gone or damaged', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', '1')], { sync: true })
    const copy = await copyOf(directory)
    await engine.close()
    const whole = await readFile(durableFile(copy))
    await rm(durableFile(copy))
    await assert.rejects(open(copy), corrupt(durableFile(copy)))
    await writeFile(durableFile(copy), Buffer.from(whole).fill(1))
    await assert.rejects(open(copy), corrupt(durableFile(copy)))
    await writeFile(durableFile(copy), whole)
    await (await open(copy)).close()
  })

  it('refuses a data file that is older than the last flush', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', '1')], { sync: true })
    const old = await readFile(dataFile(directory))
    for (let i = 0; i < 3; i++) await engine.write([put('b', `${i}`)], { sync: true })
    const copy = await copyOf(directory)
    await engine.close()
    await writeFile(dataFile(copy), old)
    await assert.rejects(open(copy), corrupt(dataFile(copy)))
  })

  it('refuses options that LMDB cannot honour', async () => {
    for (const [name, value, key] of [
      ['maxKeysPerNode', 64, 'max_keys_per_node'],
      ['walBufferSize', 1_048_576, 'wal_buffer_size'],
      ['snapshotInterval', 1000, 'snapshot_interval'],
      ['enableSnapshots', false, 'enable_snapshots'],
    ] as const) {
      await assert.rejects(
        open(newDirectory(), { [name]: value }),
        (error: unknown) =>
          hasCode(error, 'STORAGE_UNSUPPORTED') && error.message.includes(`${key} = ${value}`),
      )
    }
    await (await open(newDirectory(), { enableSnapshots: true })).close()
  })
})

async function pageSizeOf(directory: string): Promise<number> {
  return (await readFile(dataFile(directory))).readUInt32LE(48)
}

/** A data file in which each page that changed since the flush is the old or the new one, by chance. */
async function mixOf(flushed: string, later: string, pick: (count: number) => number): Promise<string> {
  const pageSize = await pageSizeOf(flushed)
  const before = await readFile(dataFile(flushed))
  const after = await readFile(dataFile(later))
  for (let at = 0; at < after.byteLength; at += pageSize) {
    if (pick(2) === 0) continue
    after.fill(0, at, at + pageSize)
    if (at < before.byteLength) before.copy(after, at, at, at + pageSize)
  }
  await writeFile(dataFile(later), after)
  return later
}
