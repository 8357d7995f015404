import { configFromCode, type Env, type SectionInput } from '@orbit-ts/base'
import { join } from 'node:path'
import { openDataDirectory } from '../directory/data-directory.js'
import { fileError } from '../directory/file-error.js'
import { CowBtreeEngine } from './cow-btree-engine.js'
import { DATA_FILE, recoverDataFile } from './data-file/recover.js'
import { Flusher } from './flusher.js'
import { lmdbError } from './lmdb-error.js'
import { openLmdb, type LmdbStore } from './lmdb-store.js'
import { cowBtreeOptions, refuseWhatLmdbCannot } from './options.js'

const MIB = 1024 * 1024

/**
 * Opens, or creates, a store on LMDB.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY
 * @throws STORAGE_UNSUPPORTED: an option asks for what LMDB does not do
 * @throws STORAGE_LOCKED: another process, or another handle of this one, has the directory open
 * @throws STORAGE_CORRUPT (details.file): a file is damaged, cut off or missing
 * @throws STORAGE_UNAVAILABLE: the native binding is not there for this platform
 * @throws INVALID_ARGUMENT, RECORD_VERSION_UNSUPPORTED, STORAGE_IO, STORAGE_FULL as `openDataDirectory`
 */
export async function openCowBtreeEngine(
  input: SectionInput<typeof cowBtreeOptions>,
  { env }: { readonly env: Env },
): Promise<CowBtreeEngine> {
  const options = configFromCode(cowBtreeOptions, input)
  refuseWhatLmdbCannot(options)
  const directory = await openDataDirectory(options.dataDir, { engine: 'cow-btree', env })
  const { enginePath } = directory
  let store: LmdbStore | undefined
  try {
    await recoverDataFile(directory, { env, verifyAtOpen: options.verifyAtOpen }).catch((error: unknown) => {
      throw fileError(error, 'checking', enginePath)
    })
    await directory.markDirty()
    store = await openLmdb(join(enginePath, DATA_FILE))
    const flusher = await Flusher.open(store, { enginePath, env, flushIntervalMs: options.flushIntervalMs })
    return new CowBtreeEngine({ store, flusher, directory, mapSizeMaxBytes: options.mapSizeMb * MIB })
  } catch (error) {
    await store?.close()
    await directory.close()
    throw lmdbError(error, 'opening', directory.path)
  }
}
