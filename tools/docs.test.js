// @ts-check
/**
 * The documentation against the tree: its programs compile, run and print what it says; its configurations are valid;
 * its commands, links and claims exist.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { describeSchema, ERROR_CODES, loadConfig } from '@orbit-ts/base'
import { configSchema } from '@orbit-ts/server'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { ProgramFolder, typeErrors } from './example-programs.js'
import { parseMarkdown } from './markdown.js'
import { claimProblems, readClaims } from './requirement-rows.js'
import { shellProblems } from './shell-commands.js'
import { readSourceFiles, root } from './source-files.js'

const README_LINES_MAX = 150
const REQUIREMENTS = 'docs/requirements.md'
/** The README of the package that is published alone. */
const TIKV_README = 'packages/tikv/README.md'
/** The guide whose program runs on a cluster. */
const TIKV_GUIDE = 'docs/guides/tikv.md'
/** Where the programs of both expect PD. */
const PLAYGROUND = '127.0.0.1:2379'

const pages = new Map(
  [...readSourceFiles()]
    .filter(([path]) => path.endsWith('.md'))
    .map(([path, text]) => [path, parseMarkdown(text)]),
)

/** Blocks of the pages whose code is checked. */
const blocks = [...pages]
  .filter(([path]) => path === 'README.md' || path === TIKV_README || path.startsWith('docs/'))
  .flatMap(([path, page]) =>
    page.blocks.map((block, index) => ({ ...block, path, next: page.blocks[index + 1] })),
  )

/** @param {string} lang */
const blocksIn = (lang) => blocks.filter((block) => block.lang === lang)

/** @param {{ path: string, line: number }} block */
const placeOf = ({ path, line }) => `${path}:${line}`

describe('programs in the documentation', () => {
  const programs = blocksIn('ts').map((block) => ({
    ...block,
    name: `${block.path.replace('.md', '').replaceAll('/', '-')}-${block.line}`,
  }))
  const folder = new ProgramFolder()
  const errors = typeErrors(programs)
  /** @type {TestCluster | undefined} */
  let cluster
  before(async () => {
    await folder.open()
    cluster = await TestCluster.start({ transport: 'sockets' })
  })
  after(async () => {
    await cluster?.close()
    await folder.close()
  })

  /** @param {(typeof programs)[number]} program */
  const runnable = ({ path, name, text }) => {
    if (path !== TIKV_README && path !== TIKV_GUIDE) return { name, text }
    return { name, text: text.replaceAll(PLAYGROUND, cluster?.pdEndpoints[0] ?? '') }
  }

  it('are there', () => assert.notEqual(programs.length, 0))

  for (const program of programs) {
    it(`${placeOf(program)} compiles, runs and prints what it says`, async () => {
      assert.deepEqual(errors.get(program.name), [])
      // A reader of the README may run its program again.
      const runs = program.path === 'README.md' ? 2 : 1
      const { code, stdout, stderr } = await folder.run(runnable(program), runs)
      assert.equal(`${stderr}exit ${code}`, 'exit 0')
      const { next } = program
      if (next?.lang === 'text' && next.heading === program.heading)
        assert.equal(stdout.trim(), next.text.trim())
    })
  }
})

describe('configurations in the documentation', () => {
  const sections = new Set(describeSchema(configSchema).map(({ path }) => path.split('.')[0] ?? ''))
  const env = { S3_SECRET: 'x' }

  for (const block of blocksIn('toml')) {
    it(`${placeOf(block)} is valid`, () => {
      loadConfig(configSchema, {
        file: { path: 'orbit.toml', text: block.text },
        env,
        readTextFile: () => 'token',
      })
    })
  }

  for (const block of blocksIn('json')) {
    it(`${placeOf(block)} is JSON, and valid when it is a configuration`, () => {
      const keys = Object.keys(JSON.parse(block.text) ?? {})
      if (keys.length === 0 || !keys.every((key) => sections.has(key))) return
      loadConfig(configSchema, {
        file: { path: 'orbit.json', text: block.text },
        env,
        readTextFile: () => 'token',
      })
    })
  }
})

describe('commands in the documentation', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const variables = [...describeSchema(configSchema).map(({ env }) => env), 'ORBIT_CONFIG', 'ORBIT_TOKEN']
  /** @type {Map<string, string>} */
  const help = new Map()
  const known = {
    scripts: new Set(Object.keys(scripts)),
    orbitHelp: (/** @type {readonly string[]} */ path) => help.get(path.join(' ')) ?? readHelp(help, path),
    isVariable: (/** @type {string} */ name) => variables.some((variable) => matchesVariable(name, variable)),
    programs: new Set(
      [...readSourceFiles()]
        .filter(([path]) => /^packages\/\w+\/package\.json$/.test(path))
        .flatMap(([, text]) => Object.keys(JSON.parse(text).bin ?? {})),
    ),
    exists: (/** @type {string} */ path) => existsSync(join(root, path)),
  }

  for (const block of blocksIn('sh')) {
    it(`${placeOf(block)} are commands that exist`, () =>
      assert.deepEqual(shellProblems(block.text, known), []))
  }
})

