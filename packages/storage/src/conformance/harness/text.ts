/**
 * The contract in strings of one character per byte, so that a failed assertion can be read: `a=1` is an entry.
 */
import { fromBinaryString, toBinaryString } from '@orbit-ts/base'
import type {
  Entry,
  KeyRange,
  Reader,
  ScanOptions,
  StorageProvider,
  WriteOperation,
  WriteOptions,
} from '../../provider.js'

export const bytes: (text: string) => Uint8Array = fromBinaryString

export async function get(reader: Reader, key: string): Promise<string | undefined> {
  const value = await reader.get(bytes(key))
  return value === undefined ? undefined : toBinaryString(value)
}

export async function getMany(reader: Reader, keys: readonly string[]): Promise<(string | undefined)[]> {
  const values = await reader.getMany(keys.map(bytes))
  return values.map((value) => (value === undefined ? undefined : toBinaryString(value)))
}

/** `range('a', 'c')`; a bound left out is open. */
export function range(start?: string, end?: string): KeyRange {
  return {
    ...(start === undefined ? {} : { start: bytes(start) }),
    ...(end === undefined ? {} : { end: bytes(end) }),
  }
}

export function entryText(entry: Entry): string {
  return `${toBinaryString(entry.key)}=${toBinaryString(entry.value)}`
}

/** All entries of a scan. */
export async function scan(reader: Reader, within: KeyRange = {}, options?: ScanOptions): Promise<string[]> {
  return (await scanChunks(reader, within, options)).flat()
}

export async function scanChunks(
  reader: Reader,
  within: KeyRange = {},
  options?: ScanOptions,
): Promise<string[][]> {
  const chunks: string[][] = []
  for await (const chunk of reader.scan(within, options)) chunks.push(chunk.map(entryText))
  return chunks
}

/** What a scan with `valuesOnly` gives: `withoutKey` of each entry. */
export function scanValues(reader: Reader, within: KeyRange = {}, options?: ScanOptions): Promise<string[]> {
  return scan(reader, within, { ...options, valuesOnly: true })
}

/** What a scan with `valuesOnly` shows of an entry: `=1` of `a=1`. No key of the tests has an equals sign. */
export const withoutKey = (entry: string): string => entry.slice(entry.indexOf('='))

/** Puts the entries, and deletes the keys whose value is undefined, in one commit. */
export async function commit(
  provider: StorageProvider,
  entries: Readonly<Record<string, string | undefined>>,
  options?: WriteOptions,
): Promise<bigint> {
  const batch = Object.entries(entries).map(([key, value]): WriteOperation =>
    value === undefined
      ? { type: 'delete', key: bytes(key) }
      : { type: 'put', key: bytes(key), value: bytes(value) },
  )
  return (await provider.write(batch, options)).version
}

/** What a new transaction sees. */
export async function contents(provider: StorageProvider): Promise<string[]> {
  await using tx = await provider.begin()
  return await scan(tx)
}
