import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { crc32c } from '@node-rs/crc32'
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

  it('lets nobody else into directories that it creates, and leaves others as they are', async () => {
    if (process.platform === 'win32') return
    const mode = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8)
    const path = await create(join(fresh(), 'new'))
    assert.deepEqual(await Promise.all([path, dirname(path), join(path, 'rocksdb')].map(mode)), [
      '700',
      '700',
      '700',
    ])
    const open = fresh()
    await mkdir(open)
    await chmod(open, 0o755)
    await create(open)
    assert.deepEqual([await mode(open), await mode(join(open, 'rocksdb'))], ['755', '700'])
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
    await refused(path, 'RECORD_VERSION_UNSUPPORTED', /directory format 2, and this release knows 1/)
  })

  it('refuses a marker of an older format of its engine', async () => {
    const path = fresh()
    await (await open(path, 'cow-btree')).close()
    const marker: unknown = JSON.parse((await readFile(join(path, 'ORBIT'), 'utf8')).split('\n')[0] ?? '')
    assert.ok(typeof marker === 'object' && marker !== null && 'format' in marker)
    assert.equal(marker.format, 2)
    const old = JSON.stringify({ ...marker, format: 1 })
    await writeFile(join(path, 'ORBIT'), `${old}\ncrc32c ${crc32c(old).toString(16).padStart(8, '0')}\n`)
    await refused(
      path,
      'RECORD_VERSION_UNSUPPORTED',
      /format 1, and this release knows 2; export the data with the release that wrote it/,
      'cow-btree',
    )
  })

  it('is still open once only when its lock file was removed', async () => {
    if (process.platform === 'win32') return
    const path = fresh()
    const directory = await open(path)
    const removed = async (): Promise<void> => {
      await rm(join(path, 'orbit.lock'))
      const marker = await readFile(join(path, 'ORBIT'))
      await refused(path, 'STORAGE_LOCKED', /in use by somebody, although the lock file was removed/)
      assert.deepEqual(await readFile(join(path, 'ORBIT')), marker)
    }
    await removed()
    await directory.markClean({})
    await removed()
    await directory.markDirty()
    await removed()
    await directory.close()
    await create(path)
  })

  it('refuses what is no regular file without touching it', async () => {
    if (process.platform === 'win32') return
    for (const name of ['ORBIT', 'orbit.lock', 'SYNCED', 'rocksdb/CURRENT', 'rocksdb/000007.sst']) {
      for (const make of [
        (file: string) => mkdir(file),
        (file: string) => once(spawn('mkfifo', [file]), 'exit'),
      ]) {
        const path = await create(fresh())
        await rm(join(path, name), { force: true })
        await make(join(path, name))
        await refused(path, 'STORAGE_CORRUPT', new RegExp(`${name} is not a regular file`))
      }
    }
    const path = await create(fresh())
    await mkdir(join(path, 'rocksdb', 'lost+found'))
    await create(path)
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
