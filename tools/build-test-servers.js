// @ts-check
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMain, root } from './source-files.js'

/**
 * Builds the servers and the foreign clients that the tests of the TiKV client run against:
 * `node tools/build-test-servers.js [NAME]…`. Each is built once for its sources; the results go to
 * `ORBIT_TEST_SERVERS`, by default `integration/servers/.bin`. What a missing tool chain makes impossible is told and
 * left out, so that its tests are skipped; with `ORBIT_REQUIRE_SERVERS=1` it is a failure.
 *
 * @typedef {{
 *   readonly needs: string,
 *   readonly build: (source: string, output: string) => [string, ...string[]][],
 *   readonly command: (source: string, output: string) => readonly string[],
 * }} Program
 *   `build`: commands that run in `source`; `command`: what starts the result.
 */

/** @returns {string} */
export const serversFolder = () =>
  process.env['ORBIT_TEST_SERVERS'] ?? join(root, 'integration', 'servers', '.bin')

/** @param {readonly string[]} flags @returns {Program} */
const goProgram = (flags = [], target = '.') => ({
  needs: 'go',
  build: (_, output) => [['go', 'build', ...flags, '-o', join(output, 'program'), target]],
  command: (_, output) => [join(output, 'program')],
})

/** @type {Readonly<Record<string, Program>>} */
export const programs = {
  pd: goProgram(['-tags', 'without_dashboard'], 'github.com/tikv/pd/cmd/pd-server'),
  // Its dependencies reach into the runtime in a way that the linker refuses by default.
  unistore: goProgram(['-ldflags=-checklinkname=0']),
  goclient: goProgram(),
  pyclient: {
    needs: 'python3',
    build: (source, output) => [
      ['python3', '-m', 'venv', join(output, 'venv')],
      [join(output, 'venv', 'bin', 'pip'), 'install', '--quiet', '-r', join(source, 'requirements.txt')],
    ],
    command: (source, output) => [join(output, 'venv', 'bin', 'python'), join(source, 'main.py')],
  },
  javaclient: {
    needs: 'mvn',
    build: (_, output) => [
      [
        'mvn',
        '--quiet',
        '--batch-mode',
        `-Dorbit.target=${output}`,
        'compile',
        'dependency:copy-dependencies',
        `-DoutputDirectory=${join(output, 'lib')}`,
      ],
    ],
    command: (_, output) => [
      'java',
      '-cp',
      `${join(output, 'classes')}:${join(output, 'lib', '*')}`,
      'orbit.test.Driver',
    ],
  },
  rustclient: {
    needs: 'cargo',
    build: (_, output) => [['cargo', 'build', '--quiet', '--release', '--locked', '--target-dir', output]],
    command: (_, output) => [join(output, 'release', 'rustclient')],
  },
}

/**
 * How to start a program; undefined when it is not built, or from other sources.
 * @param {string} name
 * @returns {readonly string[] | undefined}
 */
export function commandOf(name) {
  const program = programs[name]
  if (program === undefined)
    throw new Error(`no program ${name}; there are ${Object.keys(programs).join(', ')}`)
  const { source, output, stamp } = placesOf(name)
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest(source)) return undefined
  return program.command(source, output)
}

/** @param {string} name */
function placesOf(name) {
  const output = join(serversFolder(), name)
  return { source: join(root, 'integration', 'servers', name), output, stamp: join(output, 'built-from') }
}

/** Of every source file below a folder. @param {string} folder */
function digest(folder) {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const path of files.sort())
    hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path))
  return hash.digest('hex')
}

/**
 * @param {string} name
 * @param {Program} program
 * @returns {string | undefined} why it could not be built
 */
function build(name, program) {
  if (commandOf(name) !== undefined) return undefined
  if (spawnSync(program.needs, ['--help'], { stdio: 'ignore' }).error !== undefined) {
    return `${program.needs} is not installed`
  }
  const { source, output, stamp } = placesOf(name)
  console.log(`building ${name} …`)
  rmSync(stamp, { force: true })
  mkdirSync(output, { recursive: true })
  for (const [command, ...options] of program.build(source, output)) {
    const { status, error } = spawnSync(command, options, {
      cwd: source,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (status !== 0) return `${command} ${options[0] ?? ''} ended with ${error?.message ?? status}`
  }
  writeFileSync(stamp, digest(source))
  return undefined
}

/** @param {readonly string[]} names  all when empty */
function buildAll(names) {
  let missing = 0
  for (const name of names.length > 0 ? names : Object.keys(programs)) {
    const program = programs[name]
    const fault = program === undefined ? 'there is no such program' : build(name, program)
    if (fault === undefined) continue
    missing++
    console.error(`SKIPPED: ${name} cannot be built: ${fault}; its tests will be skipped`)
  }
  return missing
}

if (isMain(import.meta.url)) {
  const missing = buildAll(process.argv.slice(2))
  if (missing > 0 && process.env['ORBIT_REQUIRE_SERVERS'] === '1') process.exitCode = 1
}
