import { readFile } from 'node:fs/promises'
import { crc32c } from '@node-rs/crc32'
import { OrbitError } from '@orbit-ts/base'
import { writeFileAtomically } from './durable-file.js'
import { fileError, fileErrorCode } from './file-error.js'

/** Newest layout of a data directory that this release writes and reads. */
export const DIRECTORY_FORMAT = 1

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
 * @throws STORAGE_CORRUPT when it cannot be read, RECORD_VERSION_UNSUPPORTED when a newer release wrote it.
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

function refuseNewer(marker: object, path: string): void {
  if (!('format' in marker) || typeof marker.format !== 'number' || marker.format <= DIRECTORY_FORMAT) return
  throw new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `${path} says directory format ${marker.format}, this release knows up to ${DIRECTORY_FORMAT}; open it with the newer release that wrote it`,
    { file: path, format: marker.format, formatMax: DIRECTORY_FORMAT },
  )
}

function isMarker(value: object | undefined): value is Marker {
  if (
    value === undefined ||
    !('format' in value) ||
    !('engine' in value) ||
    !('createdAt' in value) ||
    !('clean' in value)
  )
    return false
  return (
    value.format === DIRECTORY_FORMAT &&
    typeof value.engine === 'string' &&
    typeof value.createdAt === 'string' &&
    typeof value.clean === 'object'
  )
}
