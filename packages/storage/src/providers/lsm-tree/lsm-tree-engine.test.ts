import assert from 'node:assert/strict'
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { copyCrashImage } from '../engine-contract/crash-image.test.suite.js'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defined, hasCode, TestEnv, utf8, type SectionInput } from '@orbit-ts/base'
import type { EngineWrite } from '../../transaction/local-engine.js'
import { testLocalEngine } from '../engine-contract.test.suite.js'
import type { LsmTreeEngine } from './lsm-tree-engine.js'
import { openLsmTreeEngine } from './open-lsm-tree-engine.js'
import type { lsmTreeOptions } from './options.js'

const env = new TestEnv()
const open = (
  dataDir: string,
  options: Omit<SectionInput<typeof lsmTreeOptions>, 'dataDir'> = {},
): Promise<LsmTreeEngine> => openLsmTreeEngine({ dataDir, ...options }, { env })

const openerUrl = new URL('./open-lsm-tree-engine.js', import.meta.url).href
const baseUrl = import.meta.resolve('@orbit-ts/base')

testLocalEngine('lsm-tree', (dataDir) => open(dataDir), {
  childOpener: `
    import { openLsmTreeEngine } from '${openerUrl}'
    import { systemEnv } from '${baseUrl}'
    globalThis.openEngine = (dataDir) => openLsmTreeEngine({ dataDir }, { env: systemEnv })`,
  damage: [
    { file: /ORBIT$/, how: 'delete' },
    { file: /ORBIT$/, how: 'empty' },
    { file: /ORBIT$/, how: 'truncate' },
    { file: /ORBIT$/, how: 'flip' },
    { file: /CURRENT$/, how: 'delete' },
    { file: /CURRENT$/, how: 'empty' },
    { file: /CURRENT$/, how: 'truncate' },
    { file: /CURRENT$/, how: 'flip' },
    { file: /MANIFEST-\d+$/, how: 'delete' },
    { file: /MANIFEST-\d+$/, how: 'empty' },
    { file: /MANIFEST-\d+$/, how: 'truncate' },
    { file: /MANIFEST-\d+$/, how: 'flip' },
    { file: /\.ldb$/, how: 'delete' },
    { file: /\.ldb$/, how: 'empty' },
    { file: /\.ldb$/, how: 'truncate' },
    { file: /\.ldb$/, how: 'flip' },
    { file: /\.log$/, how: 'delete' },
  ],
})

let root = ''
let directories = 0
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'orbit-lsm-'))
})
after(() => rm(root, { recursive: true, force: true }))
const newDirectory = (): string => join(root, `data-${directories++}`)

const put = (key: string, value: string): EngineWrite => ({ key: utf8(key), value: utf8(value) })

async function fileNamed(directory: string, pattern: RegExp): Promise<string> {
  const names = await readdir(join(directory, 'lsm-tree'))
  return join(
    directory,
    'lsm-tree',
    defined(
      names.find((name) => pattern.test(name)),
      String(pattern),
    ),
  )
}

/** The directory as a crash would leave it: without what close writes. */
async function crashed(engine: LsmTreeEngine, directory: string): Promise<string> {
  const copy = newDirectory()
  await copyCrashImage(directory, copy)
  await engine.close()
  return copy
}

const corrupt = (path: string) => (error: unknown) =>
  hasCode(error, 'STORAGE_CORRUPT') && error.details['file'] === path && error.message.includes(path)

