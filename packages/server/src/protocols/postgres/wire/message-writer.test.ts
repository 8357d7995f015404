import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ByteWriter } from '@orbit-ts/storage'
import { MessageWriter } from './message-writer.js'

describe('MessageWriter', () => {
  it('keeps numbers at whose place the buffer has to grow', () => {
    for (let capacity = 1; capacity < 40; capacity++) {
      const writer = new MessageWriter(new ByteWriter(capacity))
      writer.begin('D')
      writer.int16(-2)
      writer.int32(-3)
      writer.uint32(4_000_000_000)
      writer.end()
      const bytes = Buffer.from(writer.take())
      assert.equal(
        bytes.toString('hex'),
        '440000000e' + 'fffe' + 'fffffffd' + 'ee6b2800',
        `capacity ${capacity}`,
      )
    }
  })
})
