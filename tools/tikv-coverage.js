// @ts-check
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { isMain, readSourceFiles, root } from './source-files.js'

/**
 * The table of what the TiKV client covers, against the tree: `node tools/tikv-coverage.js` writes the files of each
 * scenario's tests into its row; the tests of this file find rows that name what is not there.
 *
 * A row of a capability ends with its source and its tests, a row of a scenario with its tests. A test is a file and
 * the beginning of a title: `` `region/by-region.test.ts` `covers the range once` ``.
 *
 * @typedef {{ file: string, title: string }} Test `file` from the root of the tree
 * @typedef {{ name: string, importance: string, status: string, sources: string[], tests: Test[], isUntested: boolean,
 *   line: number }} Capability
 * @typedef {{ number: number, files: string[], reason: string, line: number }} Scenario
 */

export const PAGE = 'docs/tikv/coverage.md'
export const SCENARIOS = 71
const SOURCES = 'packages/tikv/src/'
/** Also of suites, and of the helper that runs a scenario over both transports. */
const TITLE = /\b(?:it|test|describe|scenario)(?:\.\w+)?\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g
const NOT_TESTED = 'not tested'

/** @param {string} path as the page has it */
const fromRoot = (path) => (/^(integration|packages|tools)\//.test(path) ? path : `${SOURCES}${path}`)

/** @param {string} path */
const shown = (path) => (path.startsWith(SOURCES) ? path.slice(SOURCES.length) : path)

/**
 * Titles of the tests in each file of tests that has to do with the client.
 * @param {ReadonlyMap<string, string>} files text by path
 * @returns {Map<string, string[]>}
 */
export function readTitles(files) {
  const found = new Map()
  for (const [path, text] of files) {
    if (!/\.test\.(ts|js)$/.test(path) || path.startsWith('tools/')) continue
    found.set(
      path,
      [...text.matchAll(TITLE)].map(([, , title = '']) => title.replaceAll(/\\(.)/g, '$1')),
    )
  }
  return found
}

/**
 * Files with tests of each scenario: their titles begin with its number, or with several.
 * @param {ReadonlyMap<string, readonly string[]>} titles
 * @returns {Map<number, string[]>}
 */
export function filesByScenario(titles) {
  /** @type {Map<number, Set<string>>} */
  const found = new Map()
  for (const [path, names] of titles) {
    for (const name of names) {
      const numbers = /^(?:\[S\d+\] ?)+/.exec(name)?.[0] ?? ''
      for (const [, digits] of numbers.matchAll(/\[S(\d+)\]/g)) {
        const number = Number(digits)
        found.set(number, (found.get(number) ?? new Set()).add(path))
      }
    }
  }
  return new Map([...found].map(([number, paths]) => [number, [...paths].sort()]))
}

/** @param {string} text of the page @returns {{ capabilities: Capability[], scenarios: Scenario[] }} */
export function readCoverage(text) {
  /** @type {Capability[]} */
  const capabilities = []
  /** @type {Scenario[]} */
  const scenarios = []
  for (const [index, row] of text.split('\n').entries()) {
    const cells = row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
    const [name = '', importance = '', third = '', sources = '', tests = ''] = cells
    const line = index + 1
    if (cells.length === 5 && /^[MSR]$/.test(importance)) {
      capabilities.push({
        name,
        importance,
        status: third,
        sources: codeIn(sources).map(fromRoot),
        tests: tests === '' ? [] : tests.split('<br>').flatMap(readTest),
        isUntested: tests === NOT_TESTED,
        line,
      })
    }
    const number = /^S(\d+)$/.exec(name)?.[1]
    if (cells.length === 3 && number !== undefined) {
      const reason = third.startsWith(`${NOT_TESTED}: `) ? third.slice(NOT_TESTED.length + 2) : ''
      const files = reason === '' ? codeIn(third).map(fromRoot) : []
      scenarios.push({ number: Number(number), files, reason, line })
    }
  }
  return { capabilities, scenarios }
}

/** @param {string} cell */
const codeIn = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)

