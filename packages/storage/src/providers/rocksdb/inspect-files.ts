import { join } from 'node:path'
import { OrbitError } from '@orbit-ts/base'
import type { DataDirectory } from '../directory/data-directory.js'
import { isFileFacts, sizeOf, verifyFileFacts } from '../directory/file-facts.js'
import { cutUnreadableEnd, verifyLogFile } from './log-file.js'
import { currentManifest, listFiles, logName, logNumber, manifestName } from './rocks-files.js'
import { SyncedPosition, type Position } from './synced-position.js'

/**
 * Looks at the files before RocksDB opens them, because RocksDB would take some losses for the trace of a crash, or a
 * folder without `CURRENT` for a new one.
 * - After a clean shutdown every recorded file must be there, with the recorded size or content.
 * - After a crash everything up to the last synced position must be there and whole; behind it, an end that RocksDB
 *   cannot read is cut off.
 * Resolves to whether a new database has to be made.
 * @throws STORAGE_CORRUPT (details.file)
 */
export async function inspectFiles(
  directory: DataDirectory,
  positionPath: string,
): Promise<{ create: boolean }> {
  const facts = directory.cleanFacts?.['files']
  if (isFileFacts(facts)) {
    await verifyFileFacts(directory.enginePath, facts)
    return { create: false }
  }
  const position = SyncedPosition.read(positionPath)
  const promised = position !== undefined && position.manifestNumber > 0 ? position : undefined
  const current = await currentManifest(directory.enginePath)
  if (typeof current === 'number') {
    if (promised !== undefined) await verifyPosition(directory.enginePath, promised, current)
    return { create: false }
  }
  const data = (await listFiles(directory.enginePath)).find((name) => /\.(sst|log|blob)$/.test(name))
  if (current === 'damaged' || data !== undefined || promised !== undefined) {
    throw damaged(join(directory.enginePath, 'CURRENT'), current === 'damaged' ? 'is damaged' : 'is missing')
  }
  return { create: true }
}

async function verifyPosition(path: string, position: Position, current: number): Promise<void> {
  if (current < position.manifestNumber) {
    throw damaged(
      join(path, 'CURRENT'),
      `names an older manifest than ${manifestName(position.manifestNumber)}`,
    )
  }
  const manifestBytes = await verifyManifest(path, position, current)
  const logPath = join(path, logName(position.logNumber))
  const logBytes = await sizeOf(logPath)
  if (logBytes !== undefined) {
    if (logBytes < position.logBytes)
      throw damaged(logPath, `has ${logBytes} bytes instead of ${position.logBytes} or more`)
    await verifyLogFile(logPath, { sizeBytes: position.logBytes, exact: true })
    await cutUnreadableEnd(logPath, position.logBytes)
  } else if (
    position.logBytes > 0 &&
    current === position.manifestNumber &&
    manifestBytes === position.manifestBytes
  ) {
    // RocksDB removes a log only after the manifest says that its content is in table files.
    throw damaged(logPath, 'is missing')
  }
  await verifyOlderLogs(path, position.logNumber)
}

async function verifyManifest(path: string, position: Position, current: number): Promise<number> {
  const manifestPath = join(path, manifestName(current))
  const sizeBytes = await sizeOf(manifestPath)
  if (sizeBytes === undefined) throw damaged(manifestPath, 'is missing')
  if (current !== position.manifestNumber) return sizeBytes
  if (sizeBytes < position.manifestBytes) {
    throw damaged(manifestPath, `has ${sizeBytes} bytes instead of ${position.manifestBytes} or more`)
  }
  await verifyLogFile(manifestPath, { sizeBytes: position.manifestBytes, exact: false })
  await cutUnreadableEnd(manifestPath, position.manifestBytes)
  return sizeBytes
}

/** They were synced to their ends before anything in a newer log counted as durable. */
async function verifyOlderLogs(path: string, newest: number): Promise<void> {
  for (const name of await listFiles(path)) {
    const number = logNumber(name)
    if (number === undefined || number >= newest) continue
    const sizeBytes = await sizeOf(join(path, name))
    if (sizeBytes !== undefined) await verifyLogFile(join(path, name), { sizeBytes, exact: true })
  }
}

function damaged(path: string, how: string): OrbitError {
  return new OrbitError('STORAGE_CORRUPT', `${path} ${how}; restore the whole data directory from a backup`, {
    file: path,
  })
}
