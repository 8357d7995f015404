import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '@node-rs/crc32'
import fc from 'fast-check'
import { CHECKSUM_BYTES, decodeSealed, encodeSealed, isIntact, sealValue } from './sealed-value.js'

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength })

test('the checksum is the CRC32C of key and value, at every size', () => {
  fc.assert(
    fc.property(bytes(300), bytes(600), (key, value) => {
      const stored = encodeSealed(sealValue(key, value))
      assert.equal(stored.readUInt32LE(value.byteLength), crc32c(Buffer.concat([key, value])))
      const sealed = decodeSealed(stored)
      assert.equal(isIntact(key, sealed), true)
      assert.deepEqual(sealed.value, Buffer.from(value))
    }),
  )
})

test('no changed bit of key, value or checksum goes unnoticed', () => {
  fc.assert(
    fc.property(bytes(40), bytes(200), fc.nat(), (key, value, choice) => {
      const all = Buffer.concat([key, encodeSealed(sealValue(key, value))])
      const bit = choice % (all.byteLength * 8)
      all[bit >> 3] = (all[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const [harmedKey, harmed] = [all.subarray(0, key.byteLength), all.subarray(key.byteLength)]
      assert.equal(isIntact(harmedKey, decodeSealed(harmed)), false)
    }),
  )
})

test('what is shorter than a checksum is no value', () => {
  for (let size = 0; size < CHECKSUM_BYTES; size++) {
    assert.equal(isIntact(Uint8Array.of(1), decodeSealed(Buffer.alloc(size))), false)
  }
})
