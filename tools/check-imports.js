// @ts-check
import { posix } from 'node:path'
import { isBuiltin } from 'node:module'
import ts from 'typescript'
import { isMain, readSourceFiles, root } from './source-files.js'

/**
 * @typedef {{ specifier: string, line: number, typeOnly: boolean }} Import
 * @typedef {{ path: string, line: number, message: string }} Problem
 */

const SCOPE = '@orbit-ts/'

/** What each package may import; the order of the whole is base ← tikv ← storage ← {actors, engine} ← server ← cli. */
const MAY_IMPORT = new Map([
  ['base', []],
  ['tikv', ['base']],
  ['storage', ['base', 'tikv']],
  ['actors', ['base', 'tikv', 'storage']],
  ['engine', ['base', 'tikv', 'storage']],
  ['server', ['base', 'tikv', 'storage', 'actors', 'engine']],
  ['cli', ['base', 'tikv', 'storage', 'actors', 'engine', 'server']],
  ['dashboard', []],
])

const BANNED_NAMES = new Set(['shared', 'common', 'utils', 'util', 'helpers', 'helper', 'misc'])

/**
 * Everything in the tree that breaks the rules of layout.
 * @param {ReadonlyMap<string, string>} files path from the root to text
 * @param {string} [machineRoot] where the tree lies, which no file may name
 * @returns {Problem[]}
 */
export function checkTree(files, machineRoot) {
  const sources = [...files.keys()].filter(
    (path) => /\.(ts|tsx|js|mjs)$/.test(path) && !path.endsWith('.d.ts'),
  )
  const imports = new Map(sources.map((path) => [path, importsOf(path, files.get(path) ?? '')]))
  const manifests = readManifests(files)
  return [
    ...[...files.keys()].flatMap(checkName),
    ...[...imports].flatMap(([path, list]) => list.flatMap((one) => checkImport(path, one, manifests))),
    ...checkManifests(manifests),
    ...checkCycles(imports),
    ...[...files].flatMap(([path, text]) => checkText(path, text, machineRoot)),
  ]
}

/**
 * Every module a file names, also in `import()` of a literal and in `import('…')` types.
 * @param {string} path
 * @param {string} text
 * @returns {Import[]}
 */
export function importsOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  /** @type {Import[]} */
  const found = []
  /** @param {ts.Node} at @param {ts.Node | undefined} specifier @param {boolean} typeOnly */
  const add = (at, specifier, typeOnly) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    const line = source.getLineAndCharacterOfPosition(at.getStart()).line + 1
    found.push({ specifier: specifier.text, line, typeOnly })
  }
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    } else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true)
    else if (ts.isCallExpression(node) && isLoad(node.expression)) add(node, node.arguments[0], false)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** @param {ts.Expression} callee */
function isLoad(callee) {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
}

