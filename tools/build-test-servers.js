// @ts-check
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { isMain, root } from './source-files.js'

/**
 * Builds the servers and the foreign clients that tests of the TiKV client and of the PostgreSQL protocol need:
 * `node tools/build-test-servers.js [NAME]…`. Each is built once for its sources; the results go to
 * `ORBIT_TEST_SERVERS`, by default `integration/servers/.bin`. What a missing tool chain makes impossible is told and
 * left out, so that its tests are skipped; with `ORBIT_REQUIRE_SERVERS=1` it is a failure.
 *
 * @typedef {{
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
  build: (_, output) => [['go', 'build', ...flags, '-o', join(output, 'program'), target]],
  command: (_, output) => [join(output, 'program')],
})

/** @type {Program} */
const pythonProgram = {
  build: (source, output) => [
    ['python3', '-m', 'venv', join(output, 'venv')],
    [join(output, 'venv', 'bin', 'pip'), 'install', '--quiet', '-r', join(source, 'requirements.txt')],
  ],
  command: (source, output) => [join(output, 'venv', 'bin', 'python'), join(source, 'main.py')],
}

/** @param {string} main @returns {Program} */
const javaProgram = (main) => ({
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
  command: (_, output) => ['java', '-cp', `${join(output, 'classes')}:${join(output, 'lib', '*')}`, main],
})

/**
 * Its command line asks for an engine that migrations need and generating does not, from where there is no registry:
 * any program will do. @type {Program}
 */
const prismaProgram = {
  build: (source, output) => [
    ['cp', '-R', `${source}/.`, output],
    ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', output],
    [
      'env',
      `PRISMA_SCHEMA_ENGINE_BINARY=${process.execPath}`,
      process.execPath,
      join(output, 'node_modules', 'prisma', 'build', 'index.js'),
      'generate',
      '--schema',
      join(output, 'schema.prisma'),
    ],
    [process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', output],
  ],
  command: (_, output) => [process.execPath, join(output, 'built', 'main.js')],
}

/** Those that take longest first. @type {Readonly<Record<string, Program>>} */
export const programs = {
  rustclient: {
    build: (_, output) => [['cargo', 'build', '--quiet', '--release', '--locked', '--target-dir', output]],
    command: (_, output) => [join(output, 'release', 'rustclient')],
  },
  pd: goProgram(['-tags', 'without_dashboard'], 'github.com/tikv/pd/cmd/pd-server'),
  // Its dependencies reach into the runtime in a way that the linker refuses by default.
  unistore: goProgram(['-ldflags=-checklinkname=0']),
  goclient: goProgram(),
  pyclient: pythonProgram,
  psycopg: pythonProgram,
  prismaclient: prismaProgram,
  javaclient: javaProgram('orbit.test.Driver'),
  jdbc: javaProgram('orbit.test.Jdbc'),
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
 * @returns {Promise<string | undefined>} why it could not be built
 */
async function build(name, program) {
  if (commandOf(name) !== undefined) return undefined
  const { source, output, stamp } = placesOf(name)
  const sources = digest(source)
  const started = performance.now()
  console.log(`building ${name} …`)
  rmSync(stamp, { force: true })
  mkdirSync(output, { recursive: true })
  for (const [command, ...options] of program.build(source, output)) {
    const fault = await run(command, options, source)
    if (fault !== undefined) return fault
  }
  writeFileSync(stamp, sources)
  console.log(`built ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s`)
  return undefined
}

/**
 * @param {string} command
 * @param {string[]} options
 * @param {string} folder
 * @returns {Promise<string | undefined>} what went wrong, with all that the command said
 */
function run(command, options, folder) {
  const child = spawn(command, options, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)))
  return new Promise((resolve) => {
    child.on('error', () => resolve(`${command} is not installed`))
    child.on('close', (code, signal) => {
      resolve(
        code === 0 ? undefined : `${command} ${options[0] ?? ''} ended with ${signal ?? code}\n${output}`,
      )
    })
  })
}

/**
 * Builds as many at once as there are processors, since each build downloads and links on one of them.
 * @param {readonly string[]} names  all when empty
 * @returns {Promise<number>} how many cannot be built
 */
async function buildAll(names) {
  const waiting = [...(names.length > 0 ? names : Object.keys(programs))]
  let missing = 0
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const program = programs[name]
      const fault = program === undefined ? 'there is no such program' : await build(name, program)
      if (fault === undefined) continue
      missing++
      console.error(`SKIPPED: ${name} cannot be built: ${fault}; its tests will be skipped`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))
  return missing
}

if (isMain(import.meta.url)) {
  const missing = await buildAll(process.argv.slice(2))
  if (missing > 0 && process.env['ORBIT_REQUIRE_SERVERS'] === '1') process.exitCode = 1
}
