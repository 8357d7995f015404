import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileErrorCode } from '../../directory/file-error.js'
import { ByteReader } from './byte-reader.js'
import { corruptFile } from '../../directory/corrupt-file.js'
import { logRecords } from './log-records.js'

/** What the store consists of. */
export interface Manifest {
  /** Sizes in bytes of the table files, by file number. */
  readonly tables: ReadonlyMap<number, number>
  /** The oldest log that still counts. */
  readonly logNumber: number
}

/**
 * Reads `CURRENT` and the manifest that it names.
 * @returns undefined when there is no `CURRENT`: nothing was created yet, or it was removed
 * @throws STORAGE_CORRUPT
 */
export async function readManifest(directory: string): Promise<Manifest | undefined> {
  const currentPath = join(directory, 'CURRENT')
  const current = await readIfPresent(currentPath)
  if (current === undefined) return undefined
  const name = /^(MANIFEST-\d+)\n$/.exec(current)?.[1]
  if (name === undefined) throw corruptFile(currentPath, 'does not name a manifest')
  const path = join(directory, name)
  try {
    return await parseManifest(path)
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

async function parseManifest(path: string): Promise<Manifest> {
  const file = await open(path, 'r')
  try {
    const tables = new Map<number, number>()
    let logNumber: number | undefined
    for await (const item of logRecords(file)) {
      if (item.type === 'damage') throw corruptFile(path, `is damaged at byte ${item.at}: ${item.how}`)
      logNumber = applyEdit(item.bytes, tables) ?? logNumber
    }
    if (logNumber === undefined) throw corruptFile(path, 'is cut off')
    return { tables, logNumber }
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
