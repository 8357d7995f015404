import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import { OBJECT_KINDS, type ObjectSchema } from '@orbit-ts/engine'
import { TARGET_KINDS, type TargetKind } from '../records/record-target.js'

/** The file that says what the others of a dump are. */
export const MANIFEST = 'orbit-export.json'

/** Newest layout of a dump that this release writes and reads. */
export const DUMP_FORMAT = 1

/** A whole database as files: the declarations, and JSONL files with the records. */
export interface DumpManifest {
  readonly format: number
  readonly objects: readonly DumpObject[]
}

export interface DumpObject extends ObjectSchema {
  readonly files: readonly DumpFile[]
}

export interface DumpFile {
  readonly kind: TargetKind
  /** Beside the manifest. */
  readonly file: string
  readonly records: number
}

/** @throws INVALID_ARGUMENT when the directory holds no dump; RECORD_VERSION_UNSUPPORTED; STORAGE_CORRUPT */
export async function readManifest(directory: string): Promise<DumpManifest> {
  const path = join(directory, MANIFEST)
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `${directory} holds no export of a database: ${path} cannot be read`,
      { path },
      { cause },
    )
  })
  const manifest = tryJson(text)
  if (!isManifest(manifest)) throw new OrbitError('STORAGE_CORRUPT', `${path} is damaged`, { file: path })
  if (manifest.format <= DUMP_FORMAT) return manifest
  throw new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `${path} has the format ${manifest.format}; this release knows up to ${DUMP_FORMAT}`,
    { file: path, format: manifest.format },
  )
}

function isManifest(value: unknown): value is DumpManifest {
  if (!isObject(value) || typeof value['format'] !== 'number') return false
  // What a newer release has written is not looked at.
  if (value['format'] > DUMP_FORMAT) return true
  return Array.isArray(value['objects']) && value['objects'].every(isDumpObject)
}

function isDumpObject(value: unknown): value is DumpObject {
  if (!isObject(value) || !isObject(value['input']) || typeof value['name'] !== 'string') return false
  if (!OBJECT_KINDS.some((kind) => kind === value['kind'])) return false
  return Array.isArray(value['files']) && value['files'].every(isDumpFile)
}

/** A file beside the manifest, and nowhere else. */
function isDumpFile(value: unknown): value is DumpFile {
  if (!isObject(value) || !TARGET_KINDS.some((kind) => kind === value['kind'])) return false
  return typeof value['file'] === 'string' && /^[\w-][\w.-]*$/.test(value['file'])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
