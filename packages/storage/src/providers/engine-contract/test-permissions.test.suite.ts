import assert from 'node:assert/strict'
import { chmod, chown, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { ownUser, openInChild } from './child-process.test.suite.js'
import type { Engines } from './engines.test.suite.js'
import { bytes, hexEntries, put, readRange } from './entries.test.suite.js'

/** What is taken away, and of what below the data directory. */
const CASES: readonly (readonly [name: string, path: (engine: string) => string, mode: number])[] = [
  ['a directory that cannot be read', () => '.', 0],
  ['a directory that cannot be written', () => '.', 0o500],
  ['a folder of the engine that cannot be read', (engine) => engine, 0],
  ['a folder of the engine that cannot be written', (engine) => engine, 0o500],
  ['a marker that cannot be read', () => 'ORBIT', 0],
  ['a lock file that cannot be written', () => 'orbit.lock', 0o400],
]

export function testPermissions(engines: Engines, childOpener: string): void {
  for (const [name, pathOf, mode] of CASES) {
    it(`says so, and harms nothing: ${name}`, async () => {
      if (process.platform === 'win32') return
      const dataDir = engines.directory()
      const engine = await engines.open(dataDir)
      await engine.write([put(bytes(1), bytes(1))], { sync: true })
      await engines.close(engine)
      await giveAway(dataDir)
      const path = join(dataDir, pathOf(engine.kind))
      await chmod(path, mode)
      const refused = await openInChild(childOpener, dataDir, ownUser())
      await chmod(path, 0o700)
      // An engine that makes no new files needs no more than to write those that it has.
      if (!(refused.opened && engine.kind === 'cow-btree' && path.endsWith('cow-btree') && mode === 0o500)) {
        assert.deepEqual([refused.opened, refused.code], [false, 'STORAGE_IO'], refused.message)
        assert.match(refused.message ?? '', /permission denied|EACCES/i)
        assert.ok(refused.message?.includes(dataDir), refused.message)
      }
      const again = await engines.open(dataDir)
      assert.deepEqual(hexEntries(await readRange(again)), ['01=01'])
      await engines.close(again)
    })
  }

  it('says so when the directory cannot be created', async () => {
    if (process.platform === 'win32') return
    const parent = engines.directory()
    await mkdir(parent)
    await giveAway(parent)
    await chmod(parent, 0o500)
    const refused = await openInChild(childOpener, join(parent, 'data'), ownUser())
    assert.deepEqual([refused.opened, refused.code], [false, 'STORAGE_IO'], refused.message)
    assert.ok(refused.message?.includes(parent), refused.message)
    assert.deepEqual(await readdir(parent), [])
  })
}

/** To the user that the child runs as: the superuser is refused nothing. */
async function giveAway(dataDir: string): Promise<void> {
  const user = ownUser()
  if (user === undefined) return
  await chmod(dirname(dataDir), 0o755)
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true }))
    await chown(join(entry.parentPath, entry.name), user, user)
  await chown(dataDir, user, user)
}
