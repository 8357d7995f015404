import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileErrorCode } from '../../directory/file-error.js'
import type { Position } from '../../rocksdb/synced-position.js'
import { ByteReader } from './byte-reader.js'
import { corruptFile } from '../../directory/corrupt-file.js'
import { logRecords } from './log-records.js'

/** What the store consists of. */
export interface Manifest {
  /** Sizes in bytes of the table files, by file number. */
  readonly tables: ReadonlyMap<number, number>
  /** The oldest log that still counts. */
  readonly logNumber: number
  /** The manifest's own number. */
  readonly number: number
}

/**
 * Reads `CURRENT` and the manifest that it names.
 * @param promised what is known to have been there, if anything is
 * @returns undefined when there is no `CURRENT`: nothing was created yet, or it was removed
 * @throws STORAGE_CORRUPT
 */
export async function readManifest(
  directory: string,
  promised: Position | undefined,
): Promise<Manifest | undefined> {
  const currentPath = join(directory, 'CURRENT')
  const current = await readIfPresent(currentPath)
  if (current === undefined) return undefined
  const digits = /^MANIFEST-(\d+)\n$/.exec(current)?.[1]
  if (digits === undefined) throw corruptFile(currentPath, 'does not name a manifest')
  const number = Number(digits)
  if (promised !== undefined && number < promised.manifestNumber) {
    throw corruptFile(currentPath, `names manifest ${number}, which is older than ${promised.manifestNumber}`)
  }
  const path = join(directory, `MANIFEST-${digits}`)
  try {
    return await parseManifest(path, number, number === promised?.manifestNumber ? promised.manifestBytes : 0)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') throw corruptFile(path, 'is missing')
    if (error instanceof RangeError) throw corruptFile(path, `is damaged (${error.message})`, error)
    throw error
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1')
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function parseManifest(path: string, number: number, intactBytes: number): Promise<Manifest> {
  const file = await open(path, 'r')
  try {
    const tables = new Map<number, number>()
    let logNumber: number | undefined
    let end = (await file.stat()).size
    for await (const item of logRecords(file)) {
      if (item.type === 'damage') throw corruptFile(path, `is damaged at byte ${item.at}: ${item.how}`)
      if (item.type === 'cut') end = item.at
      else logNumber = applyEdit(item.bytes, tables) ?? logNumber
    }
    if (logNumber === undefined || end < intactBytes) throw corruptFile(path, `is cut off at byte ${end}`)
    return { tables, logNumber, number }
  } finally {
    await file.close()
  }
}

const TAG = {
  comparator: 1,
  logNumber: 2,
  nextFileNumber: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLogNumber: 9,
} as const

/** @returns the log number that the edit sets, if it sets one */
function applyEdit(bytes: Buffer, tables: Map<number, number>): number | undefined {
  const reader = new ByteReader(bytes)
  let logNumber: number | undefined
  while (!reader.done) {
    const tag = reader.varint()
    switch (tag) {
      case TAG.comparator:
        reader.lengthPrefixed()
        break
      case TAG.logNumber:
        logNumber = reader.varint()
        break
      case TAG.nextFileNumber:
      case TAG.lastSequence:
      case TAG.previousLogNumber:
        reader.varint()
        break
      case TAG.compactPointer:
        reader.varint()
        reader.lengthPrefixed()
        break
      case TAG.deletedFile:
        reader.varint()
        tables.delete(reader.varint())
        break
      case TAG.newFile:
        reader.varint()
        tables.set(reader.varint(), reader.varint())
        reader.lengthPrefixed()
        reader.lengthPrefixed()
        break
      default:
        throw new RangeError(`an edit has the unknown tag ${tag}`)
    }
  }
  return logNumber
}
