import assert from 'node:assert/strict'
import { it } from 'node:test'
import { toHex } from '@orbit-ts/base'
import type { Engines } from './engines.test.suite.js'
import {
  EDGE_KEYS,
  bytes,
  hex,
  hexEntries,
  numberKey,
  put,
  readRange,
  remove,
  writeEdgeKeys,
} from './entries.test.suite.js'

export function testPoints(engines: Engines): void {
  it('reads what was written; a missing key is undefined', () =>
    engines.use(async (engine) => {
      assert.equal(await engine.get(bytes(1)), undefined)
      assert.equal(await engine.get(bytes()), undefined)
      await engine.write([put(bytes(1), bytes(10)), put(bytes(2), bytes())], { sync: false })
      assert.equal(hex(await engine.get(bytes(1))), '0a')
      assert.equal(hex(await engine.get(bytes(2))), '', 'an empty value is a value')
      assert.equal(await engine.get(bytes(1, 0)), undefined)
      await engine.write([put(bytes(1), bytes(11)), remove(bytes(2)), remove(bytes(3))], { sync: true })
      assert.equal(hex(await engine.get(bytes(1))), '0b')
      assert.equal(await engine.get(bytes(2)), undefined)
    }))

  it('keeps the empty key and keys of 0x00 and 0xff apart', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const [i, key] of EDGE_KEYS.entries()) {
        assert.equal(hex(await engine.get(key)), toHex(bytes(i, key.byteLength)), `key ${toHex(key)}`)
      }
      await engine.write([remove(bytes())], { sync: false })
      assert.equal(await engine.get(bytes()), undefined)
      assert.equal(hex(await engine.get(bytes(0))), '0101')
    }))

  it('answers getMany in the order of the keys, with gaps and repetitions', () =>
    engines.use(async (engine) => {
      assert.deepEqual(await engine.getMany([]), [])
      await writeEdgeKeys(engine)
      const keys = [
        bytes(0xff),
        bytes(0x33),
        bytes(),
        bytes(0xff),
        bytes(0x00),
        bytes(0xff, 0xff, 0xff, 0xff),
      ]
      const values = await engine.getMany(keys)
      assert.deepEqual(values.map(hex), ['0801', undefined, '0000', '0801', '0101', undefined])
    }))

  it('answers getMany for a thousand keys', () =>
    engines.use(async (engine) => {
      const numbers = Array.from({ length: 1000 }, (_, i) => i)
      const even = numbers.filter((i) => i % 2 === 0)
      await engine.write(
        even.map((i) => put(numberKey(i), bytes(i & 0xff, 7))),
        { sync: false },
      )
      const values = await engine.getMany(numbers.map(numberKey))
      assert.deepEqual(
        values.map(hex),
        numbers.map((i) => (i % 2 === 0 ? toHex(bytes(i & 0xff, 7)) : undefined)),
      )
    }))

  it('accepts bytes that are a window of a larger buffer', () =>
    engines.use(async (engine) => {
      const memory = Uint8Array.from({ length: 64 }, (_, i) => i)
      await engine.write([put(memory.subarray(5, 9), memory.subarray(20, 23))], { sync: false })
      assert.equal(hex(await engine.get(bytes(5, 6, 7, 8))), '141516')
      assert.deepEqual((await engine.getMany([memory.subarray(5, 9)])).map(hex), ['141516'])
      const entries = await readRange(engine, { start: memory.subarray(5, 6), end: memory.subarray(6, 7) })
      assert.deepEqual(hexEntries(entries), ['05060708=141516'])
    }))

  it('returns bytes that later writes and reads do not change', () =>
    engines.use(async (engine) => {
      const key = bytes(1)
      await engine.write([put(key, new Uint8Array(300).fill(1))], { sync: false })
      const value = await engine.get(key)
      const [many] = await engine.getMany([key])
      const [entry] = await readRange(engine)
      const expected = toHex(new Uint8Array(300).fill(1))
      for (let round = 2; round < 20; round++) {
        await engine.write([put(key, new Uint8Array(300).fill(round))], { sync: false })
        await engine.get(key)
        await readRange(engine)
      }
      await engine.write([remove(key)], { sync: true })
      assert.equal(hex(value), expected)
      assert.equal(hex(many), expected)
      assert.equal(hex(entry?.key), '01')
      assert.equal(hex(entry?.value), expected)
    }))
}
