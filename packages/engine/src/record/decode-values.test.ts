import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry, KeyRange, ScanOptions } from '@orbit-ts/storage'
import { decodeValues } from './decode-values.js'

const RANGE = { start: Buffer.from('a'), end: Buffer.from('z') }

/** One chunk for each letter, `b=1` and so on, and what it was asked for. */
function letters(...names: string[]): {
  scan(range: KeyRange, options?: ScanOptions): AsyncGenerator<Entry[]>
  asked: string[]
} {
  const asked: string[] = []
  return {
    asked,
    async *scan(_range, options) {
      asked.push(options?.valuesOnly === true ? 'values' : 'entries')
      for (const [at, letter] of names.entries()) {
        yield [
          { key: Buffer.from(options?.valuesOnly === true ? '' : letter), value: Buffer.from(String(at)) },
        ]
      }
    },
  }
}

async function decodeAll(
  storage: ReturnType<typeof letters>,
  decode: (value: Uint8Array, key: Uint8Array | undefined) => string,
): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of decodeValues(storage, RANGE, {}, decode)) found.push(...chunk)
  return found
}

test('values are decoded without their keys', async () => {
  const storage = letters('b', 'c', 'd')
  const found = await decodeAll(
    storage,
    (value, key) => `${Buffer.from(value).toString()} ${key === undefined}`,
  )
  assert.deepEqual(found, ['0 true', '1 true', '2 true'])
  assert.deepEqual(storage.asked, ['values'])
})

test('what cannot be decoded is decoded again with its key, for the error', async () => {
  const storage = letters('b', 'c', 'd')
  const decode = (value: Uint8Array, key: Uint8Array | undefined): string => {
    if (value[0] === 0x31)
      throw new Error(`${key === undefined ? 'something' : Buffer.from(key).toString()} is damaged`)
    return ''
  }
  await assert.rejects(() => decodeAll(storage, decode), { message: 'c is damaged' })
  assert.deepEqual(storage.asked, ['values', 'entries'])
})

test('the first error stands where the second look finds nothing', async () => {
  const decode = (_value: Uint8Array, key: Uint8Array | undefined): string => {
    if (key === undefined) throw new Error('damaged')
    return ''
  }
  await assert.rejects(() => decodeAll(letters('b'), decode), { message: 'damaged' })
})
