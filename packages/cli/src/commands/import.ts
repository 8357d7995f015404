import { systemEnv } from '@orbit-ts/base'
import { KIND_NAMES, type ObjectSchema } from '@orbit-ts/engine'
import type { Command } from 'commander'
import { readManifest } from '../exporting/dump-format.js'
import { fileFormat, type FileFormat } from '../importing/file-format.js'
import { checkFiles, importAll } from '../importing/import-all.js'
import { databaseHome, openSink, serverHome, type ImportHome } from '../importing/import-home.js'
import { importRecords, type ImportOptions, type ImportResult } from '../importing/import-records.js'
import { inferSchema } from '../importing/infer-schema.js'
import { InputSource } from '../importing/input-source.js'
import { OrbitClient } from '../importing/orbit-client.js'
import { readSample } from '../importing/read-sample.js'
import { parseTargetKind } from '../records/find-target.js'
import type { TargetKind } from '../records/record-target.js'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { hasDatabase, withDatabase } from '../settings/open-store.js'
import { countOf } from '../terminal/format-count.js'
import { interruptible } from '../terminal/interruption.js'
import { note, print } from '../terminal/print.js'
import { startProgress } from '../terminal/progress.js'
import { usageError } from '../terminal/report-error.js'
import { parseChoice, parseCount, refuseWithAll } from './command-options.js'

interface ImportFlags extends GlobalOptions {
  readonly format?: string
  readonly create?: true
  readonly primaryKey?: string
  readonly tags?: string
  readonly columns?: string
  readonly delimiter?: string
  readonly batch?: string
  readonly resume?: true
  readonly restart?: true
  readonly onError: string
  readonly maxErrors?: string
  readonly url?: string
  readonly token?: string
  readonly all?: string
}

/** A checked command line. */
interface ImportRequest {
  readonly kind: TargetKind
  readonly name: string
  readonly format: FileFormat
  readonly options: Omit<ImportOptions, 'signal' | 'progress' | 'onSkipped'>
  readonly create: boolean
  readonly primaryKey: readonly string[]
  readonly tags: readonly string[] | undefined
}

export function addImport(program: Command): void {
  program
    .command('import')
    .summary('load a CSV or JSONL file')
    .description(
      'Loads the records of a CSV or JSONL file, or of standard input, in transactions of a batch each. What is stored and how far the file was read are committed together, so an import that was stopped can go on where it was.',
    )
    .argument('[model]', 'table, collection, nodes, edges, vectors or series')
    .argument('[object]', 'the name of the table, collection, graph, vector collection or time series')
    .argument('[file]', 'a path, or - for standard input')
    .option('--format <format>', 'jsonl or csv; default: what the name of the file says')
    .option(
      '--create',
      'make the object, with a definition guessed from the first records, unless it is there',
    )
    .option(
      '--primary-key <columns>',
      'with --create: the columns of the primary key of a table, with commas between',
    )
    .option('--tags <columns>', 'with --create: the columns that are tags of a time series')
    .option('--columns <names>', 'the columns of a CSV file without a header, with commas between')
    .option(
      '--delimiter <character>',
      'what stands between the fields of a CSV file; "tab" for a tab (default: ",")',
    )
    .option('--batch <records>', 'records in one transaction (default: 1000)')
    .option('--resume', 'go on where an earlier import of this file stopped')
    .option('--restart', 'begin anew although an earlier import of this file stopped half-way')
    .option('--on-error <what>', 'stop at a bad line, or skip it and report it', 'stop')
    .option(
      '--max-errors <lines>',
      'with --on-error skip: stop when more lines than this are bad (default: no limit)',
    )
    .option('--all <dir>', 'everything that `orbit export --all` has written, definitions included')
    .option('--url <address>', 'import through the server at this address, such as http://127.0.0.1:8080')
    .option('--token <token>', 'the bearer token for the server (default: $ORBIT_TOKEN)')
    .addHelpText(
      'after',
      `
Examples:
  orbit import table airports airports.csv --create --primary-key iata
  orbit import nodes flights airports.jsonl
  zcat points.csv.gz | orbit import series weather - --format csv --on-error skip --max-errors 100
  orbit import table airports airports.csv --resume
  orbit import table airports airports.csv --url http://127.0.0.1:8080
  orbit import --all ./backup --data-dir ./restored

An empty field of a CSV file is null, an empty text is "". Exit codes: 0 done, 1 stopped, 2 wrong command line.`,
    )
    .action(
      async (
        model: string | undefined,
        object: string | undefined,
        file: string | undefined,
        _flags: unknown,
        command: Command,
      ) => {
        const flags = command.optsWithGlobals<ImportFlags>()
        if (flags.all !== undefined) {
          if (model !== undefined) throw usageError('<model>', 'leave it out: --all imports every object')
          refuseWithAll(command, ['create', 'primaryKey', 'tags', 'format', 'columns', 'delimiter'])
          await runImportAll(flags.all, flags)
          return
        }
        if (model === undefined || object === undefined || file === undefined) {
          const missing = model === undefined ? '<model>' : object === undefined ? '<object>' : '<file>'
          throw usageError(
            missing,
            'it is missing; say what to import into and from which file, or --all <dir>',
          )
        }
        const request = parseRequest(model, object, file, flags)
        const source = await InputSource.open(file)
        try {
          const schema = request.create ? await inferred(source, request, flags) : undefined
          await withHome(flags, request.create, (home) => runImport(home, source, request, schema))
        } finally {
          source.close()
        }
      },
    )
}

