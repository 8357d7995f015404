import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { configFromCode, type Env, type SectionInput } from '@orbit-ts/base'
import { openDataDirectory, type DataDirectory } from '../directory/data-directory.js'
import { fileError } from '../directory/file-error.js'
import { chooseBinding, type ChosenBinding } from './choose-binding.js'
import { requireEffective } from './effective-options.js'
import { inspectFiles } from './inspect-files.js'
import { LogSync } from './log-sync.js'
import { rocksdbOptions } from './options.js'
import type { RocksBinding, RocksSettings } from './rocks-binding.js'
import { RocksdbEngine } from './rocksdb-engine.js'
import { rocksError } from './rocks-error.js'
import { listFiles } from './rocks-files.js'
import { SyncedPosition } from './synced-position.js'

/** How far the logs are synced; beside RocksDB's own folder. */
const POSITION_FILE = 'SYNCED'

/** Old information logs of RocksDB that are kept for people to read. */
const INFO_LOGS_KEPT = 3

/**
 * Opens, or creates, a RocksDB store in `dataDir`. One binding can open what the other wrote, unless it was compressed.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY
 * @throws STORAGE_UNSUPPORTED (details.field): no binding honours an option, or the files are compressed and the
 *   binding cannot read that
 * @throws STORAGE_UNAVAILABLE: no binding loads on this machine
 * @throws STORAGE_CORRUPT (details.file): a file is missing, cut off or damaged
 * @throws as `openDataDirectory`
 */
export async function openRocksdbEngine(
  input: SectionInput<typeof rocksdbOptions>,
  { env }: { readonly env: Env },
): Promise<RocksdbEngine> {
  const options = configFromCode(rocksdbOptions, input)
  const chosen = chooseBinding(options)
  const directory = await openDataDirectory(options.dataDir, { engine: 'rocksdb', env })
  const opened: { position?: SyncedPosition; binding?: RocksBinding } = {}
  try {
    const positionPath = join(directory.path, POSITION_FILE)
    const { create } = await inspectFiles(directory, positionPath)
    await directory.markDirty()
    const position = (opened.position = SyncedPosition.create(positionPath))
    await removeInfoLogs(directory.enginePath)
    const settings = { ...chosen.settings, path: directory.enginePath, create }
    const binding = (opened.binding = await openBinding(chosen, settings, directory))
    await requireEffective(settings, chosen.kind.name)
    const logSync = await LogSync.start(directory.enginePath, position)
    return new RocksdbEngine({ directory, bindingName: chosen.kind.name, binding, logSync, position })
  } catch (error) {
    // The first error counts; what could not be opened properly need not close properly.
    await opened.binding?.close().catch(() => undefined)
    opened.position?.close()
    await directory.close()
    throw error
  }
}

async function openBinding(
  { library }: ChosenBinding,
  settings: RocksSettings,
  directory: DataDirectory,
): Promise<RocksBinding> {
  try {
    return await library.open(settings)
  } catch (error) {
    throw rocksError(error, `opening ${directory.path}`)
  }
}

/** One of the bindings writes information logs and keeps a thousand of them. */
async function removeInfoLogs(enginePath: string): Promise<void> {
  const logs = (await listFiles(enginePath)).filter((name) => name.startsWith('LOG.old.'))
  for (const name of logs.slice(0, -INFO_LOGS_KEPT)) {
    await unlink(join(enginePath, name)).catch((error: unknown) => {
      throw fileError(error, 'removing', join(enginePath, name))
    })
  }
}
