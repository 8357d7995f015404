import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from '@node-rs/crc32'
import { OrbitError } from '@orbit-ts/base'
import { fileError, fileErrorCode } from './file-error.js'

/** What is known of one file: its size and, where `collectFileFacts` was asked to read it, the CRC32C of its content. */
export interface FileFact {
  readonly sizeBytes: number
  readonly crc32c?: number
}

/** By file name. */
export type FileFacts = Readonly<Record<string, FileFact>>

/** How much of a file to record: nothing, its size, or its size and a checksum of all of it. */
export type FileFactDepth = 'ignore' | 'size' | 'content'

/** Records the files directly in `directory`, to be compared by {@link verifyFileFacts} when it is opened again. */
export async function collectFileFacts(
  directory: string,
  depthOf: (name: string) => FileFactDepth,
): Promise<FileFacts> {
  const facts: Record<string, FileFact> = {}
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const depth = entry.isFile() ? depthOf(entry.name) : 'ignore'
      if (depth === 'ignore') continue
      const path = join(directory, entry.name)
      const sizeBytes = (await stat(path)).size
      facts[entry.name] = depth === 'size' ? { sizeBytes } : { sizeBytes, crc32c: await checksumFile(path) }
    }
  } catch (error) {
    throw fileError(error, 'reading the directory', directory)
  }
  return facts
}

/** @throws STORAGE_CORRUPT (details.file) when a recorded file is missing, has another size or other content. */
export async function verifyFileFacts(directory: string, facts: FileFacts): Promise<void> {
  for (const [name, fact] of Object.entries(facts)) {
    const path = join(directory, name)
    const sizeBytes = await sizeOf(path)
    if (sizeBytes === undefined) throw damaged(path, 'is missing')
    if (sizeBytes !== fact.sizeBytes)
      throw damaged(path, `has ${sizeBytes} bytes instead of ${fact.sizeBytes}`)
    if (fact.crc32c !== undefined && (await checksumFile(path)) !== fact.crc32c)
      throw damaged(path, 'has other content')
  }
}

/** Narrows what came out of a marker file. */
export function isFileFacts(value: unknown): value is FileFacts {
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).every(
    (fact: unknown) =>
      typeof fact === 'object' && fact !== null && 'sizeBytes' in fact && typeof fact.sizeBytes === 'number',
  )
}

function damaged(path: string, how: string): OrbitError {
  return new OrbitError(
    'STORAGE_CORRUPT',
    `${path} ${how} since the store was closed; restore the whole data directory from a backup`,
    { file: path },
  )
}

/** The size in bytes, or undefined when there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (fileErrorCode(error) === 'ENOENT') return undefined
    throw fileError(error, 'reading', path)
  }
}

async function checksumFile(path: string): Promise<number> {
  let sum = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }))
      sum = crc32c(chunk as Buffer, sum)
  } catch (error) {
    throw fileError(error, 'reading', path)
  }
  return sum
}
