import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError, fileErrorCode } from '../directory/file-error.js'
import type { FileFactDepth } from '../directory/file-facts.js'

const LOG = /^(\d{6,})\.log$/
const MANIFEST = /^MANIFEST-(\d{6,})$/

/** Table and blob files carry checksums per block, so their size is enough; the others are small and are read whole. */
export function factDepth(name: string): FileFactDepth {
  if (/^\d{6,}\.(sst|blob)$/.test(name)) return 'size'
  return name === 'CURRENT' || LOG.test(name) || MANIFEST.test(name) ? 'content' : 'ignore'
}

export const logName = (number: number): string => `${String(number).padStart(6, '0')}.log`
export const manifestName = (number: number): string => `MANIFEST-${String(number).padStart(6, '0')}`

/** The number of a write-ahead log, or undefined for any other file. */
export function logNumber(name: string): number | undefined {
  const digits = LOG.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The number of the manifest that `CURRENT` names; `missing` or `damaged` when it names none. */
export async function currentManifest(enginePath: string): Promise<number | 'missing' | 'damaged'> {
  const path = join(enginePath, 'CURRENT')
  try {
    const text = await readFile(path, 'latin1')
    const digits = text.endsWith('\n') ? MANIFEST.exec(text.slice(0, -1))?.[1] : undefined
    return digits === undefined ? 'damaged' : Number(digits)
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return 'missing'
    throw fileError(error, 'reading', path)
  }
}

/** File names, sorted. */
export async function listFiles(enginePath: string): Promise<string[]> {
  try {
    return (await readdir(enginePath)).sort()
  } catch (error) {
    throw fileError(error, 'reading the directory', enginePath)
  }
}
