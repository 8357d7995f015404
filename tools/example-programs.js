// @ts-check
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './source-files.js'

/**
 * Checks and runs TypeScript programs against the built packages, as a program of a user would be.
 *
 * @typedef {{ name: string, text: string }} Program `name` has letters, digits and dashes
 * @typedef {{ code: number | null, stdout: string, stderr: string }} Outcome
 */

/** A program that takes longer hangs. */
const RUN_TIMEOUT_MS = 120_000

/**
 * What the compiler says of each program, with the options of the packages.
 * @param {readonly Program[]} programs
 * @returns {Map<string, string[]>} by name; empty for those without an error
 */
export function typeErrors(programs) {
  const options = compilerOptions()
  const files = new Map(programs.map(({ name, text }) => [join(root, `${name}.example.mts`), text]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path)
    if (text === undefined) return getSourceFile.call(host, path, languageVersion, ...rest)
    return ts.createSourceFile(path, text, languageVersion)
  }
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path)
  host.readFile = (path) => files.get(path) ?? readFile.call(host, path)
  const program = ts.createProgram([...files.keys()], options, host)
  const options_ = program.getOptionsDiagnostics()
  if (options_.length > 0) throw new Error(options_.map(messageOf).join('\n'))
  return new Map(
    programs.map(({ name }, index) => {
      const source = program.getSourceFile([...files.keys()][index] ?? '')
      return [name, ts.getPreEmitDiagnostics(program, source).map(messageOf)]
    }),
  )
}

function compilerOptions() {
  const path = join(root, 'tsconfig.base.json')
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile)
  if (error !== undefined) throw new Error(messageOf(error))
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  return {
    ...options,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noEmit: true,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
}

/** @param {ts.Diagnostic} diagnostic */
function messageOf({ file, start, messageText }) {
  const line =
    file === undefined || start === undefined
      ? ''
      : `line ${file.getLineAndCharacterOfPosition(start).line + 1}: `
  return line + ts.flattenDiagnosticMessageText(messageText, '\n')
}

/** A folder from which programs find the packages, but which is no part of the tree. */
export class ProgramFolder {
  #path = ''

  async open() {
    const parent = join(root, 'node_modules', '.cache')
    await mkdir(parent, { recursive: true })
    this.#path = await mkdtemp(join(parent, 'orbit-examples-'))
  }

  async close() {
    await rm(this.#path, { recursive: true, force: true })
  }

  /**
   * Runs a program to its end, in a directory of its own that is empty the first time.
   * @param {Program} program
   * @param {number} runs
   * @returns {Promise<Outcome>} of the last run, or of the first that failed
   */
  async run({ name, text }, runs = 1) {
    const file = join(this.#path, `${name}.mjs`)
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    })
    await writeFile(file, outputText)
    const cwd = await mkdtemp(join(tmpdir(), 'orbit-example-'))
    try {
      let outcome = await execute(file, cwd)
      for (let run = 1; run < runs && outcome.code === 0; run++) outcome = await execute(file, cwd)
      return outcome
    } finally {
      await rm(cwd, { recursive: true, force: true })
    }
  }
}

/** @param {string} file @param {string} cwd @returns {Promise<Outcome>} */
function execute(file, cwd) {
  // A test runner in the environment would turn the tests of a program into its own report.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [file], { cwd, env, timeout: RUN_TIMEOUT_MS, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => (stdout += String(data)))
  child.stderr.on('data', (data) => (stderr += String(data)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}
