import assert from 'node:assert/strict'
import { cp, open, readdir, rm } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import type { Engines } from './engines.test.suite.js'
import { bytes, numberKey, put, readRange } from './entries.test.suite.js'

/** One way to harm a closed data directory. It must end in `STORAGE_CORRUPT`, at open or at the first read. */
export interface Damage {
  /** Matches paths below the data directory, written with `/`. */
  readonly file: RegExp
  readonly how: 'delete' | 'empty' | 'truncate' | 'flip'
}

const DAMAGED_ENTRIES = 400

async function harm(path: string, how: Damage['how']): Promise<void> {
  if (how === 'delete') return rm(path)
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    if (how === 'empty') await handle.truncate(0)
    else if (how === 'truncate') await handle.truncate(Math.floor(size / 2))
    else await flipByte(handle, Math.floor(size / 2))
  } finally {
    await handle.close()
  }
}

async function flipByte(handle: Awaited<ReturnType<typeof open>>, position: number): Promise<void> {
  const byte = new Uint8Array(1)
  await handle.read(byte, 0, 1, position)
  await handle.write(bytes((byte[0] ?? 0) ^ 0xff), 0, 1, position)
}

async function filesBelow(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

export function testDamage(engines: Engines, damage: Damage): void {
  it(`notices after a clean close: ${damage.how} ${damage.file.source}`, async () => {
    const dataDir = engines.directory()
    // In two sessions: what the first one wrote is in table files then, where an engine has them.
    for (const from of [0, DAMAGED_ENTRIES / 2]) {
      const engine = await engines.open(dataDir)
      const to = from + DAMAGED_ENTRIES / 2
      for (let i = from; i < to; i++) {
        await engine.write([put(numberKey(i), new Uint8Array(100).fill(i & 0xff))], { sync: i === to - 1 })
      }
      await engines.close(engine)
    }
    const matching = (await filesBelow(dataDir)).filter((path) => damage.file.test(path))
    assert.notDeepEqual(
      matching,
      [],
      `no file matches ${damage.file.source} among ${(await filesBelow(dataDir)).join(', ')}`,
    )
    for (const path of matching) {
      const copy = engines.directory()
      await cp(dataDir, copy, { recursive: true })
      await harm(join(copy, path), damage.how)
      await assert.rejects(openAndReadAll(engines, copy), (error: unknown) => {
        assert.ok(error instanceof OrbitError, `${path}: ${String(error)}`)
        assert.equal(error.code, 'STORAGE_CORRUPT', `${path}: ${error.message}`)
        return true
      })
    }
  })
}

async function openAndReadAll(engines: Engines, dataDir: string): Promise<void> {
  const engine = await engines.open(dataDir)
  try {
    const keys = Array.from({ length: DAMAGED_ENTRIES }, (_, i) => numberKey(i))
    const values = await engine.getMany(keys)
    assert.ok(!values.includes(undefined), 'data was lost without an error')
    assert.equal((await readRange(engine)).length, DAMAGED_ENTRIES)
    for (const key of keys)
      assert.notEqual(await engine.get(key), undefined, 'data was lost without an error')
  } finally {
    await engines.close(engine)
  }
}
