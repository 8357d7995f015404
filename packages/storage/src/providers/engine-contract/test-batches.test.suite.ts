import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Engines } from './engines.test.suite.js'
import { bytes, hex, numberKey, put, readRange, remove, writeEdgeKeys } from './entries.test.suite.js'

export function testBatches(engines: Engines, largeValueBytes: number): void {
  it('writes a batch of many keys, with and without sync', () =>
    engines.use(async (engine) => {
      const batch = Array.from({ length: 5000 }, (_, i) => put(numberKey(i), bytes(i & 0xff)))
      await engine.write(batch, { sync: true })
      assert.equal((await readRange(engine, {}, { count: 512 })).length, 5000)
      await engine.write(
        batch.map(({ key }) => remove(key)),
        { sync: false },
      )
      assert.deepEqual(await readRange(engine), [])
    }))

  it('accepts an empty batch', () =>
    engines.use(async (engine) => void (await engine.write([], { sync: true }))))

  it('keeps large values and long keys whole', () =>
    engines.use(async (engine) => {
      const size = Math.min(largeValueBytes, engine.limits.valueSizeMaxBytes)
      const large = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 10)) & 0xff)
      const mebibyte = new Uint8Array(Math.min(1024 * 1024, size)).fill(0xab)
      const longKey = new Uint8Array(engine.limits.keySizeMaxBytes).fill(0xff)
      await engine.write([put(bytes(1), large), put(bytes(2), mebibyte), put(longKey, bytes(9))], {
        sync: true,
      })
      assert.equal(Buffer.compare((await engine.get(bytes(1))) ?? bytes(), large), 0)
      const [first, second] = await engine.getMany([bytes(2), bytes(1)])
      assert.equal(Buffer.compare(first ?? bytes(), mebibyte), 0)
      assert.equal(Buffer.compare(second ?? bytes(), large), 0)
      const entries = await readRange(engine, {}, { count: 2 })
      assert.deepEqual(
        entries.map((entry) => entry.value.byteLength),
        [large.byteLength, mebibyte.byteLength, 1],
      )
      assert.equal(hex(await engine.get(longKey)), '09')
      assert.equal(await engine.get(longKey.subarray(1)), undefined)
    }))

  it('shows facts as finite numbers', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const [fact, value] of Object.entries(engine.stats())) {
        assert.match(fact, /^[a-z][a-z0-9_]*$/)
        assert.ok(Number.isFinite(value), `${fact} is ${value}`)
      }
    }))
}
