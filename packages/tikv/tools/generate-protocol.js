// Generates packages/tikv/src/gen from packages/tikv/proto with buf and ts-proto, both from npm.
//
//   node packages/tikv/tools/generate-protocol.js           writes src/gen
//   node packages/tikv/tools/generate-protocol.js --check   fails if src/gen is not what it would write
//
// The generated files are committed, so building Orbit needs neither tool; they are never edited,
// formatted or linted.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const packageFolder = dirname(import.meta.dirname)
const genFolder = join(packageFolder, 'src', 'gen')
const require = createRequire(import.meta.url)

/** ts-proto's options. What each is for stands beside it where the name does not say it. */
const options = [
  'forceLong=bigint',
  // bytes are Uint8Array on every runtime, and views of the message that was decoded.
  'env=both',
  'importSuffix=.js',
  'esModuleInterop=true',
  // `as const` objects: the repository allows no TypeScript enum. A value that this version does
  // not know stays the number that came.
  'enumsAsLiterals=true',
  'unrecognizedEnum=false',
  // { $case, value }: the one `cmd` of a batched command.
  'oneof=unions-value',
  // A key from the network must not become a property name such as __proto__.
  'useMapType=true',
  // The transport is Orbit's own; see src/rpc/methods.ts.
  'outputServices=none',
  'outputClientImpl=false',
  'outputJsonMethods=false',
  'outputPartialMethods=true',
  'outputTypeAnnotations=false',
  'outputTypeRegistry=false',
  'useExactTypes=false',
  'useOptionals=none',
  'snakeToCamel=keys',
  'removeEnumPrefix=false',
  'exportCommonSymbols=false',
  'annotateFilesWithVersion=false',
]

const check = process.argv.includes('--check')
const work = mkdtempSync(join(tmpdir(), 'orbit-protocol-'))
try {
  generate(work)
  const wanted = readFolder(work)
  const current = readFolder(genFolder)
  if (check) report(differences(wanted, current))
  else replace(wanted, current)
} finally {
  rmSync(work, { recursive: true, force: true })
}

function generate(outFolder) {
  const plugin = require.resolve('ts-proto/protoc-gen-ts_proto')
  const template = {
    version: 'v2',
    plugins: [{ local: [process.execPath, plugin], out: outFolder, strategy: 'all', opt: options }],
  }
  const buf = join(dirname(require.resolve('@bufbuild/buf/package.json')), 'bin', 'buf')
  const args = [buf, 'generate', join(packageFolder, 'proto'), '--template', JSON.stringify(template)]
  execFileSync(process.execPath, args, { cwd: packageFolder, stdio: 'inherit' })
}

/** @returns {Map<string, string>} file name to text */
function readFolder(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

function differences(wanted, current) {
  const names = [...new Set([...wanted.keys(), ...current.keys()])].sort()
  return names.filter((name) => wanted.get(name) !== current.get(name))
}

function report(different) {
  if (different.length === 0) return
  console.error(`packages/tikv/src/gen is not up to date: ${different.join(', ')}`)
  console.error('Run: node packages/tikv/tools/generate-protocol.js')
  process.exitCode = 1
}

function replace(wanted, current) {
  for (const name of current.keys()) if (!wanted.has(name)) rmSync(join(genFolder, name))
  for (const [name, text] of wanted) writeFileSync(join(genFolder, name), text)
}
