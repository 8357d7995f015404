import { configFromCode, OrbitError, type Env, type SectionInput } from '@orbit-ts/base'
import { join } from 'node:path'
import { openDataDirectory, type DataDirectory } from '../directory/data-directory.js'
import { fileError } from '../directory/file-error.js'
import { isFileFacts, verifyFileFacts } from '../directory/file-facts.js'
import { LogSync } from '../rocksdb/log-sync.js'
import { SyncedPosition, type Position } from '../rocksdb/synced-position.js'
import { levelError } from './level-error.js'
import type { Level } from './lsm-tree-cursor.js'
import { LsmTreeEngine } from './lsm-tree-engine.js'
import { lsmTreeOptions, refuseWhatLevelDbCannot, toBytes, type LsmTreeOptions } from './options.js'
import { verifyStore } from './verify/verify-store.js'

const POSITION_FILE = 'SYNCED'

/**
 * Opens, or creates, a store on LevelDB.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY
 * @throws STORAGE_UNSUPPORTED: an option asks for what LevelDB does not do
 * @throws STORAGE_LOCKED: another process, or another handle of this one, has the directory open
 * @throws STORAGE_CORRUPT (details.file): a file is damaged, cut off or missing
 * @throws STORAGE_UNAVAILABLE: the native binding is not there for this platform
 * @throws INVALID_ARGUMENT, RECORD_VERSION_UNSUPPORTED, STORAGE_IO, STORAGE_FULL as `openDataDirectory`
 */
export async function openLsmTreeEngine(
  input: SectionInput<typeof lsmTreeOptions>,
  { env }: { readonly env: Env },
): Promise<LsmTreeEngine> {
  const options = configFromCode(lsmTreeOptions, input)
  refuseWhatLevelDbCannot(options)
  const { ClassicLevel } = await loadBinding()
  const directory = await openDataDirectory(options.dataDir, { engine: 'lsm-tree', env })
  const opened: { position?: SyncedPosition; level?: Level } = {}
  try {
    const positionPath = join(directory.path, POSITION_FILE)
    await verify(directory, positionPath, options)
    await directory.markDirty()
    const position = (opened.position = SyncedPosition.create(positionPath))
    const level: Level = (opened.level = new ClassicLevel<Uint8Array, Uint8Array>(directory.enginePath, {
      keyEncoding: 'view',
      valueEncoding: 'view',
      compression: options.compression,
      cacheSize: toBytes(options.blockCacheMb),
      writeBufferSize: toBytes(options.writeBufferMb),
    }))
    await level.open()
    const logSync = await LogSync.start(directory.enginePath, position)
    return new LsmTreeEngine({
      level,
      directory,
      logSync,
      position,
      settings: {
        block_cache_max_bytes: toBytes(options.blockCacheMb),
        write_buffer_max_bytes: toBytes(options.writeBufferMb),
      },
    })
  } catch (error) {
    await opened.level?.close()
    opened.position?.close()
    await directory.close()
    throw levelError(error, 'opening', directory.path)
  }
}

async function verify(
  { enginePath, cleanFacts }: DataDirectory,
  positionPath: string,
  options: LsmTreeOptions,
): Promise<void> {
  const files = cleanFacts?.['files']
  try {
    if (isFileFacts(files)) await verifyFileFacts(enginePath, files)
    const promised = cleanFacts === undefined ? promisedPosition(positionPath) : undefined
    await verifyStore(enginePath, { tables: options.verifyAtOpen, promised })
  } catch (error) {
    throw fileError(error, 'checking', enginePath)
  }
}

/** All zero while a store is being opened, and after a failed write: then nothing is promised. */
function promisedPosition(path: string): Position | undefined {
  const position = SyncedPosition.read(path)
  return position === undefined || position.manifestNumber === 0 ? undefined : position
}

async function loadBinding(): Promise<typeof import('classic-level')> {
  try {
    return await import('classic-level')
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`
    throw new OrbitError(
      'STORAGE_UNAVAILABLE',
      `the lsm-tree engine needs the package classic-level, which does not load on ${platform}: use the memory or the rocksdb engine`,
      { platform },
      { cause: error },
    )
  }
}