describe('lsm-tree engine', () => {
  it('leaves everything in table files when it is closed', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', '1')], { sync: false })
    assert.equal(engine.stats()['files_level_0'], 0)
    await engine.close()
    assert.deepEqual((await readFile(await fileNamed(directory, /\.log$/))).byteLength, 0)
    await fileNamed(directory, /\.ldb$/)
  })

  it('finds after a crash what was written without sync', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 50; i++) await engine.write([put(`key ${i}`, 'x'.repeat(5_000))], { sync: false })
    const copy = await crashed(engine, directory)
    const again = await open(copy)
    for (let i = 0; i < 50; i++) assert.equal(again.get(utf8(`key ${i}`))?.byteLength, 5_000)
    await again.close()
  })

  it('drops a record that a crash cut off, and only that', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', 'whole')], { sync: true })
    await engine.write([put('b', 'x'.repeat(100_000)), put('c', 'y')], { sync: false })
    const copy = await crashed(engine, directory)
    const log = await fileNamed(copy, /\.log$/)
    await truncate(log, 90_000)
    const again = await open(copy)
    assert.deepEqual(
      ['a', 'b', 'c'].map((key) => again.get(utf8(key))?.byteLength),
      [5, undefined, undefined],
    )
    await again.close()
  })

  it('refuses a log or manifest that is shorter than what was synced, damaged in it, or gone', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    await engine.write([put('a', 'x'.repeat(50_000))], { sync: true })
    await engine.write([put('b', 'y'.repeat(50_000))], { sync: true })
    const copy = await crashed(engine, directory)
    for (const pattern of [/\.log$/, /^MANIFEST/]) {
      const path = await fileNamed(copy, pattern)
      const whole = await readFile(path)
      for (const length of [0, 3, whole.byteLength / 2, whole.byteLength - 1]) {
        await writeFile(path, whole.subarray(0, length))
        await assert.rejects(open(copy), corrupt(path), `${length} bytes of ${path}`)
      }
      const harmed = Buffer.from(whole)
      harmed[whole.byteLength - 1] = defined(harmed.at(-1), 'the last byte') ^ 1
      await writeFile(path, harmed)
      await assert.rejects(open(copy), corrupt(path), `the last byte of ${path}`)
      await rm(path)
      await assert.rejects(open(copy), corrupt(path), `without ${path}`)
      await writeFile(path, whole)
    }
    for (const name of await readdir(join(copy, 'lsm-tree'))) await rm(join(copy, 'lsm-tree', name))
    await assert.rejects(open(copy), corrupt(join(copy, 'lsm-tree', 'CURRENT')))
  })

  it('keeps synced writes apart from unsynced ones when logs change between them', async () => {
    const directory = newDirectory()
    const engine = await open(directory, { writeBufferMb: 1 })
    for (let i = 0; i < 60; i++) {
      await engine.write([put(`key ${i}`, 'x'.repeat(50_000 + i))], { sync: i % 7 === 0 })
    }
    assert.equal(engine.stats()['log_syncs'], 10)
    const copy = await crashed(engine, directory)
    const again = await open(copy)
    for (let i = 0; i < 60; i++) assert.equal(again.get(utf8(`key ${i}`))?.byteLength, 50_000 + i)
    await again.close()
  })

  it('refuses a log that is damaged before its end', async () => {
    const directory = newDirectory()
    const engine = await open(directory)
    for (let i = 0; i < 40; i++) await engine.write([put(`key ${i}`, 'x'.repeat(5_000))], { sync: true })
    const copy = await crashed(engine, directory)
    const log = await fileNamed(copy, /\.log$/)
    const bytes = await readFile(log)
    for (const at of [0, 5, 6, 700, 40_000, 100_000]) {
      const harmed = Buffer.from(bytes)
      harmed[at] = defined(harmed[at], 'a byte of the log') ^ 0xff
      await writeFile(log, harmed)
      await assert.rejects(open(copy), corrupt(log), `byte ${at}`)
    }
    await writeFile(log, bytes)
    await (await open(copy)).close()
  })

  it('refuses damaged tables after a crash too', async () => {
    const directory = newDirectory()
    const first = await open(directory)
    for (let i = 0; i < 100; i++)
      await first.write([put(`key ${i}`, `value ${i} `.repeat(100))], { sync: false })
    await first.close()
    const engine = await open(directory)
    await engine.write([put('later', '')], { sync: true })
    const copy = await crashed(engine, directory)
    const table = await fileNamed(copy, /\.ldb$/)
    const bytes = await readFile(table)
    for (let at = 0; at < bytes.byteLength; at += Math.max(1, Math.floor(bytes.byteLength / 60))) {
      const harmed = Buffer.from(bytes)
      harmed[at] = defined(harmed[at], 'a byte of the table') ^ 0x04
      await writeFile(table, harmed)
      await assert.rejects(open(copy), corrupt(table), `byte ${at}`)
    }
    await writeFile(table, bytes)
    await (await open(copy)).close()
  })

  it('opens tables with many blocks, with and without compression', async () => {
    for (const compression of [true, false]) {
      const directory = newDirectory()
      const engine = await open(directory, { compression, writeBufferMb: 1 })
      for (let round = 0; round < 20; round++) {
        const batch = Array.from({ length: 500 }, (_, i) =>
          put(`a rather long common prefix ${i * 20 + round}`, `value ${round} `.repeat(30)),
        )
        await engine.write(batch, { sync: false })
      }
      await engine.close()
      const again = await open(directory, { compression })
      const cursor = again.cursor({}, { reverse: false, keysOnly: true })
      assert.equal((await cursor.next(20_000)).length, 10_000)
      await cursor.close()
      await again.close()
    }
  })

  it('finds a missing table without reading all of them when that is switched off', async () => {
    const directory = newDirectory()
    const engine = await open(directory, { verifyAtOpen: false })
    await engine.write([put('a', '1')], { sync: false })
    await engine.close()
    await (await open(directory, { verifyAtOpen: false })).close()
    const table = await fileNamed(directory, /\.ldb$/)
    await rm(table)
    await assert.rejects(open(directory, { verifyAtOpen: false }), corrupt(table))
  })

  it('refuses what LevelDB has compiled in, unless it is named as it is', async () => {
    const directory = newDirectory()
    const same = {
      enableBloomFilters: true,
      bloomFilterBitsPerKey: 10,
      maxLevels: 7,
      levelSizeMultiplier: 10,
      compactionThreshold: 4,
    }
    await (await open(directory, same)).close()
    const others = {
      enableBloomFilters: false,
      bloomFilterBitsPerKey: 15,
      maxLevels: 8,
      levelSizeMultiplier: 8,
      compactionThreshold: 10,
    }
    for (const [name, value] of Object.entries(others)) {
      const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      await assert.rejects(
        open(directory, { [name]: value }),
        (error: unknown) =>
          hasCode(error, 'STORAGE_UNSUPPORTED') &&
          error.message.startsWith(`STORAGE_UNSUPPORTED: ${key} = ${value}`),
      )
    }
  })
})
