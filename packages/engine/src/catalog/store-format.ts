import { hasCode, OrbitError } from '@orbit-ts/base'
import { internalKeys, type StorageProvider, type Transaction } from '@orbit-ts/storage'

/** What this release writes, and the newest that it can read. */
const FORMAT = 1
const FORMAT_KEY = internalKeys.fact('format')

/**
 * Refuses a store that several servers share when a newer release has written it; a new one is marked. (The directory of
 * a store of one process has a marker of its own.)
 * @throws RECORD_VERSION_UNSUPPORTED
 */
export async function checkFormat(storage: StorageProvider): Promise<void> {
  if (!storage.capabilities.distributed) return
  if (await storage.transact(isMarked)) return
  try {
    await storage.transact(async (tx) => tx.insert(FORMAT_KEY, Buffer.from(String(FORMAT))))
  } catch (error) {
    // Another server was faster, and may be of another release.
    if (!hasCode(error, 'KEY_EXISTS')) throw error
    await storage.transact(isMarked)
  }
}

async function isMarked(tx: Transaction): Promise<boolean> {
  const found = await tx.get(FORMAT_KEY)
  if (found === undefined) return false
  const format = Buffer.from(found).toString()
  if (/^\d+$/.test(format) && Number(format) <= FORMAT) return true
  throw new OrbitError(
    'RECORD_VERSION_UNSUPPORTED',
    `the store has format ${format.slice(0, 20)}, this release knows up to ${FORMAT}; open it with the newer release that wrote it`,
    { format, formatMax: FORMAT },
  )
}
