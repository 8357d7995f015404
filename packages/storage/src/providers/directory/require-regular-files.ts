import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { corruptFile } from './corrupt-file.js'
import { fileError, fileErrorCode } from './file-error.js'

/**
 * Refuses anything else where an expected file should be: to open a pipe may wait for ever, and LMDB ends the process
 * when its lock file is a directory. Links to regular files are files.
 * @throws STORAGE_CORRUPT (details.file)
 */
export async function requireRegularFiles(directory: string, expected: RegExp): Promise<void> {
  for (const entry of await entriesOf(directory)) {
    if (entry.isFile() || !expected.test(entry.name)) continue
    const path = join(directory, entry.name)
    if (!(await leadsToFile(path))) throw corruptFile(path, 'is not a regular file')
  }
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true })
  } catch (error) {
    throw fileError(error, 'reading the directory', directory)
  }
}

async function leadsToFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch (error) {
    // Gone since, or a link to nowhere: whoever needs the file says so.
    if (fileErrorCode(error) === 'ENOENT') return true
    throw fileError(error, 'reading', path)
  }
}
