// @ts-check
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describeSchema, ERROR_CODES, Metrics } from '@orbit-ts/base'
import * as server from '@orbit-ts/server'
import { TiKVClient, tikvConfig } from '@orbit-ts/tikv'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { format, resolveConfig } from 'prettier'
import { isMain, root } from './source-files.js'

/**
 * Writes docs/reference from the tables in the code: `node tools/generate-reference.js`, after a build. With `--check`
 * it writes nothing and fails when a page differs. The page on configuration needs the server package to export its
 * schema as `configSchema`.
 */

const NOTE = 'Generated from the code by `tools/generate-reference.js`; do not edit.'

/** @param {typeof ERROR_CODES} codes */
export function errorsPage(codes) {
  const rows = Object.entries(codes).map(
    ([code, { retry, http, description }]) => `| \`${code}\` | ${retry} | ${http} | ${cell(description)} |`,
  )
  return [
    '# Error codes',
    '',
    NOTE,
    '',
    'Every error that Orbit throws or answers with is an `OrbitError` with one of these codes. What may be done next:',
    '',
    '- `never`: the same call fails again.',
    '- `safe`: nothing was changed; the whole unit of work may run again.',
    '- `undetermined`: the work may or may not have happened; find out before you repeat it.',
    '',
    '| Code | Retry | HTTP | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** @param {ReturnType<typeof describeSchema>} rows */
export function configurationPage(rows) {
  const groups = new Map()
  for (const row of rows) {
    const name = row.path.split('.').slice(0, -1).join('.')
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [
    '# Configuration',
    '',
    NOTE,
    '',
    'A value comes from the defaults, the file (`--config`, TOML or JSON), the environment, the flags or the code, each',
    'overriding the ones before it. An unknown key is an error. A secret is a string, `{ env = "NAME" }` or',
    '`{ file = "path" }`. `<name>` stands for a name that you choose.',
    '',
    ...[...groups].flatMap(([name, group]) => [
      `## ${name === '' ? 'Top level' : `\`[${name}]\``}`,
      '',
      '| Key | Type | Default | Environment | Flag | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...group.map(configurationRow),
      '',
    ]),
  ].join('\n')
}

/** @param {ReturnType<typeof describeSchema>[number]} row */
function configurationRow(row) {
  const fallback = row.default === undefined ? (row.required ? 'required' : '') : `\`${row.default}\``
  const about = [row.when === undefined ? '' : `Only with \`${row.when}\`.`, row.doc].filter(
    (text) => text !== '',
  )
  const key = row.path.split('.').at(-1)
  const cells = [`\`${key}\``, row.type, fallback, `\`${row.env}\``, `\`${row.flag}\``, about.join(' ')]
  return `| ${cells.map(cell).join(' | ')} |`
}

/**
 * What `TiKVClient.connect` takes: keys as code writes them, and neither environment nor flags.
 * @param {ReturnType<typeof describeSchema>} rows
 */
export function clientConfigurationPage(rows) {
  return [
    '# Configuration of the TiKV client',
    '',
    NOTE,
    '',
    'The keys of the first argument of `TiKVClient.connect`. A duration is a number of milliseconds, or text with a unit:',
    '`"250ms"`, `"30s"`, `"5m"`. An unknown key is an error.',
    '',
    '| Key | Type | Default | |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => {
      const fallback = row.default === undefined ? (row.required ? 'required' : '') : `\`${row.default}\``
      return `| ${[`\`${inCamelCase(row.path)}\``, row.type, fallback, row.doc].map(cell).join(' | ')} |`
    }),
    '',
  ].join('\n')
}

/** @param {string} path */
function inCamelCase(path) {
  return path.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
}

/** @param {readonly { name: string, type: string, help: string, labels: readonly string[] }[]} metrics */
export function metricsPage(metrics) {
  return [
    '# Metrics of the TiKV client',
    '',
    NOTE,
    '',
    '| Metric | Type | Labels | |',
    '| --- | --- | --- | --- |',
    ...metrics.map(({ name, type, help, labels }) => {
      const shown = labels.map((label) => `\`${label}\``).join(', ')
      return `| ${[`\`${name}\``, type, shown, help].map(cell).join(' | ')} |`
    }),
    '',
  ].join('\n')
}

/** What a client registers when it connects, in its order. */
export async function clientMetrics() {
  /** @type {{ name: string, type: string, help: string, labels: readonly string[] }[]} */
  const found = []
  /**
   * @template {{ name: string, help: string, labels?: readonly string[] }} Options
   * @param {string} type @param {Options} options
   */
  const noted = (type, options) => {
    const { name, help, labels = [] } = options
    found.push({ name, type, help, labels })
    return options
  }
  class NotedMetrics extends Metrics {
    /** @type {Metrics['counter']} */
    counter(options) {
      return super.counter(noted('counter', options))
    }

    /** @type {Metrics['gauge']} */
    gauge(options) {
      return super.gauge(noted('gauge', options))
    }

    /** @type {Metrics['histogram']} */
    histogram(options) {
      return super.histogram(noted('histogram', options))
    }
  }
  const cluster = await TestCluster.start()
  try {
    const { pdEndpoints, transport } = cluster
    const client = await TiKVClient.connect({ pdEndpoints }, { transport, metrics: new NotedMetrics() })
    await client.close()
  } finally {
    await cluster.close()
  }
  return found
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

async function pages() {
  const found = new Map([
    ['docs/reference/errors.md', errorsPage(ERROR_CODES)],
    ['docs/reference/tikv-configuration.md', clientConfigurationPage(describeSchema(tikvConfig))],
    ['docs/reference/tikv-metrics.md', metricsPage(await clientMetrics())],
  ])
  const schema = Reflect.get(server, 'configSchema')
  if (schema !== undefined)
    found.set('docs/reference/configuration.md', configurationPage(describeSchema(schema)))
  const style = await resolveConfig(join(root, 'package.json'))
  for (const [path, text] of found) found.set(path, await format(text, { ...style, parser: 'markdown' }))
  return found
}

if (isMain(import.meta.url)) {
  const check = process.argv.includes('--check')
  for (const [path, text] of await pages()) {
    const full = join(root, path)
    const current = existsSync(full) ? readFileSync(full, 'utf8') : undefined
    if (current === text) continue
    if (check) {
      console.error(`${path} is out of date; run npm run reference`)
      process.exitCode = 1
    } else {
      mkdirSync(dirname(full), { recursive: true })
      writeFileSync(full, text)
      console.log(`wrote ${path}`)
    }
  }
}
