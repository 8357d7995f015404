import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { corruptFile } from '../../directory/corrupt-file.js'
import { logRecords } from './log-records.js'
import { readManifest } from './manifest.js'
import { verifyTableFile } from './table-file.js'

/**
 * Finds damage in a store that is not open, which LevelDB would pass over: it drops records of a damaged log, takes a
 * missing `CURRENT` for a new store, and does not compare blocks with their checksums.
 * @param tables whether to read all table files
 * @throws STORAGE_CORRUPT (details.file)
 */
export async function verifyStore(directory: string, { tables }: { readonly tables: boolean }): Promise<void> {
  const names = await readdir(directory)
  const manifest = await readManifest(directory)
  if (manifest === undefined) {
    const data = names.find((name) => /\.(log|ldb|sst)$/.test(name))
    if (data !== undefined) throw corruptFile(join(directory, 'CURRENT'), `is missing although "${data}" is there`)
    return
  }
  for (const name of names) {
    const log = /^(\d+)\.log$/.exec(name)
    if (log !== null && Number(log[1]) >= manifest.logNumber) await verifyLog(join(directory, name))
  }
  const old = new Set(names.filter((name) => name.endsWith('.sst')))
  for (const [number, sizeBytes] of manifest.tables) {
    const stem = String(number).padStart(6, '0')
    const name = old.has(`${stem}.sst`) ? `${stem}.sst` : `${stem}.ldb`
    if (tables) await verifyTableFile(join(directory, name), sizeBytes)
    else if (!names.includes(name)) throw corruptFile(join(directory, name), 'is missing')
  }
}

/** A damaged end is what a crash leaves. Damage with whole records after it is not. */
async function verifyLog(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    let damage: { at: number; how: string } | undefined
    for await (const item of logRecords(file)) {
      if (item.type === 'damage') damage ??= item
      else if (damage !== undefined) throw corruptFile(path, `is damaged at byte ${damage.at}: ${damage.how}`)
    }
  } finally {
    await file.close()
  }
}
