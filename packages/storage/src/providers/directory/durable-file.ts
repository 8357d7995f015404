import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { fileError } from './file-error.js'

/** Makes the entries of a directory durable. Windows has no such call and needs none: NTFS journals its directories. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  try {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw fileError(error, 'syncing the directory', path)
  }
}

/** Replaces a file so that after a crash the old or the new content is there, whole. Durable when it resolves. */
export async function writeFileAtomically(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    throw fileError(error, 'writing', path)
  }
  await syncDirectory(dirname(path))
}

/**
 * Creates a directory with its parents, for this user only; every new entry is durable when it resolves. One that is
 * there keeps the permissions it has.
 */
export async function makeDirectory(path: string): Promise<void> {
  const target = resolve(path)
  try {
    const first = await mkdir(target, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    const stop = dirname(resolve(first))
    for (let at = dirname(target); ; at = dirname(at)) {
      await syncDirectory(at)
      if (at === stop || at === dirname(at)) break
    }
  } catch (error) {
    throw fileError(error, 'creating the directory', target)
  }
}
