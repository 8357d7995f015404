import { OrbitError, didYouMean, toHex } from '@orbit-ts/base'
import { OBJECT_KINDS, type CatalogObject, type Database, type ObjectKind } from '@orbit-ts/engine'
import { prefixRange, type KeyRange, type Snapshot } from '@orbit-ts/storage'
import type { Command } from 'commander'
import { describeValue } from '../inspecting/describe-value.js'
import { KeyNames } from '../inspecting/name-keys.js'
import { measureObject, rangeOf, type ObjectSize } from '../inspecting/object-sizes.js'
import { objectKindOf, parseTargetKind } from '../records/find-target.js'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { withDatabase } from '../settings/open-store.js'
import { countOf, formatCount, formatSize } from '../terminal/format-count.js'
import { note, print } from '../terminal/print.js'
import { usageError } from '../terminal/report-error.js'
import { printable, textTable } from '../terminal/text-table.js'
import { parseCount } from './command-options.js'

interface InspectFlags extends GlobalOptions {
  readonly kind?: string
  readonly name?: string
  readonly keys?: true
  readonly prefix?: string
  readonly limit?: string
  readonly key?: string
}

/** Characters of a value shown beside others. */
const VALUE_LENGTH_MAX = 500

export function addInspect(program: Command): void {
  program
    .command('inspect')
    .summary('show what is in a database')
    .description(
      'Lists the objects of a database with their records and sizes, or its raw keys with their names and values. It reads a directory that no server has open.',
    )
    .argument('[model]', 'only objects of this model, in the words of `orbit export`')
    .argument('[object]', 'only this one, and its definition')
    .option('--kind <kind>', `only objects of this kind: ${OBJECT_KINDS.join(', ')}`)
    .option('--name <name>', 'only objects with this name, and their definitions')
    .option('--keys', 'raw keys and values, in the order of the keys')
    .option('--prefix <hex>', 'only keys that begin with these bytes')
    .option('--limit <count>', 'keys shown (default: 20)')
    .option('--key <hex>', 'the whole value under one key')
    .addHelpText(
      'after',
      `
Examples:
  orbit inspect
  orbit inspect table airports
  orbit inspect --name airports
  orbit inspect --keys --name airports --limit 5
  orbit inspect --key 7480000000000000015f720153454100000000f8`,
    )
    .action(
      async (model: string | undefined, object: string | undefined, _flags: unknown, command: Command) => {
        const flags = withArguments(command.optsWithGlobals<InspectFlags>(), model, object)
        const limit = parseCount('--limit', flags.limit, 20, 1, 1_000_000)
        const kind = parseKind(flags.kind)
        const prefix = parseHex('--prefix', flags.prefix)
        const key = parseHex('--key', flags.key)
        await withDatabase(loadSettings(flags), 'existing', async (database) => {
          const all = await database.objects()
          const names = new KeyNames(all)
          const snapshot = await database.storage.snapshot()
          try {
            const chosen = chooseObjects(all, kind, flags.name)
            if (key !== undefined) await showKey(snapshot, names, key)
            else if (flags.keys === true || prefix !== undefined) {
              const isNarrowed = kind !== undefined || flags.name !== undefined
              await showKeys(snapshot, names, rangesOf(isNarrowed ? chosen : undefined, prefix), limit)
            } else await showObjects(database, snapshot, chosen, flags.name !== undefined)
          } finally {
            await snapshot.close()
          }
        })
      },
    )
}

/** The arguments say the same as `--kind` and `--name`, as they do in `orbit export`. */
function withArguments(
  flags: InspectFlags,
  model: string | undefined,
  object: string | undefined,
): InspectFlags {
  if (model !== undefined && flags.kind !== undefined)
    throw usageError('--kind', 'the model is given already')
  if (object !== undefined && flags.name !== undefined)
    throw usageError('--name', 'the object is given already')
  return {
    ...flags,
    ...(model === undefined ? {} : { kind: kindOf(model) }),
    ...(object === undefined ? {} : { name: object }),
  }
}

function kindOf(model: string): ObjectKind {
  return model === 'graph' ? model : objectKindOf(parseTargetKind(model))
}

function parseKind(word: string | undefined): ObjectKind | undefined {
  if (word === undefined) return undefined
  const kind = OBJECT_KINDS.find((known) => known === word)
  if (kind !== undefined) return kind
  throw usageError(
    '--kind',
    `"${word}" is not one of ${OBJECT_KINDS.join(', ')}${didYouMean(word, OBJECT_KINDS)}`,
  )
}

