import { configFromCode, OrbitError, type Env, type SectionInput } from '@orbit-ts/base'
import type { EngineEntry } from '../../transaction/local-engine.js'
import { orderedMap } from '../../transaction/ordered-map.js'
import { MemoryEngine, type MemoryTree } from './memory-engine.js'
import { memoryOptions, type MemoryOptions } from './options.js'

/**
 * The store that lives in this process's memory, with a copy on disk when `diskBackup` is given: it is loaded now, and
 * written again every `syncIntervalMs` in which something changed and at close.
 * @throws CONFIG_INVALID, CONFIG_UNKNOWN_KEY
 * @throws STORAGE_CORRUPT: the backup is damaged or cut off; it is left as it is
 * @throws STORAGE_FULL: the backup holds more than `maxEntries`
 * @throws STORAGE_UNSUPPORTED: this Node.js cannot handle the compression
 * @throws STORAGE_LOCKED: another store uses the same backup
 */
export async function openMemoryEngine(
  input: SectionInput<typeof memoryOptions>,
  { env }: { readonly env: Env },
): Promise<MemoryEngine> {
  const options: MemoryOptions = configFromCode(memoryOptions, input)
  const entriesMax = options.maxEntries
  if (options.diskBackup === undefined) {
    return new MemoryEngine({ tree: orderedMap<EngineEntry>(), entriesMax, backup: undefined })
  }
  // Loaded only here: a store without a backup needs no native checksum.
  const { BackupSchedule } = await import('./backup/backup-schedule.js')
  const backup = await BackupSchedule.open(options.diskBackup, env)
  try {
    const tree = orderedMap<EngineEntry>()
    await backup.load((entry, name) => tree.set(name, entry))
    requireWithinLimit(tree, entriesMax, options.diskBackup.path)
    return new MemoryEngine({ tree, entriesMax, backup })
  } catch (error) {
    await backup.abandon()
    throw error
  }
}

function requireWithinLimit(tree: MemoryTree, entriesMax: number | undefined, path: string): void {
  if (entriesMax === undefined || tree.size <= entriesMax) return
  throw new OrbitError(
    'STORAGE_FULL',
    `the backup ${path} holds ${tree.size} entries, and max_entries is ${entriesMax}: raise max_entries`,
    { path, entries: tree.size, entriesMax },
  )
}