/** @param makes the database is made when there is none */
async function withHome(
  flags: ImportFlags,
  makes: boolean,
  work: (home: ImportHome) => Promise<void>,
): Promise<void> {
  if (flags.url !== undefined) {
    await work(serverHome(new OrbitClient(flags.url, flags.token ?? process.env['ORBIT_TOKEN'])))
    return
  }
  await withDatabase(loadSettings(flags), makes ? 'any' : 'existing', (database) =>
    work(databaseHome(database)),
  )
}

function parseRequest(model: string, name: string, file: string, flags: ImportFlags): ImportRequest {
  const kind = parseTargetKind(model)
  const format = fileFormat(flags.format, file)
  if (flags.create !== true && (flags.primaryKey ?? flags.tags) !== undefined) {
    throw usageError(
      flags.primaryKey === undefined ? '--tags' : '--primary-key',
      'it describes a new object; add --create',
    )
  }
  return {
    kind,
    name,
    format,
    create: flags.create === true,
    primaryKey: listOf(flags.primaryKey) ?? [],
    tags: listOf(flags.tags),
    options: { format, ...parseOptions(flags) },
  }
}

function parseOptions(flags: ImportFlags): Omit<ImportRequest['options'], 'format'> {
  const onError = parseChoice('--on-error', flags.onError, ['stop', 'skip'])
  if (flags.resume === true && flags.restart === true)
    throw usageError('--restart', 'it contradicts --resume')
  if (flags.maxErrors !== undefined && onError === 'stop') {
    throw usageError('--max-errors', 'it counts skipped lines; add --on-error skip')
  }
  return {
    from: flags.resume === true ? 'resume' : flags.restart === true ? 'restart' : 'start',
    ...batchLimits(flags),
    skippedMax:
      onError === 'stop'
        ? 0
        : parseCount('--max-errors', flags.maxErrors, Infinity, 0, Number.MAX_SAFE_INTEGER),
    delimiter: delimiterOf(flags.delimiter),
    columns: listOf(flags.columns),
  }
}

function listOf(text: string | undefined): string[] | undefined {
  return text?.split(',').map((part) => part.trim())
}

function delimiterOf(given = ','): string {
  const delimiter = /^(?:tab|\\t)$/i.test(given) ? '\t' : given
  if (/^[^"\r\n]$/.test(delimiter) && Buffer.byteLength(delimiter) === 1) return delimiter
  throw usageError('--delimiter', `${JSON.stringify(given)} is not one character of ASCII, or "tab"`)
}

/** A server takes 1000 operations in one request, and 16 MiB of JSON, which is longer than CSV. */
function batchLimits({ batch, url }: ImportFlags): Pick<ImportOptions, 'batchSize' | 'batchSizeMaxBytes'> {
  return url === undefined
    ? { batchSize: parseCount('--batch', batch, 1000, 1, 100_000), batchSizeMaxBytes: 8 * 1024 * 1024 }
    : { batchSize: parseCount('--batch', batch, 500, 1, 999), batchSizeMaxBytes: 1024 * 1024 }
}

async function runImport(
  home: ImportHome,
  source: InputSource,
  { kind, name, options }: ImportRequest,
  schema: (() => ObjectSchema) | undefined,
): Promise<void> {
  const sink = await openSink(home, kind, name, schema)
  const progress = startProgress(systemEnv, source.name, source.sizeBytes)
  try {
    const result = await interruptible('finishing the records that were read', (signal) =>
      importRecords(sink, source, {
        ...options,
        signal,
        progress,
        onSkipped: (text) => note(`skipped ${text}`),
      }),
    )
    progress.end()
    report(result, sink.target.what, source.name)
  } finally {
    progress.end()
  }
}

async function runImportAll(directory: string, flags: ImportFlags): Promise<void> {
  const options = parseOptions(flags)
  const manifest = await readManifest(directory)
  await checkFiles(directory, manifest)
  await withHome(flags, true, (home) =>
    interruptible('finishing the records that were read', (signal) =>
      importAll(home, directory, manifest, {
        ...options,
        signal,
        progressOf: (source) => startProgress(systemEnv, source.name, source.sizeBytes),
        onSkipped: (text) => note(`skipped ${text}`),
        onImported: (what, source, result) => report(result, what, source),
      }),
    ),
  )
}

/**
 * What makes the object if there is none. An input that tells nothing is no fault where the object is there already;
 * but before a new database is made for it, it is.
 */
async function inferred(
  source: InputSource,
  request: ImportRequest,
  flags: ImportFlags,
): Promise<() => ObjectSchema> {
  const { kind, name, options } = request
  try {
    const schema = inferSchema(kind, name, await readSample(source, options), request)
    return () => {
      note(
        `${KIND_NAMES[schema.kind]} "${name}" is made with this definition: ${JSON.stringify(schema.input)}`,
      )
      return schema
    }
  } catch (error) {
    const named = source.named(error)
    if (flags.url === undefined && !hasDatabase(loadSettings(flags))) throw named
    return () => {
      throw named
    }
  }
}

function report(
  { stored, storedBefore, skipped, wasDone }: ImportResult,
  target: string,
  source: string,
): void {
  if (wasDone) {
    print(
      `${source}: nothing left to do; ${countOf(storedBefore, 'record')} had been imported into ${target}`,
    )
    return
  }
  const before = storedBefore === 0 ? '' : `, after ${countOf(storedBefore, 'record')} before`
  const left = skipped === 0 ? '' : `; ${countOf(skipped, 'bad line')} skipped`
  print(`${source}: ${countOf(stored, 'record')} imported into ${target}${before}${left}`)
}
