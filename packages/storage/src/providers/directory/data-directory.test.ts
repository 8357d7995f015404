import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { OrbitError, TestEnv, hasCode, type ErrorCode } from '@orbit-ts/base'
import { openDataDirectory, type DataDirectory, type DirectoryEngine } from './data-directory.js'

describe('data directory', () => {
  let root = ''
  let count = 0
  const fresh = (): string => join(root, `d${count++}`)
  const open = (path: string, engine: DirectoryEngine = 'rocksdb'): Promise<DataDirectory> =>
    openDataDirectory(path, { engine, env: new TestEnv({ startMs: 0 }) })
  const create = async (path: string): Promise<string> => {
    await (await open(path)).close()
    return path
  }
  const refused = (path: string, code: ErrorCode, text: RegExp, engine?: DirectoryEngine): Promise<void> =>
    assert.rejects(open(path, engine), (error: unknown) => {
      assert.ok(hasCode(error, code), String(error))
      assert.match(error.message, text)
      return true
    })

  before(async () => void (root = await mkdtemp(join(tmpdir(), 'orbit-directory-'))))
  after(() => rm(root, { recursive: true, force: true }))

  it('creates the directory with its parents and a place for the engine', async () => {
    const path = join(fresh(), 'a', 'b')
    const directory = await open(path)
    assert.equal(directory.created, true)
    assert.equal(directory.cleanFacts, undefined)
    assert.equal(directory.enginePath, join(path, 'rocksdb'))
    assert.deepEqual((await readdir(path)).sort(), ['ORBIT', 'orbit.lock', 'rocksdb'])
    assert.match(
      await readFile(join(path, 'ORBIT'), 'utf8'),
      /^\{"format":1,"engine":"rocksdb","createdAt":"1970-01-01T00:00:00.000Z"/,
    )
    await directory.close()
    await directory.close()
  })

  it('remembers a clean shutdown until it is marked dirty', async () => {
    const path = fresh()
    const first = await open(path)
    await first.markClean({ files: { 'a.sst': 7 } })
    await first.close()
    const second = await open(path)
    assert.equal(second.created, false)
    assert.deepEqual(second.cleanFacts, { files: { 'a.sst': 7 } })
    await second.markDirty()
    assert.equal(second.cleanFacts, undefined)
    await second.close()
    const third = await open(path)
    assert.equal(third.cleanFacts, undefined)
    await third.close()
  })

  it('is open once only in one process, and names the holder', async () => {
    const path = fresh()
    const directory = await open(path)
    await assert.rejects(open(path), (error: unknown) => {
      assert.ok(hasCode(error, 'STORAGE_LOCKED'))
      assert.equal(error.details['pid'], process.pid)
      assert.match(error.message, new RegExp(`in use by this process \\(pid ${process.pid}\\)`))
      return true
    })
    await assert.rejects(open(path, 'lsm-tree'), (error: unknown) => hasCode(error, 'STORAGE_LOCKED'))
    await directory.close()
    await create(path)
  })

  it('is free again as soon as its holder was killed', async () => {
    const path = fresh()
    const module = new URL('./data-directory.js', import.meta.url).href
    const script = `
      import { openDataDirectory } from ${JSON.stringify(module)}
      import { systemEnv } from '@orbit-ts/base'
      await openDataDirectory(${JSON.stringify(path)}, { engine: 'rocksdb', env: systemEnv })
      console.log('open')
      process.stdin.resume()`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    await refused(path, 'STORAGE_LOCKED', new RegExp(`process with pid ${child.pid}`))
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    await create(path)
  })

  it('refuses a directory that holds something else, and leaves it alone', async () => {
    const path = fresh()
    await mkdir(path)
    await writeFile(join(path, 'thesis.txt'), 'precious')
    await refused(
      path,
      'INVALID_ARGUMENT',
      /not empty and is no Orbit data directory \(it holds "thesis.txt"\)/,
    )
    assert.deepEqual(await readdir(path), ['thesis.txt'])
    await refused(join(path, 'thesis.txt'), 'INVALID_ARGUMENT', /is a file, not a directory/)
    await refused('', 'INVALID_ARGUMENT', /data_dir is empty/)
  })

  it('accepts an empty directory and what file systems leave in one', async () => {
    const path = fresh()
    await mkdir(join(path, 'lost+found'), { recursive: true })
    await create(path)
  })

  it('refuses a store of another engine', async () => {
    const path = await create(fresh())
    await refused(
      path,
      'INVALID_ARGUMENT',
      /holds a store of the engine "rocksdb", not "cow-btree"/,
      'cow-btree',
    )
    await create(path)
  })

  it('refuses a marker of a newer release', async () => {
    const path = await create(fresh())
    await writeFile(join(path, 'ORBIT'), '{"format":2,"engine":"rocksdb","layout":"new"}\nsha256 00\n')
    await refused(path, 'RECORD_VERSION_UNSUPPORTED', /directory format 2, this release knows up to 1/)
  })

  it('refuses a damaged marker, whatever byte was harmed', async () => {
    const path = await create(fresh())
    const good = await readFile(join(path, 'ORBIT'))
    for (let at = 0; at < good.byteLength - 1; at += 7) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 0x01
      await writeFile(join(path, 'ORBIT'), bad)
      await assert.rejects(open(path), (error: unknown) => {
        assert.ok(error instanceof OrbitError)
        assert.ok(
          ['STORAGE_CORRUPT', 'RECORD_VERSION_UNSUPPORTED'].includes(error.code),
          `byte ${at}: ${error.message}`,
        )
        return true
      })
    }
    await writeFile(join(path, 'ORBIT'), '')
    await refused(path, 'STORAGE_CORRUPT', /marker file .* is damaged/)
    await writeFile(join(path, 'ORBIT'), good)
    await create(path)
  })

  it('refuses a missing marker only when data is there', async () => {
    const path = await create(fresh())
    await rm(join(path, 'ORBIT'))
    await create(path)
    await writeFile(join(path, 'rocksdb', '000001.sst'), 'data')
    await rm(join(path, 'ORBIT'))
    await refused(
      path,
      'STORAGE_CORRUPT',
      /marker file .* is missing although the directory holds "000001.sst"/,
    )
  })
})
