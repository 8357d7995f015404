// @ts-check
/** What `npm publish` would take of the TiKV client, which is published alone. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { root } from './source-files.js'

const folder = join(root, 'packages/tikv')

describe('the package @orbit-ts/tikv', () => {
  const { exports, bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 16 << 20,
  })
  const [{ files }] = JSON.parse(listed)
  /** @type {Set<string>} */
  const paths = new Set(files.map((/** @type {{ path: string }} */ { path }) => path))

  it('holds what it exports and its programs', () => {
    const entries = [
      ...Object.values(exports).flatMap((entry) => Object.values(entry)),
      ...Object.values(bin),
    ]
    const wanted = entries.map((path) => path.replace(/^\.\//, ''))
    assert.ok(wanted.length >= 5)
    assert.deepEqual(
      wanted.filter((path) => !paths.has(path)),
      [],
    )
  })

  it('holds neither tests nor what the compiler keeps for itself', () => {
    const others = [...paths].filter((path) => !/^(dist|bin)\/[\w./-]+\.(js|d\.ts)$/.test(path))
    assert.deepEqual(others.sort(), ['LICENSE', 'README.md', 'package.json'])
    assert.deepEqual(
      [...paths].filter((path) => /\.(test|fake)\./.test(path)),
      [],
    )
  })
})
