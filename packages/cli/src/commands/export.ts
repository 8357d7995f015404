import { systemEnv } from '@orbit-ts/base'
import type { Database, Filter } from '@orbit-ts/engine'
import type { Command } from 'commander'
import { exportAll } from '../exporting/export-all.js'
import { exportRecords } from '../exporting/export-records.js'
import { openOutput } from '../exporting/output.js'
import { fileFormat, type FileFormat } from '../importing/file-format.js'
import { POSITIONS } from '../importing/server-sink.js'
import { findTarget, parseTargetKind } from '../records/find-target.js'
import type { RecordQuery, RecordTarget, TargetKind } from '../records/record-target.js'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { withDatabase } from '../settings/open-store.js'
import { countOf, formatSize } from '../terminal/format-count.js'
import { interruptible } from '../terminal/interruption.js'
import { note } from '../terminal/print.js'
import { startProgress } from '../terminal/progress.js'
import { usageError } from '../terminal/report-error.js'
import { parseJsonObject, refuseWithAll } from './command-options.js'

interface ExportFlags extends GlobalOptions {
  readonly format?: string
  readonly output: string
  readonly where?: string
  readonly label?: string
  readonly type?: string
  readonly all?: string
}

/** Longer than any export takes: it reads one snapshot from its beginning to its end. */
const EXPORT_TIMEOUT_MS = 7 * 24 * 3_600_000

export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write records to a CSV or JSONL file')
    .description(
      'Writes records as CSV or JSONL, all of one moment. `orbit import` reads the file back as the same records. A file is there in full or not at all.',
    )
    .argument('[model]', 'table, collection, nodes, edges, vectors or series')
    .argument('[object]', 'the name of the table, collection, graph, vector collection or time series')
    .option('--format <format>', 'jsonl or csv (default: what the name of the file says, else jsonl)')
    .option('--output <file>', 'a path, or - for standard output', '-')
    .option(
      '--where <filter>',
      'only these records: a filter in JSON; of nodes, edges and vectors on their properties, of points on their fields',
    )
    .option('--label <label>', 'only nodes with this label')
    .option('--type <type>', 'only edges of this type')
    .option(
      '--all <dir>',
      'the whole database, definitions included, into a new directory for `orbit import --all`',
    )
    .addHelpText(
      'after',
      `
Examples:
  orbit export table airports --output airports.csv
  orbit export table airports --where '{"state":"WA","latitude":{"gte":47}}'
  orbit export edges flights --type FLIGHT | gzip > flights.jsonl.gz
  orbit export --all ./backup`,
    )
    .action(
      async (model: string | undefined, object: string | undefined, _flags: unknown, command: Command) => {
        const flags = command.optsWithGlobals<ExportFlags>()
        if (flags.all !== undefined) {
          const directory = flags.all
          if (model !== undefined) throw usageError('<model>', 'leave it out: --all exports every object')
          refuseWithAll(command, ['output', 'format', 'where', 'label', 'type'])
          await withDatabase(loadSettings(flags), 'existing', (database) => runExportAll(database, directory))
          return
        }
        if (model === undefined || object === undefined) {
          throw usageError(
            model === undefined ? '<model>' : '<object>',
            'it is missing; say what to export, or --all <dir> for everything',
          )
        }
        const kind = parseTargetKind(model)
        const format = formatOf(flags)
        const query = queryOf(kind, flags)
        await withDatabase(loadSettings(flags), 'existing', async (database) => {
          const target = await findTarget(database, kind, object)
          await runExport(database, target, format, query, flags.output)
        })
      },
    )
}

function formatOf({ format, output }: ExportFlags): FileFormat {
  return output === '-' && format === undefined ? 'jsonl' : fileFormat(format, output)
}

function queryOf(kind: TargetKind, { where, label, type }: ExportFlags): RecordQuery {
  if (label !== undefined && kind !== 'nodes') throw usageError('--label', 'only nodes have labels')
  if (type !== undefined && kind !== 'edges') throw usageError('--type', 'only edges have a type')
  const filter = parseJsonObject('--where', where) as Filter | undefined
  return {
    ...(filter === undefined ? {} : { where: filter }),
    ...(label === undefined ? {} : { label }),
    ...(type === undefined ? {} : { type }),
  }
}

async function runExport(
  database: Database,
  target: RecordTarget,
  format: FileFormat,
  query: RecordQuery,
  path: string,
): Promise<void> {
  const tx = await database.begin({ timeoutMs: EXPORT_TIMEOUT_MS })
  const output = await openOutput(path)
  const progress = startProgress(systemEnv, target.what, undefined)
  try {
    const count = await interruptible('stopping the export', (signal) =>
      exportRecords(tx, target, output, { format, query, signal, progress }),
    )
    progress.end()
    await output.finish()
    const to = path === '-' ? '' : ` to ${path}`
    note(`${target.what}: ${countOf(count, 'record')} exported${to}, ${formatSize(output.sizeBytes)}`)
  } finally {
    progress.end()
    await output.discard()
    await tx.rollback()
  }
}

async function runExportAll(database: Database, directory: string): Promise<void> {
  const objects = (await database.objects()).filter(
    ({ kind, name }) => kind !== 'collection' || name !== POSITIONS,
  )
  const tx = await database.begin({ timeoutMs: EXPORT_TIMEOUT_MS })
  try {
    const manifest = await interruptible('stopping the export', (signal) =>
      exportAll(tx, objects, directory, {
        signal,
        progressOf: (what) => startProgress(systemEnv, what, undefined),
      }),
    )
    const files = manifest.objects.flatMap((object) => object.files)
    const records = files.reduce((sum, file) => sum + file.records, 0)
    note(`${countOf(objects.length, 'object')} with ${countOf(records, 'record')} exported to ${directory}`)
  } finally {
    await tx.rollback()
  }
}