/** @param {string} path */
function packageOf(path) {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

/**
 * @typedef {{ path: string, inPackage: Set<string>, all: Set<string>, subpaths: Set<string> }} Manifest
 *   `subpaths` are what the package exports besides its index
 * @param {ReadonlyMap<string, string>} files
 * @returns {Map<string, Manifest>} by package or other folder; the root's under ''
 */
function readManifests(files) {
  const manifests = new Map()
  for (const [path, text] of files) {
    const folder = /^(?:(?:packages\/)?(.+)\/)?package\.json$/.exec(path)
    if (folder === null) continue
    const { dependencies, optionalDependencies, peerDependencies, devDependencies, exports } =
      JSON.parse(text)
    const inPackage = new Set(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
    const all = new Set([...inPackage, ...Object.keys(devDependencies ?? {})])
    const subpaths = new Set(Object.keys(exports ?? {}).filter((name) => name.startsWith('./')))
    manifests.set(folder[1] ?? '', { path, inPackage, all, subpaths })
  }
  return manifests
}

/**
 * @param {string} path
 * @param {Import} one
 * @param {Map<string, Manifest>} manifests
 * @returns {Problem[]}
 */
function checkImport(path, one, manifests) {
  const message = one.specifier.startsWith('.') ? relativeFault(path, one) : bareFault(path, one, manifests)
  return message === undefined
    ? []
    : [{ path, line: one.line, message: `imports "${one.specifier}", ${message}` }]
}

/** @param {string} path @param {Import} one */
function relativeFault(path, one) {
  const from = packageOf(path)
  const target = posix.join(posix.dirname(path), one.specifier)
  // A package's benchmarks are never published; they share how things are measured.
  if (/^packages\/[^/]+\/bench\//.test(path) && target === 'bench/measure.js') return undefined
  if (packageOf(`${target}/`) !== from)
    return 'which lies in another package; import it by the name of the package'
  if (from !== undefined && !/\.(js|json)$/.test(one.specifier)) return 'which must end in .js'
  return undefined
}

/** @param {string} path @param {Import} one @param {Map<string, Manifest>} manifests */
function bareFault(path, one, manifests) {
  if (isBuiltin(one.specifier))
    return one.specifier.startsWith('node:') ? undefined : 'which needs node: in front'
  const name = one.specifier.split('/', one.specifier.startsWith('@') ? 2 : 1).join('/')
  const from = packageOf(path)
  if (name.startsWith(SCOPE)) {
    const target = name.slice(SCOPE.length)
    const subpath = `.${one.specifier.slice(name.length)}`
    if (one.specifier !== name && manifests.get(target)?.subpaths.has(subpath) !== true)
      return 'a path inside a package; import what its index exports'
    if (target === from) return 'its own package; import the file'
    if (from !== undefined && !(MAY_IMPORT.get(from) ?? []).includes(target))
      return `which ${from} may not import`
    if (from === undefined) return undefined
  }
  // Outside the packages the nearest manifest counts: `bench` has its own, so that rivals come only with it.
  const own = manifests.get(from ?? posix.dirname(path)) ?? manifests.get('')
  const isTest = /\.test(\.\w+)?\.[jt]sx?$/.test(path)
  const declared = from === undefined || isTest ? own?.all : own?.inPackage
  if (declared?.has(name) || ((isTest || from === undefined) && manifests.get('')?.all.has(name)))
    return undefined
  return `which ${own?.path ?? 'no package.json'} does not declare`
}

/** @param {Map<string, Manifest>} manifests @returns {Problem[]} */
function checkManifests(manifests) {
  return [...manifests].flatMap(([folder, { path, all }]) => {
    if (!path.startsWith('packages/')) return []
    const allowed = MAY_IMPORT.get(folder)
    if (allowed === undefined)
      return [{ path, line: 1, message: 'is of a package whose place in the order is not known' }]
    return [...all]
      .filter((name) => name.startsWith(SCOPE) && !allowed.includes(name.slice(SCOPE.length)))
      .map((name) => ({ path, line: 1, message: `depends on ${name}, which ${folder} may not import` }))
  })
}

/**
 * Files that import each other in a ring. Imports of types alone are left out: they are gone at run time.
 * @param {ReadonlyMap<string, readonly Import[]>} imports
 * @returns {Problem[]}
 */
function checkCycles(imports) {
  /** @type {Problem[]} */
  const problems = []
  const done = new Set()
  /** @param {string} path @param {string[]} above */
  const visit = (path, above) => {
    const start = above.indexOf(path)
    if (start !== -1) {
      const ring = [...above.slice(start), path]
      problems.push({ path, line: 1, message: `is in a ring of imports: ${ring.join(' → ')}` })
      return
    }
    if (done.has(path)) return
    for (const target of targetsOf(path, imports)) visit(target, [...above, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])
  return problems
}

/** @param {string} path @param {ReadonlyMap<string, readonly Import[]>} imports */
function targetsOf(path, imports) {
  return (imports.get(path) ?? [])
    .filter((one) => !one.typeOnly && one.specifier.startsWith('.'))
    .map((one) => posix.join(posix.dirname(path), one.specifier))
    .flatMap((target) => [target, target.replace(/\.js$/, '.ts')].filter((name) => imports.has(name)))
}

/** @param {string} path @returns {Problem[]} */
function checkName(path) {
  const banned = path.split('/').find((part) => BANNED_NAMES.has(part.replace(/\..*$/, '').toLowerCase()))
  return banned === undefined
    ? []
    : [{ path, line: 1, message: `has the name "${banned}", which says nothing` }]
}

const MACHINE_PATH = /(?<![\w.:/-])\/(?:work|root|home\/[\w-]+|Users\/[\w-]+)\/[\w.-]+|\b[A-Z]:\\Users\\/
const REGISTRY =
  /https?:\/\/[^\s"'/]*(?:registry|nexus|artifactory|verdaccio)[^\s"'/]*|^\s*(?:@[\w-]+:)?registry\s*=|"resolved":\s*"https?:/

/**
 * @param {string} path
 * @param {string} text
 * @param {string | undefined} machineRoot
 * @returns {Problem[]}
 */
function checkText(path, text, machineRoot) {
  return text.split('\n').flatMap((content, index) => {
    const here = { path, line: index + 1 }
    const machine =
      MACHINE_PATH.exec(content)?.[0] ??
      (machineRoot && content.includes(machineRoot) ? machineRoot : undefined)
    if (machine !== undefined) return [{ ...here, message: `names a path of one machine, ${machine}` }]
    const registry = REGISTRY.exec(content)?.[0]
    return registry === undefined ? [] : [{ ...here, message: `names a registry, ${registry.trim()}` }]
  })
}

if (isMain(import.meta.url)) {
  const files = readSourceFiles()
  const problems = checkTree(files, root)
  for (const { path, line, message } of problems) console.error(`${path}:${line} ${message}`)
  if (problems.length === 0)
    console.log(`${files.size} files: imports, names and paths are as they should be`)
  else process.exitCode = 1
}
