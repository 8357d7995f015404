// @ts-check
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMain, root } from './source-files.js'

/**
 * Runs the compiled tests: `node tools/run-tests.js unit|slow [part of a path]…`.
 *
 * `unit` needs nothing but Node; `slow` is `*.slow.test.*` and everything under `integration/`. Random tests begin with the
 * same seed each time: see `property-seed.js`.
 *
 * @typedef {'unit' | 'slow'} Kind
 */

/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = { unit: 10 * 60_000, slow: 60 * 60_000 }

/**
 * @param {string} base
 * @param {Kind} kind
 * @returns {{ tests: string[], faults: string[] }} paths from `base`, sorted; and why the tree cannot be tested
 */
export function findTests(base, kind) {
  const packages = existsSync(join(base, 'packages')) ? readdirSync(join(base, 'packages')) : []
  const built = packages.flatMap((name) => filesBelow(base, `packages/${name}/dist`)).filter(isTest)
  const written = packages.flatMap((name) => filesBelow(base, `packages/${name}/src`)).filter(isTest)
  const plain = ['tools', 'docs'].flatMap((folder) => filesBelow(base, folder)).filter(isTest)
  const integration = filesBelow(base, 'integration').filter((path) => isTest(path) && path.endsWith('.js'))
  const tests =
    kind === 'unit'
      ? [...built, ...plain].filter((path) => !isSlow(path))
      : [...[...built, ...plain].filter(isSlow), ...integration]
  return { tests: tests.sort(), faults: buildFaults(new Set(built), new Set(written)) }
}

/** @param {string} path */
const isTest = (path) => /\.test\.(js|ts)$/.test(path)

/** @param {string} path */
const isSlow = (path) => /\.slow\.test\.(js|ts)$/.test(path)

/** Folders of what was installed or built, in which others' tests may lie. @param {string} name */
const isForeign = (name) => name === 'node_modules' || name.startsWith('.')

/** @param {string} base @param {string} folder @returns {string[]} */
function filesBelow(base, folder) {
  if (!existsSync(join(base, folder))) return []
  return readdirSync(join(base, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return isForeign(entry.name) ? [] : filesBelow(base, path)
    return [path]
  })
}

/**
 * A built test without source would pass for ever; a source without its build would never run.
 * @param {ReadonlySet<string>} built
 * @param {ReadonlySet<string>} written
 */
function buildFaults(built, written) {
  const sourceOf = (/** @type {string} */ path) => path.replace('/dist/', '/src/').replace(/\.js$/, '.ts')
  const expected = new Map([...built].map((path) => [sourceOf(path), path]))
  const stale = [...expected].filter(([source]) => !written.has(source))
  const missing = [...written].filter((source) => !expected.has(source))
  return [
    ...stale.map(
      ([source, path]) => `${path} is stale: there is no ${source}; remove the dist folder and build again`,
    ),
    ...missing.map((source) => `${source} is not built; run npm run build`),
  ]
}

/**
 * @param {Kind} kind
 * @param {readonly string[]} parts only files whose path contains one of them; all when empty
 * @returns {Promise<number>} the exit code
 */
async function run(kind, parts) {
  const { tests, faults } = findTests(root, kind)
  const chosen = tests.filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
  if (chosen.length === 0)
    faults.push(`no ${kind} tests were found${parts.length > 0 ? ` for ${parts.join(', ')}` : ''}`)
  if (faults.length > 0) {
    for (const fault of faults) console.error(fault)
    return 1
  }
  const options = [
    `--import=${pathToFileURL(join(root, 'tools/property-seed.js'))}`,
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${FILE_TIMEOUT_MS[kind]}`,
    `--test-concurrency=${kind === 'slow' ? 1 : availableParallelism()}`,
  ]
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [...options, ...chosen], { cwd: root, stdio: 'inherit', env })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

if (isMain(import.meta.url)) {
  const [kind, ...parts] = process.argv.slice(2)
  if (kind === 'unit' || kind === 'slow') process.exitCode = await run(kind, parts)
  else {
    console.error('usage: node tools/run-tests.js unit|slow [part of a path]…')
    process.exitCode = 2
  }
}
