// @ts-check
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readSourceFiles, root } from './source-files.js'
import {
  capabilityProblems,
  existsInTree,
  filesByScenario,
  PAGE,
  readCoverage,
  readTitles,
  scenarioProblems,
  withTests,
} from './tikv-coverage.js'

describe(PAGE, () => {
  const { capabilities, scenarios } = readCoverage(readFileSync(join(root, PAGE), 'utf8'))
  const titles = readTitles(readSourceFiles())

  it('names sources and tests that exist', () => {
    assert.ok(capabilities.length > 150, `${capabilities.length} rows`)
    assert.deepEqual(capabilityProblems(capabilities, titles, existsInTree), [])
  })

  it('says of every scenario which tests show it, or why none does', () => {
    assert.deepEqual(scenarioProblems(scenarios, filesByScenario(titles)), [])
  })
})

describe('the check of the coverage page', () => {
  const tests = [
    "it('[S01] [S02] count', () => {})",
    'test(`[S03] at the seed`, () => {})',
    "  // [S04] is no test\n it('does not begin with [S05]', () => {})",
  ].join('\n')
  const titles = readTitles(
    new Map([
      ['packages/tikv/src/a/b.test.ts', tests],
      ['packages/tikv/src/a/b.ts', "it('[S06] is no test either')"],
    ]),
  )
  const page = [
    '| Capability | | Status | Source | Tests |',
    '| --- | --- | --- | --- | --- |',
    '| one | M | yes | `a/b.ts` | `a/b.test.ts` `[S01] [S02] count` |',
    '| two | S | part: half | `a/c.ts` | `a/b.test.ts` `[S09]`<br>`a/d.test.ts` `x` |',
    '| three | R | no | | |',
    '| four | M | yes | | |',
    '| five | M | maybe | `a/b.ts` | not tested |',
    '| S01 | | `a/b.test.ts` |',
    '| S03 | | not tested: it needs time |',
    '| S04 | | not tested: it needs a server |',
    '| S05 | | |',
    '| S06 | | `a/b.test.ts` |',
  ].join('\n')

  it('reads numbers at the beginning of titles only', () => {
    const path = 'packages/tikv/src/a/b.test.ts'
    assert.deepEqual(
      [...filesByScenario(titles)],
      [
        [1, [path]],
        [2, [path]],
        [3, [path]],
      ],
    )
  })

  it('finds sources and tests that are not there, and rows that say nothing', () => {
    const { capabilities } = readCoverage(page)
    const problems = capabilityProblems(capabilities, titles, (path) => path.endsWith('a/b.ts'))
    assert.deepEqual(
      problems.map((problem) => problem.replace(/^\S+ /, '')),
      [
        'two: packages/tikv/src/a/c.ts does not exist',
        'two: no test of packages/tikv/src/a/b.test.ts begins with "[S09]"',
        'two: there is no file of tests packages/tikv/src/a/d.test.ts',
        'four: no source is named',
        'four: name its tests, or say "not tested"',
        'five: the status is "maybe", not yes, part or no',
      ],
    )
  })

  it('finds scenarios without a row, without a reason, and with a reason that has gone', () => {
    const problems = scenarioProblems(readCoverage(page).scenarios, filesByScenario(titles))
    assert.deepEqual(
      problems.slice(0, 5).map((problem) => problem.replace(/^\S+ /, '')),
      [
        'S02 has 0 rows',
        'S03: there are tests by now; run node tools/tikv-coverage.js',
        'S05: no title of a test begins with [S05], and no reason is given',
        'S06: packages/tikv/src/a/b.test.ts has no test whose title begins with [S06]',
        'S07 has 0 rows',
      ],
    )
  })

  it('writes the tests of scenarios into their rows, and leaves reasons that hold', () => {
    assert.deepEqual(withTests(page, filesByScenario(titles)).split('\n').slice(-5), [
      '| S01 | | `a/b.test.ts` |',
      '| S03 | | `a/b.test.ts` |',
      '| S04 | | not tested: it needs a server |',
      '| S05 | | |',
      '| S06 | | `a/b.test.ts` |',
    ])
  })
})