/** @param {Map<string, string>} known @param {readonly string[]} path */
function readHelp(known, path) {
  const command = [join(root, 'packages/cli/bin/orbit.js'), ...path, '--help']
  const text = execFileSync(process.execPath, command, { encoding: 'utf8' })
  known.set(path.join(' '), text)
  return text
}

/** @param {string} name @param {string} variable with `<NAME>` where a name is chosen */
function matchesVariable(name, variable) {
  return new RegExp(`^${variable.replaceAll(/<\w+>/g, '\\w+')}$`).test(name)
}

describe('blocks in the documentation', () => {
  it('are in a language that is checked, or is plain text', () => {
    const known = new Set(['ts', 'sh', 'sql', 'toml', 'json', 'text', 'jsonl', 'csv'])
    const others = blocks.filter(({ lang }) => lang !== '' && !known.has(lang))
    assert.deepEqual(
      others.map((block) => `${placeOf(block)} ${block.lang}`),
      [],
    )
  })
})

describe('links in Markdown', () => {
  it('lead to files and headings that exist', () => {
    const broken = [...pages].flatMap(([path, page]) => [
      ...page.links
        .filter(({ target }) => !leadsSomewhere(path, target))
        .map(({ target, line }) => `${path}:${line} ${target}`),
      ...page.undefinedLabels.map(({ target, line }) => `${path}:${line} [${target}] is not defined`),
    ])
    assert.deepEqual(broken, [])
  })
})

/** @param {string} path @param {string} target */
function leadsSomewhere(path, target) {
  if (/^(https?|mailto):/.test(target)) return true
  const [file = '', anchor] = target.split('#')
  const to = file === '' ? path : normalize(join(dirname(path), decodeURI(file)))
  if (!existsSync(join(root, to))) return false
  return anchor === undefined || pages.get(to)?.anchors.has(anchor) === true
}

describe('pages about the TiKV client', () => {
  const page = (/** @type {string} */ name) => readFileSync(join(root, `docs/tikv/${name}.md`), 'utf8')
  const source = [...readSourceFiles()]
    .filter(
      ([path]) => path.startsWith('packages/tikv/src/') && !/\/(gen|testing)\/|\.(test|fake)\./.test(path),
    )
    .map(([, text]) => text)
    .join('\n')
  /** @param {string} text @param {RegExp} pattern with one group */
  const found = (text, pattern) => new Set([...text.matchAll(pattern)].map(([, name = '']) => name))
  /** @param {Set<string>} these @param {(name: string) => boolean} has */
  const without = (these, has) => [...these].filter((name) => !has(name)).sort()

  it('tell of every error that the client throws, and of no other code than there is', () => {
    const told = found(page('errors'), /^\| `([A-Z_]+)`/gm)
    assert.deepEqual(
      without(told, (code) => Object.hasOwn(ERROR_CODES, code)),
      [],
    )
    const thrown = found(source, /new OrbitError\(\s*'([A-Z_]+)'/g)
    assert.ok(thrown.size > 10)
    const bugs = new Set(['INTERNAL'])
    assert.deepEqual(
      without(thrown, (code) => told.has(code) || bugs.has(code)),
      [],
    )
  })

  it('name the spans as the code does', () => {
    const named = found(source, /(?:startSpan|inSpan)\([^'`)]*['`](tikv\.[\w.]+)['`]/g)
    assert.ok(named.size >= 4)
    const text = page('observability')
    assert.deepEqual(
      without(named, (name) => text.includes(`\`${name}\``)),
      [],
    )
  })

  it('are all in the index', () => {
    const linked = new Set(pages.get('docs/tikv/index.md')?.links.map(({ target }) => target))
    const all = [...pages.keys()].filter(
      (path) => path.startsWith('docs/tikv/') && !path.endsWith('/index.md'),
    )
    assert.deepEqual(
      all.filter((path) => !linked.has(path.slice('docs/tikv/'.length))),
      [],
    )
  })
})

describe('README', () => {
  it(`has at most ${README_LINES_MAX} lines`, () => {
    const lines = readFileSync(join(root, 'README.md'), 'utf8').trimEnd().split('\n').length
    assert.ok(lines <= README_LINES_MAX, `${lines} lines`)
  })
})

describe(REQUIREMENTS, () => {
  it('claims what is in the tree, and nothing that is not', () => {
    const page = pages.get(REQUIREMENTS)
    assert.ok(page !== undefined)
    const text = readFileSync(join(root, REQUIREMENTS), 'utf8')
    const definitions = new Map(
      [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, label = '', target = '']) => [
        label,
        normalize(join(dirname(REQUIREMENTS), target)),
      ]),
    )
    const tree = {
      read: (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8'),
      exists: (/** @type {string} */ path) => existsSync(join(root, path)),
    }
    const claims = readClaims(page.lines, (label) => definitions.get(label))
    assert.ok(claims.length > 100)
    assert.deepEqual(
      claims.flatMap((claim) =>
        claimProblems(claim, tree).map((problem) => `${REQUIREMENTS}:${claim.line} ${problem}`),
      ),
      [],
    )
  })
})