function parseHex(flag: string, text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined
  if (/^(?:[0-9a-f]{2})*$/i.test(text)) return Buffer.from(text, 'hex')
  throw usageError(flag, `${JSON.stringify(text.slice(0, 64))} is not an even number of hexadecimal digits`)
}

function chooseObjects(
  all: readonly CatalogObject[],
  kind: ObjectKind | undefined,
  name: string | undefined,
): CatalogObject[] {
  const ofKind = all.filter((object) => kind === undefined || object.kind === kind)
  const found = ofKind.filter((object) => name === undefined || object.name === name)
  if (name === undefined || found.length > 0) return found
  const hint = didYouMean(
    name,
    ofKind.map((object) => object.name),
  )
  throw new OrbitError('OBJECT_NOT_FOUND', `there is no ${kind ?? 'object'} "${name}"${hint}`, { name })
}

async function showObjects(
  database: Database,
  snapshot: Snapshot,
  objects: readonly CatalogObject[],
  withDefinitions: boolean,
): Promise<void> {
  if (objects.length === 0) {
    print('There are no objects.')
    return
  }
  const rows: string[][] = []
  let bytes = 0
  for (const object of objects) {
    const size = await measureObject(snapshot, object)
    bytes += size.recordBytes + size.indexBytes
    rows.push(objectRow(object, size))
  }
  const columns = [
    { title: 'kind' },
    { title: 'name' },
    { title: 'version', align: 'right' },
    { title: 'records' },
    { title: 'keys', align: 'right' },
    { title: 'record size', align: 'right' },
    { title: 'index size', align: 'right' },
  ] as const
  print(textTable(columns, rows))
  note(
    `${countOf(objects.length, 'object')}, ${formatSize(bytes)} before compression, in a ${database.storage.kind} store`,
  )
  if (!withDefinitions) return
  for (const { kind, name, id, definition } of objects) {
    print(`\n${kind} ${printable(name)}, id ${id}:\n${JSON.stringify(definition, undefined, 2)}`)
  }
}

function objectRow(
  { kind, name, version }: CatalogObject,
  { records, keys, recordBytes, indexBytes }: ObjectSize,
): string[] {
  const counts = [...records].map(([noun, count]) =>
    countOf(count, noun, noun === 'vector' ? 'vectors' : `${noun}s`),
  )
  return [
    kind,
    name,
    String(version),
    counts.join(', '),
    formatCount(keys),
    formatSize(recordBytes),
    formatSize(indexBytes),
  ]
}

/** Of the objects; without them, of the whole store. */
function rangesOf(objects: readonly CatalogObject[] | undefined, prefix: Uint8Array | undefined): KeyRange[] {
  if (prefix === undefined) return objects === undefined ? [{}] : objects.map(rangeOf)
  if (objects === undefined) return [prefixRange(prefix)]
  throw usageError('--prefix', 'the prefix says itself which keys are meant; leave out --kind and --name')
}

async function showKeys(
  snapshot: Snapshot,
  names: KeyNames,
  ranges: readonly KeyRange[],
  limit: number,
): Promise<void> {
  let left = limit
  for (const range of ranges) {
    // One more, to know whether there is more.
    for await (const chunk of snapshot.scan(range, { limit: left + 1 })) {
      for (const { key, value } of chunk) {
        if (left === 0) {
          note(`There are more keys; --limit shows more than ${limit}.`)
          return
        }
        left--
        print(keyText(names, key, value, VALUE_LENGTH_MAX))
      }
    }
  }
  if (left === limit) print('There are no such keys.')
}

async function showKey(snapshot: Snapshot, names: KeyNames, key: Uint8Array): Promise<void> {
  const value = await snapshot.get(key)
  if (value !== undefined) print(keyText(names, key, value, Infinity))
  else
    throw new OrbitError('RECORD_NOT_FOUND', `there is no key ${toHex(key)} (${names.format(key)})`, {
      key: toHex(key),
    })
}

function keyText(names: KeyNames, key: Uint8Array, value: Uint8Array, lengthMax: number): string {
  const text = printable(describeValue(names, key, value))
  const shown = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
  return `${printable(names.format(key))}\n  key    ${toHex(key)}\n  value  ${formatSize(value.byteLength)}: ${shown}`
}
