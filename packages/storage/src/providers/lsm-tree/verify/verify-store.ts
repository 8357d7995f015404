import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { corruptFile } from '../../directory/corrupt-file.js'
import type { Position } from '../../rocksdb/synced-position.js'
import { logRecords } from './log-records.js'
import { readManifest } from './manifest.js'
import { verifyTableFile } from './table-file.js'

export interface VerifyOptions {
  /** Whether to read all table files. */
  readonly tables: boolean
  /** How far the store is known to have been on stable storage; undefined when that is not known. */
  readonly promised: Position | undefined
}

/**
 * Finds damage in a store that is not open, which LevelDB would pass over: it drops records of a damaged or cut log,
 * takes a missing `CURRENT` for a new store, and does not compare blocks with their checksums.
 * @throws STORAGE_CORRUPT (details.file)
 */
export async function verifyStore(directory: string, { tables, promised }: VerifyOptions): Promise<void> {
  const names = await readdir(directory)
  const manifest = await readManifest(directory, promised)
  if (manifest === undefined) {
    const data = names.find((name) => /\.(log|ldb|sst)$/.test(name))
    if (data !== undefined || promised !== undefined)
      throw corruptFile(join(directory, 'CURRENT'), 'is missing')
    return
  }
  await verifyLogs(directory, names, manifest.logNumber, promised)
  const old = new Set(names.filter((name) => name.endsWith('.sst')))
  for (const [number, sizeBytes] of manifest.tables) {
    const stem = String(number).padStart(6, '0')
    const name = old.has(`${stem}.sst`) ? `${stem}.sst` : `${stem}.ldb`
    if (tables) await verifyTableFile(join(directory, name), sizeBytes)
    else if (!names.includes(name)) throw corruptFile(join(directory, name), 'is missing')
  }
}

async function verifyLogs(
  directory: string,
  names: readonly string[],
  firstNumber: number,
  promised: Position | undefined,
): Promise<void> {
  let found = false
  for (const name of names) {
    const digits = /^(\d+)\.log$/.exec(name)?.[1]
    if (digits === undefined || Number(digits) < firstNumber) continue
    const number = Number(digits)
    const path = join(directory, name)
    if (number === promised?.logNumber) found = true
    // Older logs were synced to their ends before anything in the promised one was.
    const older = promised !== undefined && number < promised.logNumber
    const intactBytes = older ? Infinity : number === promised?.logNumber ? promised.logBytes : 0
    await verifyLog(path, intactBytes)
  }
  if (promised !== undefined && !found && promised.logNumber >= firstNumber && promised.logBytes > 0) {
    throw corruptFile(join(directory, `${String(promised.logNumber).padStart(6, '0')}.log`), 'is missing')
  }
}

/**
 * A damaged end is what a crash leaves, unless whole records follow, or it was promised to be intact.
 * @param intactBytes how much of the file is known to have been there; `Infinity`: all that was written
 */
async function verifyLog(path: string, intactBytes: number): Promise<void> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (intactBytes !== Infinity && size < intactBytes) {
      throw corruptFile(path, `has ${size} bytes instead of ${intactBytes} or more`)
    }
    let end: { readonly at: number; readonly how: string } | undefined
    for await (const item of logRecords(file)) {
      if (item.type !== 'record')
        end ??= { at: item.at, how: item.type === 'cut' ? 'it is cut off' : item.how }
      if (end !== undefined && (item.type === 'record' || end.at < intactBytes)) {
        throw corruptFile(path, `is damaged at byte ${end.at}: ${end.how}`)
      }
    }
  } finally {
    await file.close()
  }
}
