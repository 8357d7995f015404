import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { OrbitError, TestEnv } from '@orbit-ts/base'
import type { LocalEngine } from '../../transaction/local-engine.js'
import type { Engines } from './engines.test.suite.js'
import { numberKey, put } from './entries.test.suite.js'

const DISK_BYTES = 24 * 1024 * 1024
const VALUE_BYTES = 100_000
const random = new TestEnv({ seed: 11 }).random

/** On a small file system in memory, where this process may make one. */
export function testFullDisk(engines: Engines): void {
  it('keeps what was acknowledged when the disk is full, and nothing that it refused', async (context) => {
    const disk = engines.directory()
    await mkdir(disk)
    if (!mount(disk, `size=${DISK_BYTES}`)) {
      context.skip('this process may not mount a file system')
      return
    }
    try {
      await fillDisk(engines, disk)
    } finally {
      spawnSync('umount', [disk])
    }
  })
}

function mount(disk: string, options: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status === 0
}

async function fillDisk(engines: Engines, disk: string): Promise<void> {
  const dataDir = join(disk, 'data')
  const engine = await engines.open(dataDir)
  const { written, error } = await writeUntilRefused(engine)
  assert.ok(written > 0)
  for (let i = 0; i < written; i++) assert.equal((await engine.get(numberKey(i)))?.byteLength, VALUE_BYTES)
  await engines.close(engine).catch((closing: unknown) => assert.ok(closing instanceof OrbitError))

  // To open it again an engine may have to write what is in its log a second time.
  assert.ok(mount(disk, `remount,size=${4 * DISK_BYTES}`))
  const again = await engines.open(dataDir)
  for (let i = 0; i < written; i++) assert.equal((await again.get(numberKey(i)))?.byteLength, VALUE_BYTES)
  const refused = await again.get(numberKey(written))
  if (error.code === 'STORAGE_FULL') assert.equal(refused, undefined)
  else assert.match(error.code, /STORAGE_IO|STORAGE_CLOSED/)
  await again.write([put(numberKey(written), random.bytes(VALUE_BYTES))], { sync: true })
  await engines.close(again)
}

async function writeUntilRefused(engine: LocalEngine): Promise<{ written: number; error: OrbitError }> {
  for (let written = 0; written * VALUE_BYTES < 2 * DISK_BYTES; written++) {
    try {
      await engine.write([put(numberKey(written), random.bytes(VALUE_BYTES))], { sync: true })
    } catch (error) {
      assert.ok(error instanceof OrbitError, String(error))
      return { written, error }
    }
  }
  throw new assert.AssertionError({ message: 'the disk took more than it has' })
}
