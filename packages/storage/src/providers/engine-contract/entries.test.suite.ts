import assert from 'node:assert/strict'
import { toHex } from '@orbit-ts/base'
import type { EngineCursor, EngineEntry, EngineWrite, LocalEngine } from '../../transaction/local-engine.js'

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
export const put = (key: Uint8Array, value: Uint8Array): EngineWrite => ({ key, value })
export const remove = (key: Uint8Array): EngineWrite => ({ key, value: undefined })
export const hex = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : toHex(value)
export const hexEntries = (entries: readonly EngineEntry[]): string[] =>
  entries.map((entry) => `${toHex(entry.key)}=${toHex(entry.value)}`)
export const numberKey = (n: number): Uint8Array => bytes(n >>> 8, n & 0xff)

/** Keys at the edges of the order, sorted. The empty key comes first. */
export const EDGE_KEYS: readonly Uint8Array[] = [
  bytes(),
  bytes(0x00),
  bytes(0x00, 0x00),
  bytes(0x00, 0xff),
  bytes(0x01),
  bytes(0x7f),
  bytes(0x80),
  bytes(0xfe, 0xff),
  bytes(0xff),
  bytes(0xff, 0x00),
  bytes(0xff, 0xff),
  bytes(0xff, 0xff, 0xff),
]

export async function writeEdgeKeys(engine: LocalEngine): Promise<void> {
  const batch = EDGE_KEYS.map((key, i) => put(key, bytes(i, key.byteLength)))
  await engine.write(batch.toReversed(), { sync: false })
}

export const edgeEntries = (from: number, to: number): string[] =>
  EDGE_KEYS.slice(from, to).map((key, i) => `${toHex(key)}=${toHex(bytes(from + i, key.byteLength))}`)

/** Every entry of a range, read `count` at a time; checks that only the last chunk is short. */
export async function readRange(
  engine: LocalEngine,
  range: { start?: Uint8Array; end?: Uint8Array } = {},
  options: { reverse?: boolean; keysOnly?: boolean; count?: number } = {},
): Promise<EngineEntry[]> {
  const count = options.count ?? 100
  const cursor = engine.cursor(range, {
    reverse: options.reverse ?? false,
    keysOnly: options.keysOnly ?? false,
  })
  return readAll(cursor, count)
}

/** Everything that is left of a walk, read `count` at a time. */
export async function readAll(cursor: EngineCursor, count: number): Promise<EngineEntry[]> {
  const entries: EngineEntry[] = []
  try {
    for (;;) {
      const chunk = await cursor.next(count)
      assert.ok(chunk.length <= count, `asked for ${count} entries, got ${chunk.length}`)
      entries.push(...chunk)
      if (chunk.length < count) break
    }
    assert.deepEqual(await cursor.next(count), [], 'a cursor at its end stays there')
  } finally {
    await cursor.close()
  }
  return entries
}
