import { join } from 'node:path'
import { OrbitError, hasCode } from '@orbit-ts/base'
import type { ObjectSchema, TableInput } from '@orbit-ts/engine'
import type { DumpManifest, DumpObject } from '../exporting/dump-format.js'
import { targetOf } from '../records/find-target.js'
import type { ImportHome } from './import-home.js'
import { importRecords, type ImportOptions, type ImportResult } from './import-records.js'
import { InputSource } from './input-source.js'

/** What all files of a dump are imported with. */
export type ImportAllOptions = Omit<ImportOptions, 'progress' | 'format'> & {
  readonly progressOf: (source: InputSource) => ImportOptions['progress']
  /** Told what became of each file. */
  readonly onImported: (what: string, source: string, result: ImportResult) => void
}

/**
 * Makes the objects of a dump and loads their records. Foreign keys that refer to tables which are not loaded yet, or to
 * their own table, are added at the end, when every row is there.
 * @throws OBJECT_EXISTS when an object is there already, unless an import is resumed; as `importRecords`
 */
export async function importAll(
  home: ImportHome,
  directory: string,
  { objects }: DumpManifest,
  options: ImportAllOptions,
): Promise<void> {
  const ordered = inOrder(objects)
  if (options.from !== 'resume') for (const object of ordered) await refuseExisting(home, object)
  const loaded = new Set<string>()
  const postponed: ObjectSchema[] = []
  for (const object of ordered) {
    const schema = withoutEarlyKeys(object, loaded)
    if (schema !== object) postponed.push(schemaOnly(object))
    await makeMissing(home, schemaOnly(schema))
    await importFiles(home, directory, object, options)
    if (object.kind === 'table') loaded.add(object.name)
  }
  for (const schema of postponed) await home.apply(schema)
}

/** Finds a file that is missing before anything is made. @throws INVALID_ARGUMENT, STORAGE_IO */
export async function checkFiles(directory: string, { objects }: DumpManifest): Promise<void> {
  for (const { file } of objects.flatMap(({ files }) => files)) {
    const source = await InputSource.open(join(directory, file))
    source.close()
  }
}

/** Tables after those that they refer to, as far as that goes; then everything else. */
function inOrder(objects: readonly DumpObject[]): DumpObject[] {
  const tables = new Map(
    objects.filter(({ kind }) => kind === 'table').map((object) => [object.name, object]),
  )
  const ordered = new Set<DumpObject>()
  const visiting = new Set<DumpObject>()
  const visit = (table: DumpObject): void => {
    if (visiting.has(table) || ordered.has(table)) return
    visiting.add(table)
    for (const { references } of foreignKeysOf(table)) {
      const parent = tables.get(references.table)
      if (parent !== undefined) visit(parent)
    }
    ordered.add(table)
  }
  for (const table of tables.values()) visit(table)
  return [...ordered, ...objects.filter(({ kind }) => kind !== 'table')]
}

function foreignKeysOf({ kind, input }: ObjectSchema): NonNullable<TableInput['foreignKeys']> {
  return kind === 'table' ? ((input as TableInput).foreignKeys ?? []) : []
}

/** The same object when none of its foreign keys has to wait. */
function withoutEarlyKeys(object: DumpObject, loaded: ReadonlySet<string>): DumpObject {
  const keys = foreignKeysOf(object)
  const foreignKeys = keys.filter(({ references }) => loaded.has(references.table))
  return foreignKeys.length === keys.length
    ? object
    : { ...object, input: { ...(object.input as TableInput), foreignKeys } }
}

function schemaOnly({ kind, name, input }: ObjectSchema): ObjectSchema {
  return { kind, name, input }
}

async function refuseExisting(home: ImportHome, { kind, name }: ObjectSchema): Promise<void> {
  if (!(await exists(home, kind, name))) return
  throw new OrbitError(
    'OBJECT_EXISTS',
    `${kind} "${name}" is there already; import into a new database, or go on with --resume if an import was stopped`,
    { kind, name },
  )
}

async function makeMissing(home: ImportHome, schema: ObjectSchema): Promise<void> {
  if (!(await exists(home, schema.kind, schema.name))) await home.create(schema)
}

async function exists(home: ImportHome, kind: ObjectSchema['kind'], name: string): Promise<boolean> {
  try {
    await home.describe(kind, name)
    return true
  } catch (error) {
    if (hasCode(error, 'OBJECT_NOT_FOUND')) return false
    throw error
  }
}

async function importFiles(
  home: ImportHome,
  directory: string,
  { kind, name, files }: DumpObject,
  options: ImportAllOptions,
): Promise<void> {
  for (const file of files) {
    const target = targetOf(file.kind, await home.describe(kind, name))
    const source = await InputSource.open(join(directory, file.file))
    const progress = options.progressOf(source)
    try {
      const result = await importRecords(home.sink(target, name), source, {
        ...options,
        format: 'jsonl',
        progress,
      })
      progress.end()
      options.onImported(target.what, source.name, result)
    } finally {
      progress.end()
      source.close()
    }
  }
}
