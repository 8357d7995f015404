import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
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

const CHILD = `
await import('data:text/javascript,' + encodeURIComponent(process.argv[1]))
try {
  const engine = await globalThis.openEngine(process.argv[2])
  await engine.close()
  console.log(JSON.stringify({ opened: true }))
} catch (error) {
  console.log(JSON.stringify({ opened: false, code: error.code, message: error.message }))
}`

function openInChild(
  opener: string,
  dataDir: string,
): Promise<{ opened: boolean; code?: string; message?: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, opener, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve(JSON.parse(output) as { opened: boolean; code?: string; message?: string })
      } catch {
        reject(new Error(`the child process printed ${JSON.stringify(output)}`))
      }
    })
  })
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
