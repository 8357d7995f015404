import { readFile } from 'node:fs/promises'
import { crc32c } from '@node-rs/crc32'
import { OrbitError } from '@orbit-ts/base'
import { writeFileAtomically } from './durable-file.js'
import { fileError, fileErrorCode } from './file-error.js'

/** The engines that keep their data in a directory. */
export type DirectoryEngine = 'rocksdb' | 'cow-btree' | 'lsm-tree'

/** The layout of each engine's directory that this release writes and reads. cow-btree 2: values carry a checksum. */
export const DIRECTORY_FORMATS: Readonly<Record<DirectoryEngine, number>> = {
  rocksdb: 1,
  'cow-btree': 2,
  'lsm-tree': 1,
}
const DIRECTORY_FORMAT_MAX = Math.max(...Object.values(DIRECTORY_FORMATS))

/** What an engine wrote down when it closed; JSON values only. */
export type CleanFacts = Readonly<Record<string, unknown>>

/** The file that makes a directory one of ours. */
export interface Marker {
  readonly format: number
  readonly engine: string
  /** ISO 8601. */
  readonly createdAt: string
  /** Null while the store is open and after a crash. */
  readonly clean: CleanFacts | null
}

export async function writeMarker(path: string, marker: Marker): Promise<void> {
  const body = JSON.stringify(marker)
  await writeFileAtomically(path, `${body}\n${checksumLine(body)}\n`)
}

/**
 * The marker, or undefined when there is none.
 * @throws STORAGE_CORRUPT when it cannot be read, RECORD_VERSION_UNSUPPORTED when another release wrote it, in a format
 *   that this one does not read.
 */
export async function readMarker(path: string): Promise<Marker | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw fileError(error, 'reading', path)
  }
  const [body = '', checksum] = text.split('\n')
  const marker = parse(body)
  if (marker !== undefined) refuseNewer(marker, path)
  if (!isMarker(marker) || checksum !== checksumLine(body)) {
    throw new OrbitError(
      'STORAGE_CORRUPT',
      `the marker file ${path} is damaged; restore the whole data directory from a backup`,
      {
        file: path,
      },
    )
  }
  refuseOlder(marker, path)
  return marker
}

const checksumLine = (body: string): string => `crc32c ${crc32c(body).toString(16).padStart(8, '0')}`

function parse(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** Before all else: what a newer format looks like is not known here. */
function refuseNewer(marker: object, path: string): void {
  if (!('format' in marker) || typeof marker.format !== 'number') return
  const known = 'engine' in marker && isEngine(marker.engine) ? DIRECTORY_FORMATS[marker.engine] : undefined
  const formatMax = known ?? DIRECTORY_FORMAT_MAX
  if (marker.format > formatMax) {
    throw unsupported(path, marker.format, formatMax, 'open it with the newer release that wrote it')
  }
}

function refuseOlder({ engine, format }: Marker, path: string): void {
  const formatMin = isEngine(engine) ? DIRECTORY_FORMATS[engine] : format
  if (format >= formatMin) return
  const remedy = 'export the data with the release that wrote it, and import it into a new directory'
  throw unsupported(path, format, formatMin, remedy)
}

function isEngine(engine: unknown): engine is DirectoryEngine {
  return typeof engine === 'string' && Object.hasOwn(DIRECTORY_FORMATS, engine)
}

function unsupported(file: string, format: number, supported: number, remedy: string): OrbitError {
  return new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `${file} says directory format ${format}, and this release knows ${supported}; ${remedy}`,
    { file, format, formatSupported: supported },
  )
}

function isMarker(value: object | undefined): value is Marker {
  if (
    value === undefined ||
    !('format' in value) ||
    typeof value.format !== 'number' ||
    !('engine' in value) ||
    !('createdAt' in value) ||
    !('clean' in value)
  )
    return false
  return (
    Number.isSafeInteger(value.format) &&
    typeof value.engine === 'string' &&
    typeof value.createdAt === 'string' &&
    typeof value.clean === 'object'
  )
}
