import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { handleOf } from './handle.js'
import { decodeIndexValue, encodeIndexValue } from './index-value.js'
import { ids, int64s } from './key-arbitraries.test.data.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('index values', () => {
  it('are laid out as TiDB does', () => {
    const common = handleOf([{ kind: 'text', value: 'abc' }])
    equal(hex(encodeIndexValue(1, false)), '0000000000000001')
    equal(hex(encodeIndexValue(-1, false)), 'ffffffffffffffff')
    equal(hex(encodeIndexValue(1, true)), '30')
    equal(hex(encodeIndexValue(common, true)), '007d01')
    equal(hex(encodeIndexValue(common, false)), '007d017f000a016162630000000000fa')
  })

  it('give the handle back', () => {
    const handles = fc.oneof(
      int64s,
      ids.map((text) => handleOf([{ kind: 'text', value: text }])),
    )
    fc.assert(
      fc.property(handles, (handle) => {
        deepEqual(decodeIndexValue(encodeIndexValue(handle, false)), handle)
        equal(decodeIndexValue(encodeIndexValue(handle, true)), undefined)
      }),
    )
  })

  it('refuse anything else', () => {
    for (const text of ['', '31', '00', '007d017f', '007d017f000a016100', '007d017f0001', '007d027f000101']) {
      throws(
        () => decodeIndexValue(Buffer.from(text, 'hex')),
        (error) => hasCode(error, 'STORAGE_CORRUPT'),
        text,
      )
    }
  })
})