/** @param {string} text @returns {Test[]} */
function readTest(text) {
  const [file, title] = codeIn(text)
  return file === undefined || title === undefined ? [] : [{ file: fromRoot(file), title }]
}

/**
 * What the rows of capabilities say that the tree does not bear out.
 * @param {readonly Capability[]} capabilities
 * @param {ReadonlyMap<string, readonly string[]>} titles
 * @param {(path: string) => boolean} exists
 */
export function capabilityProblems(capabilities, titles, exists) {
  return capabilities.flatMap(({ line, name, status, sources, tests, isUntested }) => {
    const place = `${PAGE}:${line} ${name}: `
    const isThere = /^(yes|part)\b/.test(status)
    const problems = [
      ...sources.filter((path) => !exists(path)).map((path) => `${path} does not exist`),
      ...tests.flatMap(({ file, title }) => testProblems(file, title, titles)),
    ]
    if (!isThere && !/^no\b/.test(status)) problems.push(`the status is "${status}", not yes, part or no`)
    if (isThere && sources.length === 0) problems.push('no source is named')
    if (isThere && tests.length === 0 && !isUntested) problems.push(`name its tests, or say "${NOT_TESTED}"`)
    return problems.map((problem) => place + problem)
  })
}

/** @param {string} file @param {string} title @param {ReadonlyMap<string, readonly string[]>} titles */
function testProblems(file, title, titles) {
  const names = titles.get(file)
  if (names === undefined) return [`there is no file of tests ${file}`]
  if (names.some((name) => name.startsWith(title))) return []
  return [`no test of ${file} begins with "${title}"`]
}

/**
 * Scenarios without a row, and rows that do not agree with the tests. A row may leave tests out.
 * @param {readonly Scenario[]} scenarios
 * @param {ReadonlyMap<number, readonly string[]>} files
 */
export function scenarioProblems(scenarios, files) {
  const problems = []
  for (let number = 1; number <= SCENARIOS; number++) {
    const rows = scenarios.filter((row) => row.number === number)
    const [row] = rows
    const label = `S${String(number).padStart(2, '0')}`
    if (row === undefined || rows.length > 1) {
      problems.push(`${PAGE}: ${label} has ${rows.length} rows`)
      continue
    }
    const place = `${PAGE}:${row.line} ${label}: `
    const tested = files.get(number) ?? []
    const gone = row.files.filter((path) => !tested.includes(path))
    if (gone.length > 0)
      problems.push(`${place}${gone.join(', ')} has no test whose title begins with [${label}]`)
    else if (tested.length === 0 && row.reason === '')
      problems.push(`${place}no title of a test begins with [${label}], and no reason is given`)
    else if (tested.length > 0 && row.files.length === 0)
      problems.push(`${place}there are tests by now; run node tools/tikv-coverage.js`)
  }
  return problems
}

/**
 * The page with the tests of each scenario as they are.
 * @param {string} text @param {ReadonlyMap<number, readonly string[]>} files
 */
export function withTests(text, files) {
  return text.replaceAll(/^(\| S(\d+) +\|[^|\n]*\|)([^|\n]*)\|$/gm, (row, start, digits) => {
    const tested = files.get(Number(digits)) ?? []
    if (tested.length === 0) return row
    return `${start} ${tested.map((path) => `\`${shown(path)}\``).join('<br>')} |`
  })
}

/** @param {string} path */
export function existsInTree(path) {
  return existsSync(join(root, path))
}

if (isMain(import.meta.url)) {
  const text = readFileSync(join(root, PAGE), 'utf8')
  const style = await resolveConfig(join(root, 'package.json'))
  const written = withTests(text, filesByScenario(readTitles(readSourceFiles())))
  writeFileSync(join(root, PAGE), await format(written, { ...style, parser: 'markdown' }))
}
