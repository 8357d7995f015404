// @ts-check
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { claimProblems, readClaims } from './requirement-rows.js'

const tree = {
  read: (/** @type {string} */ path) =>
    path === 'a.ts' ? 'export class Alpha { begin() {} }' : 'const max_b = 1',
  exists: (/** @type {string} */ path) => path === 'packages/here',
}
const resolve = (/** @type {string} */ label) => ({ 'x/a': 'a.ts', 'x/b': 'b.ts' })[label]

describe('readClaims', () => {
  it('takes the last cell of each row, with the files it links to', () => {
    const lines = [
      '| Required | Orbit |',
      '| --- | --- |',
      '| `a` | `Alpha` in [x/a], [guide](g.md) |',
      'text',
    ]
    assert.deepEqual(readClaims(lines, resolve), [
      { line: 1, text: 'Orbit', files: [] },
      { line: 3, text: '`Alpha` in [x/a], [guide](g.md)', files: ['a.ts'] },
    ])
  })
})

describe('claimProblems', () => {
  const problems = (/** @type {string} */ text, /** @type {string[]} */ files) =>
    claimProblems({ line: 1, text, files }, tree)

  it('accepts names that are in the linked files', () => {
    assert.deepEqual(problems('`Alpha.begin`, `max_b`', ['a.ts', 'b.ts']), [])
    assert.deepEqual(problems('*not yet*: `packages/there`', []), [])
  })

  it('refuses names that are not, or have no file', () => {
    assert.deepEqual(problems('`Alph`, `max`', ['a.ts', 'b.ts']), [
      'Alph is not in a.ts, b.ts',
      'max is not in a.ts, b.ts',
    ])
    assert.deepEqual(problems('`Alpha`', []), ['no file is linked for Alpha'])
  })

  it('refuses paths that came or went', () => {
    assert.deepEqual(problems('_not yet_: `packages/here`', []), ['packages/here exists by now'])
    assert.deepEqual(problems('`packages/there`', []), ['packages/there does not exist'])
  })
})
