// @ts-check
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkTree, importsOf } from './check-imports.js'

const manifests = {
  'package.json': { devDependencies: { 'fast-check': '1' } },
  'packages/base/package.json': { dependencies: { pino: '1' } },
  'packages/storage/package.json': {
    dependencies: { '@orbit-ts/base': '1' },
    optionalDependencies: { lmdb: '1' },
  },
  'packages/engine/package.json': { dependencies: { '@orbit-ts/storage': '1' } },
}

/**
 * @param {Record<string, string>} files
 * @param {Record<string, unknown>} [changed] manifests
 */
function faults(files, changed = {}) {
  const texts = new Map(Object.entries(files))
  for (const [path, value] of Object.entries({ ...manifests, ...changed }))
    texts.set(path, JSON.stringify(value))
  return checkTree(texts, '/srv/somewhere/tree').map(
    ({ path, line, message }) => `${path}:${line} ${message}`,
  )
}

describe('importsOf', () => {
  it('finds every way to name a module, with its line, and tells types from values', () => {
    const text = [
      "import { a } from './a.js'",
      "import type { B } from './b.js'",
      "import { type C } from './c.js'",
      "export * from './d.js'",
      "export type { E } from './e.js'",
      "import './f.js'",
      "const g = await import('./g.js')",
      "type H = import('./h.js').H",
      "const i = require('./i.js')",
      "const no = \"import './no.js'\" // import './no.js'",
    ].join('\n')
    assert.deepEqual(
      importsOf('x.ts', text).map(({ specifier, line, typeOnly }) => [specifier, line, typeOnly]),
      [
        ['./a.js', 1, false],
        ['./b.js', 2, true],
        ['./c.js', 3, false],
        ['./d.js', 4, false],
        ['./e.js', 5, true],
        ['./f.js', 6, false],
        ['./g.js', 7, false],
        ['./h.js', 8, true],
        ['./i.js', 9, false],
      ],
    )
  })
})

