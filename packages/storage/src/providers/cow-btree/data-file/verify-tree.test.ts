import assert from 'node:assert/strict'
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defined, hasCode, TestEnv, toHex, utf8 } from '@orbit-ts/base'
import { openCowBtreeEngine } from '../open-cow-btree-engine.js'
import { PAGE_HEADER_BYTES, readLatestMeta, type Meta } from './meta-page.js'
import { verifyTrees } from './verify-tree.js'

const env = new TestEnv()
const LARGE_VALUES = 3
let root = ''
let path = ''
let fd = -1
let whole: Buffer = Buffer.alloc(0)

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'orbit-tree-'))
  const engine = await openCowBtreeEngine({ dataDir: root }, { env })
  for (let i = 0; i < 200; i++) {
    await engine.write([{ key: utf8(`key ${(i * 37) % 200}`), value: utf8('x'.repeat(300)) }], {
      sync: i % 50 === 0,
    })
  }
  for (let i = 0; i < LARGE_VALUES; i++) {
    await engine.write([{ key: utf8(`large ${i}`), value: utf8('y'.repeat(20_000)) }], { sync: true })
  }
  await engine.close()
  path = join(root, 'cow-btree', 'data.mdb')
  whole = await readFile(path)
  fd = openSync(path, 'r+')
})
after(async () => {
  closeSync(fd)
  await rm(root, { recursive: true, force: true })
})

async function verify(): Promise<Meta> {
  const meta = readLatestMeta(fd, path)
  await verifyTrees(fd, path, fstatSync(fd).size, meta, env)
  return meta
}

const corrupt = (error: unknown): boolean =>
  hasCode(error, 'STORAGE_CORRUPT') && error.details['file'] === path && error.message.includes(path)

async function isRefused(at: number, mask: number): Promise<boolean> {
  const byte = defined(whole[at], 'a byte of the file')
  writeSync(fd, Uint8Array.of(byte ^ mask), 0, 1, at)
  try {
    await verify()
    return false
  } catch (error) {
    assert.ok(corrupt(error), `byte ${at}: ${String(error)}`)
    return true
  } finally {
    writeSync(fd, Uint8Array.of(byte), 0, 1, at)
  }
}

/** The keys that are named when a byte in the middle of each run of `letter` is harmed, wherever a run is in use. */
async function damagedKeys(letter: string, sizeBytes: number): Promise<Set<unknown>> {
  const run = Buffer.alloc(sizeBytes, letter)
  const keys = new Set<unknown>()
  for (let at = whole.indexOf(run); at >= 0; at = whole.indexOf(run, at + sizeBytes)) {
    const middle = at + sizeBytes / 2
    writeSync(fd, Buffer.from('z'), 0, 1, middle)
    await verify().catch((error: unknown) => {
      assert.ok(corrupt(error))
      if (hasCode(error, 'STORAGE_CORRUPT')) keys.add(error.details['key'])
    })
    writeSync(fd, Buffer.from(letter), 0, 1, middle)
  }
  return keys
}

describe('verifyTrees', () => {
  it('accepts what LMDB wrote', async () => {
    const meta = await verify()
    assert.equal(meta.main.entries, 203n)
    assert.ok(meta.main.depth > 1 && meta.main.overflowPages > 3n)
  })

  it('refuses damage to the head of any page in use', async () => {
    const meta = await verify()
    const { main, free, pageSize } = meta
    // A page behind the first of a large value has no head: there it is the value that is harmed.
    const pages = main.branchPages + main.leafPages + free.branchPages + free.leafPages + main.overflowPages
    // The page's own number, and its flags.
    for (const [field, mask] of [
      [0, 1],
      [1, 1],
      [18, 7],
    ] as const) {
      let refused = 0
      for (let page = 2; page * pageSize < whole.byteLength; page++) {
        if (await isRefused(page * pageSize + field, mask)) refused++
      }
      assert.equal(BigInt(refused), pages, `byte ${field} of each page`)
    }
  })

  it('refuses damage to the bounds and entries of tree pages, or leaves it to unused space', async () => {
    const { main, pageSize } = await verify()
    const pageAt = Number(main.root) * pageSize
    const lower = whole.readUInt16LE(pageAt + 20)
    for (let at = 20; at < PAGE_HEADER_BYTES + lower; at++)
      assert.ok(await isRefused(pageAt + at, 0x80), `byte ${at}`)
  })

  it('refuses damage to any value, and names its key', async () => {
    for (const [key, letter, sizeBytes] of [
      ['key 7', 'x', 300],
      ['large 1', 'y', 20_000],
    ] as const) {
      const found = await damagedKeys(letter, sizeBytes)
      assert.ok(found.has(toHex(utf8(key))), `${key} is not among ${[...found].join()}`)
      assert.equal(found.size, letter === 'x' ? 200 : LARGE_VALUES)
    }
  })

  it('refuses a file that ends before its last page in use', async () => {
    const { main, pageSize } = await verify()
    ftruncateSync(fd, Number(main.root) * pageSize)
    await assert.rejects(verify(), corrupt)
    writeSync(fd, whole, 0, whole.byteLength, 0)
    await verify()
  })
})
