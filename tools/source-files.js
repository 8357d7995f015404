// @ts-check
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const TEXT_SIZE_BYTES_MAX = 4 << 20

/**
 * The text files of the tree that are tracked, or would be: path from the root, with `/`, to text.
 * @returns {Map<string, string>}
 */
export function readSourceFiles() {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  const files = new Map()
  for (const path of listed.split('\0').filter((name) => name !== '')) {
    const full = join(root, path)
    if (!existsSync(full) || !statSync(full).isFile() || statSync(full).size > TEXT_SIZE_BYTES_MAX) continue
    const text = readFileSync(full, 'utf8')
    if (!text.includes('\0')) files.set(path, text)
  }
  return files
}

/**
 * True when the module with this `import.meta.url` is the program that was started.
 * @param {string} url
 */
export function isMain(url) {
  return process.argv[1] === fileURLToPath(url)
}
