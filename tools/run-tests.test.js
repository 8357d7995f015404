// @ts-check
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findTests } from './run-tests.js'
import { root } from './source-files.js'

const PASSING = "import { test } from 'node:test'\ntest('passes', () => {})\n"
const FAILING = "import { test } from 'node:test'\ntest('fails', () => { throw new Error('as it should') })\n"

let base = ''
before(() => {
  base = mkdtempSync(join(tmpdir(), 'orbit-run-tests-'))
})
after(() => rmSync(base, { recursive: true }))

/** @param {string} name @param {Record<string, string>} files @returns {string} the tree's folder */
function tree(name, files) {
  const folder = join(base, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** @param {string} folder @param {string[]} options */
function runIn(folder, ...options) {
  for (const name of ['run-tests.js', 'source-files.js'])
    cpSync(join(root, 'tools', name), join(folder, 'tools', name))
  // Without packages there are no random tests.
  writeFileSync(join(folder, 'tools/property-seed.js'), '')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const result = spawnSync(process.execPath, [join(folder, 'tools/run-tests.js'), ...options], {
    encoding: 'utf8',
  })
  return { code: result.status, out: result.stdout, err: result.stderr }
}

describe('findTests', () => {
  const files = {
    'packages/a/src/x/one.test.ts': '',
    'packages/a/dist/x/one.test.js': '',
    'packages/a/dist/x/one.js': '',
    'packages/b/src/two.slow.test.ts': '',
    'packages/b/dist/two.slow.test.js': '',
    'tools/three.test.js': '',
    'docs/guide/four.test.js': '',
    'integration/five.test.js': '',
    'integration/node_modules/x/no.test.js': '',
  }

  it('sorts the tests into their layers', () => {
    const folder = tree('layers', files)
    assert.deepEqual(findTests(folder, 'unit'), {
      tests: ['docs/guide/four.test.js', 'packages/a/dist/x/one.test.js', 'tools/three.test.js'],
      faults: [],
    })
    assert.deepEqual(findTests(folder, 'slow'), {
      tests: ['integration/five.test.js', 'packages/b/dist/two.slow.test.js'],
      faults: [],
    })
  })

  it('finds builds without source and sources without build', () => {
    const folder = tree('stale', { 'packages/a/dist/x.test.js': '', 'packages/a/src/y.test.ts': '' })
    assert.deepEqual(findTests(folder, 'unit').faults, [
      'packages/a/dist/x.test.js is stale: there is no packages/a/src/x.test.ts; remove the dist folder and build again',
      'packages/a/src/y.test.ts is not built; run npm run build',
    ])
  })
})

describe('the command', () => {
  it("passes with node's own summary", () => {
    const { code, out } = runIn(tree('passing', { 'docs/a.test.js': PASSING }), 'unit')
    assert.equal(code, 0)
    assert.match(out, /^ℹ pass 1$/m)
    assert.match(out, /^ℹ fail 0$/m)
  })

  it('fails when a test fails', () => {
    const { code, out } = runIn(
      tree('failing', { 'docs/a.test.js': PASSING, 'docs/b.test.js': FAILING }),
      'unit',
    )
    assert.equal(code, 1)
    assert.match(out, /^ℹ pass 1$/m)
    assert.match(out, /^ℹ fail 1$/m)
  })

  it('runs only the files that are named', () => {
    const folder = tree('named', { 'docs/a.test.js': PASSING, 'docs/b.test.js': FAILING })
    assert.equal(runIn(folder, 'unit', 'docs/a').code, 0)
  })

  it('fails loudly when there is nothing to run, or the build is stale', () => {
    const empty = runIn(tree('empty', { 'docs/a.md': '' }), 'unit')
    assert.deepEqual([empty.code, empty.err], [1, 'no unit tests were found\n'])
    const stale = runIn(
      tree('stale-run', { 'docs/a.test.js': PASSING, 'packages/a/dist/x.test.js': PASSING }),
      'unit',
    )
    assert.equal(stale.code, 1)
    assert.match(stale.err, /^packages\/a\/dist\/x\.test\.js is stale/)
  })

  it('names its usage', () => {
    const { code, err } = runIn(tree('usage', { 'docs/a.md': '' }), 'all')
    assert.deepEqual([code, err], [2, 'usage: node tools/run-tests.js unit|slow [part of a path]…\n'])
  })
})
