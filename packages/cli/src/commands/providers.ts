import { describeSchema, didYouMean, type SchemaRow } from '@orbit-ts/base'
import {
  providerOptions,
  type Capabilities,
  type KnownProviderKind,
  type ProviderOptions,
} from '@orbit-ts/storage'
import type { Command } from 'commander'
import { tryProvider } from '../settings/try-provider.js'
import { formatSize } from '../terminal/format-count.js'
import { print } from '../terminal/print.js'
import { usageError } from '../terminal/report-error.js'
import { textTable } from '../terminal/text-table.js'

/** What is opened to try a kind, and each native library that it may use. */
const TRIALS: Readonly<
  Record<KnownProviderKind, Readonly<Record<string, (dataDir: string) => ProviderOptions>>>
> = {
  rocksdb: {
    'binding nxtedition': (dataDir) => ({ kind: 'rocksdb', dataDir, binding: 'nxtedition' }),
    'binding holepunch': (dataDir) => ({ kind: 'rocksdb', dataDir, binding: 'holepunch' }),
  },
  'lsm-tree': { 'classic-level': (dataDir) => ({ kind: 'lsm-tree', dataDir }) },
  'cow-btree': { lmdb: (dataDir) => ({ kind: 'cow-btree', dataDir }) },
  memory: { 'no native library': () => ({ kind: 'memory' }) },
  tikv: { 'PD at 127.0.0.1:2379': () => ({ kind: 'tikv', timeoutMs: 1_000 }) },
}

export function addProviders(program: Command): void {
  program
    .command('providers')
    .summary('say which storage engines work on this machine')
    .description(
      'Opens each kind of provider in a temporary directory and reports what it guarantees, which native libraries load and, for one kind, its options.',
    )
    .argument('[kind]', `only this kind, with its options: ${Object.keys(TRIALS).join(', ')}`)
    .addHelpText(
      'after',
      `
Examples:
  orbit providers
  orbit providers rocksdb`,
    )
    .action(async (word: string | undefined) => {
      const kinds = word === undefined ? (Object.keys(TRIALS) as KnownProviderKind[]) : [parseKind(word)]
      for (const [at, kind] of kinds.entries()) {
        if (at > 0) print('')
        await showKind(kind)
      }
      if (word !== undefined) print(`\n${optionsText(parseKind(word))}`)
      else print('\n`orbit providers <kind>` lists the options of one.')
    })
}

function parseKind(word: string): KnownProviderKind {
  const kinds = Object.keys(TRIALS) as KnownProviderKind[]
  const kind = kinds.find((known) => known === word)
  if (kind !== undefined) return kind
  throw usageError('[kind]', `"${word}" is not one of ${kinds.join(', ')}${didYouMean(word, kinds)}`)
}

async function showKind(kind: KnownProviderKind): Promise<void> {
  const lines: string[] = []
  let found: Capabilities | undefined
  for (const [library, optionsFor] of Object.entries(TRIALS[kind])) {
    const trial = await tryProvider(optionsFor)
    lines.push(`  ${library}: ${trial.works ? 'works here' : `does not work here: ${trial.reason}`}`)
    if (trial.works) found ??= trial.capabilities
  }
  print([kind, ...lines, ...(found === undefined ? [] : capabilityLines(found))].join('\n'))
}

function capabilityLines(capabilities: Capabilities): string[] {
  const { isolationLevels, modes, durability, keySizeMaxBytes, valueSizeMaxBytes } = capabilities
  const also = (['snapshots', 'distributed', 'watch', 'ttl'] as const).filter((name) => capabilities[name])
  return [
    `  isolation: ${isolationLevels.join(', ')}; modes: ${modes.join(', ')}`,
    `  durability: ${durability.length === 0 ? 'none, data ends with the process' : durability.join(', ')}; has ${also.join(', ') || 'no extras'}`,
    `  keys up to ${formatSize(keySizeMaxBytes)}, values up to ${formatSize(valueSizeMaxBytes)}`,
  ]
}

function optionsText(kind: KnownProviderKind): string {
  const rows = describeSchema(providerOptions).filter(({ when }) => when === `type = ${JSON.stringify(kind)}`)
  const table = textTable(
    [{ title: 'option' }, { title: 'default' }, { title: 'what it is' }],
    rows.map((row) => [row.path, defaultOf(row), `${row.doc} (${row.type})`]),
  )
  return `Options, in [providers.<name>] of the configuration file or as ORBIT_<NAME>_<OPTION>:\n${table}`
}

function defaultOf({ default: fallback, required }: SchemaRow): string {
  return fallback ?? (required ? 'required' : '')
}
