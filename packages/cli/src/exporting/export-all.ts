import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import type { CatalogObject, DatabaseTransaction, ObjectKind } from '@orbit-ts/engine'
import { targetOf } from '../records/find-target.js'
import type { TargetKind } from '../records/record-target.js'
import { schemaOf } from '../records/schema-input.js'
import type { Progress } from '../terminal/progress.js'
import { DUMP_FORMAT, MANIFEST, type DumpFile, type DumpManifest, type DumpObject } from './dump-format.js'
import { exportRecords } from './export-records.js'
import { followLinks, notWritten, openOutput } from './output.js'

/** Nodes come before the edges between them. */
const RECORDS_OF: Readonly<Record<ObjectKind, readonly TargetKind[]>> = {
  table: ['table'],
  collection: ['collection'],
  graph: ['nodes', 'edges'],
  vectors: ['vectors'],
  series: ['series'],
}

/**
 * Writes all objects that `tx` sees into a new directory for this user only, which is there in full or not at all.
 * @throws INVALID_ARGUMENT when the directory is there and not empty, or is a file
 */
export async function exportAll(
  tx: DatabaseTransaction,
  objects: readonly CatalogObject[],
  directory: string,
  options: { readonly signal: AbortSignal; readonly progressOf: (what: string) => Progress },
): Promise<DumpManifest> {
  const path = await followLinks(resolve(directory))
  await refuseFull(path)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await mkdir(dirname(temporary), { recursive: true })
    await mkdir(temporary, { mode: 0o700 })
  } catch (error) {
    throw notWritten(path, error)
  }
  try {
    const dumped: DumpObject[] = []
    for (const [at, object] of objects.entries()) {
      const files: DumpFile[] = []
      for (const kind of RECORDS_OF[object.kind]) {
        const file = `${String(at + 1).padStart(4, '0')}-${kind}-${fileName(object.name)}.jsonl`
        const records = await exportFile(tx, object, kind, join(temporary, file), options)
        files.push({ kind, file, records })
      }
      dumped.push({ ...schemaOf(object), files })
    }
    const manifest = { format: DUMP_FORMAT, objects: dumped }
    const output = await openOutput(join(temporary, MANIFEST))
    await output.write(`${JSON.stringify(manifest, undefined, 2)}\n`)
    await output.finish()
    await rename(temporary, path).catch((error: unknown) => {
      throw notWritten(path, error)
    })
    return manifest
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    throw error
  }
}

async function exportFile(
  tx: DatabaseTransaction,
  object: CatalogObject,
  kind: TargetKind,
  path: string,
  { signal, progressOf }: { readonly signal: AbortSignal; readonly progressOf: (what: string) => Progress },
): Promise<number> {
  const target = targetOf(kind, object)
  const output = await openOutput(path)
  const progress = progressOf(target.what)
  try {
    const count = await exportRecords(tx, target, output, { format: 'jsonl', query: {}, signal, progress })
    await output.finish()
    return count
  } finally {
    progress.end()
    await output.discard()
  }
}

async function refuseFull(path: string): Promise<void> {
  const names = await readdir(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return []
    if (code !== 'ENOTDIR') throw notWritten(path, error)
    throw new OrbitError('INVALID_ARGUMENT', `${path} is a file, not a directory`, { path })
  })
  if (names.length === 0) return
  throw new OrbitError('INVALID_ARGUMENT', `${path} is there and not empty; name a new directory`, { path })
}

/** For people only: the manifest says which file is which. */
function fileName(name: string): string {
  return name.replace(/[^\w-]+/g, '_').slice(0, 64)
}
