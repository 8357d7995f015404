import assert from 'node:assert/strict'
import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { openInChild } from './child-process.test.suite.js'
import type { Engines } from './engines.test.suite.js'
import { bytes, edgeEntries, hex, hexEntries, put, readRange, writeEdgeKeys } from './entries.test.suite.js'

export function testClosed(engines: Engines, persistent: boolean): void {
  it('refuses every call after close', async () => {
    const engine = await engines.open()
    await writeEdgeKeys(engine)
    await engines.close(engine)
    const closed = (error: unknown): boolean => hasCode(error, 'STORAGE_CLOSED')
    await assert.rejects(async () => engine.get(bytes(1)), closed)
    await assert.rejects(async () => engine.getMany([bytes(1)]), closed)
    await assert.rejects(async () => engine.write([put(bytes(1), bytes(1))], { sync: false }), closed)
    await assert.rejects(async () => engine.cursor({}, { reverse: false, keysOnly: false }).next(1), closed)
    if (persistent) await assert.doesNotReject(async () => engine.close(), 'a second close is harmless')
  })
}

export function testReopening(engines: Engines): void {
  it('creates the directory and finds everything again', async () => {
    const dataDir = join(engines.directory(), 'deep', 'er')
    for (const sync of [true, false]) {
      const engine = await engines.open(dataDir)
      assert.equal(engine.persistent, true)
      await engine.write([put(bytes(1, sync ? 1 : 0), bytes(1))], { sync })
      await engines.close(engine)
    }
    const engine = await engines.open(dataDir)
    assert.deepEqual(hexEntries(await readRange(engine)), ['0100=01', '0101=01'])
    await engines.close(engine)
  })

  it('survives many reopenings without writes', async () => {
    const dataDir = engines.directory()
    const first = await engines.open(dataDir)
    await writeEdgeKeys(first)
    await engines.close(first)
    for (let round = 0; round < 5; round++) {
      const engine = await engines.open(dataDir)
      assert.deepEqual(hexEntries(await readRange(engine)), edgeEntries(0, 12))
      await engines.close(engine)
    }
  })
}

/** What is in the files of an open store, by path. */
async function contentsOf(dataDir: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {}
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && entry.name !== 'orbit.lock') contents[path] = await readFile(path, 'latin1')
  }
  return contents
}

export function testExclusion(engines: Engines, childOpener: string | undefined): void {
  const locked = (error: unknown): boolean =>
    hasCode(error, 'STORAGE_LOCKED') && error.message.includes(String(process.pid))

  it('refuses a second opener in the same process and leaves the first unharmed', async () => {
    const dataDir = engines.directory()
    const engine = await engines.open(dataDir)
    await writeEdgeKeys(engine)
    await assert.rejects(engines.open(dataDir), locked)
    await assert.rejects(engines.open(dataDir), locked)
    await engine.write([put(bytes(5), bytes(5))], { sync: true })
    assert.equal(hex(await engine.get(bytes(5))), '05')
    await engines.close(engine)
    const again = await engines.open(dataDir)
    assert.equal(hex(await again.get(bytes(5))), '05')
    await engines.close(again)
  })

  if (childOpener === undefined) return
  it('refuses others also when its lock file was removed, and is unharmed by them', async () => {
    if (process.platform === 'win32') return
    const dataDir = engines.directory()
    await engines.close(await engines.open(dataDir))
    const engine = await engines.open(dataDir)
    await engine.write([put(bytes(1), bytes(1))], { sync: true })
    await rm(join(dataDir, 'orbit.lock'))
    const before = await contentsOf(dataDir)
    const refused = await openInChild(childOpener, dataDir)
    assert.deepEqual([refused.opened, refused.code], [false, 'STORAGE_LOCKED'], refused.message)
    await assert.rejects(engines.open(dataDir), (error) => hasCode(error, 'STORAGE_LOCKED'))
    assert.deepEqual(await contentsOf(dataDir), before)
    await engine.write([put(bytes(2), bytes(2))], { sync: true })
    await engines.close(engine)
    const again = await engines.open(dataDir)
    assert.deepEqual(hexEntries(await readRange(again)), ['01=01', '02=02'])
    await engines.close(again)
  })

  it('refuses a second process, and lets it in after close', async () => {
    const dataDir = engines.directory()
    const engine = await engines.open(dataDir)
    await writeEdgeKeys(engine)
    const refused = await openInChild(childOpener, dataDir)
    assert.equal(refused.opened, false)
    assert.equal(refused.code, 'STORAGE_LOCKED')
    assert.ok(refused.message?.includes(String(process.pid)), refused.message)
    assert.deepEqual(hexEntries(await readRange(engine)), edgeEntries(0, 12))
    await engines.close(engine)
    assert.deepEqual(await openInChild(childOpener, dataDir), { opened: true })
    const again = await engines.open(dataDir)
    assert.deepEqual(hexEntries(await readRange(again)), edgeEntries(0, 12))
    await engines.close(again)
  })
}
