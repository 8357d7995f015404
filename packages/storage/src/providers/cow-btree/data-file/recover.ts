import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import type { Env } from '@orbit-ts/base'
import { corruptFile } from '../../directory/corrupt-file.js'
import type { DataDirectory } from '../../directory/data-directory.js'
import { fileErrorCode } from '../../directory/file-error.js'
import { collectFileFacts, isFileFacts, sizeOf, verifyFileFacts } from '../../directory/file-facts.js'
import type { CleanFacts } from '../../directory/marker.js'
import { bootIdentity, isSameBoot } from './boot-identity.js'
import { DURABLE_FILE, decodeDurableRecord, type DurableRecord } from './durable-record.js'
import { META_BYTES, readLatestMeta, readMetas, writeMetas, type Meta } from './meta-page.js'
import { verifyTrees } from './verify-tree.js'

export const DATA_FILE = 'data.mdb'

/**
 * Brings the data file into a state that LMDB may open, or finds that there is none.
 *
 * After a clean shutdown everything must be as it was left. After a crash of the process the file is whole, because
 * the operating system has all writes. After a crash of the machine parts of the commits since the last flush may be
 * missing, in any order: the file goes back to that flush, whose pages were not reused since.
 * @throws STORAGE_CORRUPT (details.file)
 */
export async function recoverDataFile(
  { enginePath, cleanFacts }: Pick<DataDirectory, 'enginePath' | 'cleanFacts'>,
  { env, verifyAtOpen }: { readonly env: Env; readonly verifyAtOpen: boolean },
): Promise<void> {
  const path = join(enginePath, DATA_FILE)
  if (cleanFacts !== undefined) await verifyCleanFacts(enginePath, cleanFacts)
  const record = await readDurableRecord(enginePath)
  if ((await sizeOf(path)) === undefined) {
    if (record !== undefined) throw corruptFile(path, 'is missing')
    return
  }
  const fd = openSync(path, 'r+')
  try {
    const meta = cleanFacts === undefined ? chooseState(fd, path, record, env) : readLatestMeta(fd, path)
    const { size } = fstatSync(fd)
    const fullSize = (Number(meta.lastPage) + 1) * meta.pageSize
    // Pages at the end that are in no use may be missing, so only a walk can tell whether the file is cut off.
    if (verifyAtOpen || size < fullSize) await verifyTrees(fd, path, size, meta, env)
    if (size < fullSize) ftruncateSync(fd, fullSize)
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

async function readDurableRecord(enginePath: string): Promise<DurableRecord | undefined> {
  const path = join(enginePath, DURABLE_FILE)
  let file: Buffer
  try {
    file = await readFile(path)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
  const record = decodeDurableRecord(file)
  // The first of all slots may have been cut short by a crash; LMDB then has nothing but empty states.
  if (record === undefined && file.some((byte) => byte !== 0)) throw corruptFile(path, 'is damaged')
  return record
}

/** The state that counts after a crash; it is then also what the file says. */
function chooseState(fd: number, path: string, record: DurableRecord | undefined, env: Env): Meta {
  if (record === undefined) {
    if (isEmpty(fd, path)) return readLatestMeta(fd, path)
    throw corruptFile(join(path, '..', DURABLE_FILE), 'is missing')
  }
  if (isSameBoot(record.boot, bootIdentity(env))) {
    const latest = readLatestMeta(fd, path)
    if (latest.transaction >= record.meta.transaction) return latest
    throw corruptFile(
      path,
      `is damaged: it ends at commit ${latest.transaction}, and commit ${record.meta.transaction} was there`,
    )
  }
  writeMetas(fd, record.meta)
  fdatasyncSync(fd)
  return record.meta
}

/** True when nothing was ever written to the store. */
function isEmpty(fd: number, path: string): boolean {
  return readMetas(fd, path).every((meta) => meta.transaction === 0n && meta.main.entries === 0n)
}

/** What to compare at the next open. */
export async function collectCleanFacts(enginePath: string): Promise<CleanFacts> {
  const files = await collectFileFacts(enginePath, (name) =>
    name === DURABLE_FILE ? 'content' : name === DATA_FILE ? 'size' : 'ignore',
  )
  return { files, metasCrc32c: checksumMetas(join(enginePath, DATA_FILE)) }
}

async function verifyCleanFacts(enginePath: string, facts: CleanFacts): Promise<void> {
  const path = join(enginePath, DATA_FILE)
  const files = facts['files']
  if (isFileFacts(files)) await verifyFileFacts(enginePath, files)
  if (checksumMetas(path) !== facts['metasCrc32c'])
    throw corruptFile(path, 'has other meta pages since the store was closed')
}

/** Of the start of the file: page 0 with its meta, and the meta of page 1. */
function checksumMetas(path: string): number {
  const fd = openSync(path, 'r')
  try {
    const { pageSize } = readLatestMeta(fd, path)
    const bytes = Buffer.alloc(pageSize + META_BYTES + 24)
    readSync(fd, bytes, 0, bytes.byteLength, 0)
    return crc32c(bytes)
  } finally {
    closeSync(fd)
  }
}
