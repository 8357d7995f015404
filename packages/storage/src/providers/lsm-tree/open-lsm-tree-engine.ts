import { configFromCode, OrbitError, type Env, type SectionInput } from '@orbit-ts/base'
import { openDataDirectory, type DataDirectory } from '../directory/data-directory.js'
import { fileError } from '../directory/file-error.js'
import { isFileFacts, verifyFileFacts } from '../directory/file-facts.js'
import { levelError } from './level-error.js'
import type { Level } from './lsm-tree-cursor.js'
import { LsmTreeEngine } from './lsm-tree-engine.js'
import { lsmTreeOptions, refuseWhatLevelDbCannot, toBytes, type LsmTreeOptions } from './options.js'
import { verifyStore } from './verify/verify-store.js'

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
  try {
    await verify(directory, options)
    await directory.markDirty()
    const level: Level = new ClassicLevel<Uint8Array, Uint8Array>(directory.enginePath, {
      keyEncoding: 'view',
      valueEncoding: 'view',
      compression: options.compression,
      cacheSize: toBytes(options.blockCacheMb),
      writeBufferSize: toBytes(options.writeBufferMb),
    })
    await level.open()
    return new LsmTreeEngine(level, directory, {
      block_cache_max_bytes: toBytes(options.blockCacheMb),
      write_buffer_max_bytes: toBytes(options.writeBufferMb),
    })
  } catch (error) {
    await directory.close()
    throw levelError(error, 'opening', directory.path)
  }
}

async function verify(directory: DataDirectory, options: LsmTreeOptions): Promise<void> {
  const { enginePath, cleanFacts } = directory
  const files = cleanFacts?.['files']
  try {
    if (isFileFacts(files)) await verifyFileFacts(enginePath, files)
    await verifyStore(enginePath, { tables: options.verifyAtOpen })
  } catch (error) {
    throw fileError(error, 'checking', enginePath)
  }
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
