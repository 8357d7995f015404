import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database, type ObjectSchema } from '@orbit-ts/engine'
import { findTarget } from '../records/find-target.js'
import type { TargetKind } from '../records/record-target.js'
import { DatabaseSink } from './database-sink.js'
import type { FileFormat } from './file-format.js'
import { importRecords, type ImportOptions, type ImportResult } from './import-records.js'
import { InputSource } from './input-source.js'

/** A database in memory and a directory for files, both gone after the test. */
export interface Ground {
  readonly database: Database
  readonly directory: string
  /** Writes a file and returns its path. */
  file(name: string, content: string | Buffer): Promise<string>
}

export async function onGround(
  schema: readonly ObjectSchema[],
  work: (ground: Ground) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'orbit-cli-'))
  const database = await openDatabase({ storage: { kind: 'memory' }, schema })
  try {
    await work({
      database,
      directory,
      async file(name, content) {
        const path = join(directory, name)
        await writeFile(path, content)
        return path
      },
    })
  } finally {
    await database.close()
    await rm(directory, { recursive: true, force: true })
  }
}

export interface Outcome extends ImportResult {
  readonly reports: readonly string[]
}

/** Imports a file, its format being its extension. */
export async function importFile(
  { database }: Ground,
  kind: TargetKind,
  name: string,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<Outcome> {
  const source = await InputSource.open(path)
  const reports: string[] = []
  try {
    const sink = new DatabaseSink(database, await findTarget(database, kind, name))
    const result = await importRecords(sink, source, {
      format: (path.endsWith('.csv') ? 'csv' : 'jsonl') satisfies FileFormat,
      from: 'start',
      batchSize: 3,
      batchSizeMaxBytes: 1024 * 1024,
      skippedMax: 0,
      delimiter: ',',
      columns: undefined,
      signal: new AbortController().signal,
      progress: { update: () => undefined, end: () => undefined },
      onSkipped: (text) => reports.push(text.replace(path, 'FILE')),
      ...options,
    })
    return { ...result, reports }
  } finally {
    source.close()
  }
}