describe('checkTree', () => {
  it('finds nothing in a tree that keeps the rules', () => {
    const files = {
      'packages/base/src/index.ts': "export { a } from './a.js'\nimport { pino } from 'pino'",
      'packages/base/src/a.ts': "import { readFileSync } from 'node:fs'",
      'packages/base/src/a.test.data.ts': "import fc from 'fast-check'",
      'packages/base/src/a.test.ts': "import fc from 'fast-check'\nimport { a } from './a.js'",
      'packages/storage/src/index.ts':
        "import { a } from '@orbit-ts/base'\nconst lmdb = await import('lmdb')",
      'tools/x.js': "import { a } from '@orbit-ts/base'\nimport fc from 'fast-check'",
      'README.md': 'See https://www.npmjs.com/package/orbit and /var/lib/orbit.',
    }
    assert.deepEqual(faults(files), [])
  })

  it('refuses an import against the direction, in code and in package.json', () => {
    assert.deepEqual(faults({ 'packages/storage/src/a.ts': "import type { A } from '@orbit-ts/engine'" }), [
      'packages/storage/src/a.ts:1 imports "@orbit-ts/engine", which storage may not import',
    ])
    assert.deepEqual(
      faults({}, { 'packages/base/package.json': { dependencies: { '@orbit-ts/cli': '1' } } }),
      ['packages/base/package.json:1 depends on @orbit-ts/cli, which base may not import'],
    )
    assert.deepEqual(faults({}, { 'packages/extra/package.json': {} }), [
      'packages/extra/package.json:1 is of a package whose place in the order is not known',
    ])
  })

  it('accepts a path that the package exports', () => {
    const files = {
      'bench/a.js': "import { a } from '@orbit-ts/base/testing'\nimport { b } from '@orbit-ts/base/tests'",
    }
    const base = { exports: { '.': './a.js', './testing': './b.js' } }
    assert.deepEqual(faults(files, { 'packages/base/package.json': base }), [
      'bench/a.js:2 imports "@orbit-ts/base/tests", a path inside a package; import what its index exports',
    ])
  })

  it('refuses paths into another package, by name or by folder, and its own name', () => {
    const files = {
      'packages/engine/src/a.ts': [
        "import { a } from '@orbit-ts/storage/dist/a.js'",
        "import { b } from '../../storage/src/b.js'",
        "import { c } from '@orbit-ts/engine'",
      ].join('\n'),
      'bench/a.js': "import { a } from '../packages/base/dist/a.js'",
    }
    assert.deepEqual(faults(files), [
      'packages/engine/src/a.ts:1 imports "@orbit-ts/storage/dist/a.js", a path inside a package; import what its index exports',
      'packages/engine/src/a.ts:2 imports "../../storage/src/b.js", which lies in another package; import it by the name of the package',
      'packages/engine/src/a.ts:3 imports "@orbit-ts/engine", its own package; import the file',
      'bench/a.js:1 imports "../packages/base/dist/a.js", which lies in another package; import it by the name of the package',
    ])
  })

  it('refuses what package.json does not declare', () => {
    const files = {
      'packages/base/src/a.ts':
        "import fc from 'fast-check'\nimport { open } from 'lmdb/x'\nimport fs from 'fs'",
      'packages/engine/src/a.ts': "import { a } from '@orbit-ts/base'",
    }
    assert.deepEqual(faults(files), [
      'packages/base/src/a.ts:1 imports "fast-check", which packages/base/package.json does not declare',
      'packages/base/src/a.ts:2 imports "lmdb/x", which packages/base/package.json does not declare',
      'packages/base/src/a.ts:3 imports "fs", which needs node: in front',
      'packages/engine/src/a.ts:1 imports "@orbit-ts/base", which packages/engine/package.json does not declare',
    ])
  })

  it('refuses a relative import without its ending', () => {
    assert.deepEqual(faults({ 'packages/base/src/a.ts': "import { b } from './b'" }), [
      'packages/base/src/a.ts:1 imports "./b", which must end in .js',
    ])
  })

  it('finds a ring of imports, but lets types refer to each other', () => {
    const ring = {
      'packages/base/src/a.ts': "import './b.js'",
      'packages/base/src/b.ts': "import './c.js'",
      'packages/base/src/c.ts': "import './b.js'",
    }
    const path = 'packages/base/src'
    assert.deepEqual(faults(ring), [
      `${path}/b.ts:1 is in a ring of imports: ${path}/b.ts → ${path}/c.ts → ${path}/b.ts`,
    ])
    assert.deepEqual(faults({ ...ring, 'packages/base/src/c.ts': "import type { B } from './b.js'" }), [])
  })

  it('refuses names that say nothing', () => {
    assert.deepEqual(
      faults({ 'packages/base/src/utils/a.ts': '', 'bench/helpers.js': '', 'docs/Common.md': '' }),
      [
        'packages/base/src/utils/a.ts:1 has the name "utils", which says nothing',
        'bench/helpers.js:1 has the name "helpers.js", which says nothing',
        'docs/Common.md:1 has the name "Common.md", which says nothing',
      ],
    )
  })

  it('refuses paths of one machine and registries', () => {
    const home = ['', 'home', 'ann', 'orbit'].join('/')
    const host = ['https://', 'registry.example.org', '/x.tgz'].join('')
    const files = {
      'a.md': `ok\nsee ${home}`,
      'b.sh': 'cd /srv/somewhere/tree',
      'c.json': `"x": "${host}"`,
      '.npmrc': 'registry ='.replace(' ', '') + 'here',
      'package-lock.json': `"resolved"${': "https'}://example.org/x.tgz"`,
    }
    assert.deepEqual(
      faults(files).map((line) => line.split(', ')[0]),
      [
        'a.md:2 names a path of one machine',
        'b.sh:1 names a path of one machine',
        'c.json:1 names a registry',
        '.npmrc:1 names a registry',
        'package-lock.json:1 names a registry',
      ],
    )
  })
})
