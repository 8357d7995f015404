import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { ByteWindow } from './byte-window.js'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const lines = (bytes: Buffer): number => bytes.filter((byte) => byte === 0x0a).length

it('answers as the whole input would, whatever the chunks and commits are', () => {
  const chunk = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.map((byte) => byte % 12)))
  fc.assert(
    fc.property(
      fc.array(chunk, { maxLength: 12 }),
      fc.array(fc.nat(240), { maxLength: 8 }),
      (chunks, cuts) => {
        const whole = Buffer.concat(chunks)
        const window = new ByteWindow()
        for (const each of chunks) window.append(each)
        assert.equal(window.end, whole.length)
        for (const cut of cuts.map((each) => each % (whole.length + 1)).sort((a, b) => a - b)) {
          const { offset } = window.committed
          assert.deepEqual(window.slice(offset, cut), whole.subarray(offset, cut))
          assert.equal(window.countLines(offset, cut), lines(whole.subarray(offset, cut)))
          const found = whole.indexOf(0x0a, cut)
          assert.equal(window.lineFeed(cut), found < 0 ? undefined : found)
          const place = {
            offset: cut,
            line: 1 + lines(whole.subarray(0, cut)),
            sha256: sha256(whole.subarray(0, cut)),
          }
          assert.deepEqual(window.placeAt(cut), place)
          window.commit(cut)
          assert.deepEqual(window.committed, { offset: place.offset, line: place.line })
          assert.deepEqual(window.placeAt(cut), place)
        }
      },
    ),
  )
})

it('goes on behind a prefix that was read before', () => {
  const hash = createHash('sha256').update('one\ntwo\n')
  const window = new ByteWindow({ offset: 8, line: 3 }, hash)
  window.append(Buffer.from('three\n'))
  assert.deepEqual(window.placeAt(14), {
    offset: 14,
    line: 4,
    sha256: sha256(Buffer.from('one\ntwo\nthree\n')),
  })
})

it('refuses bytes that it does not hold', () => {
  const window = new ByteWindow()
  window.append(Buffer.from('abc'))
  window.commit(1)
  for (const [from, to] of [
    [0, 2],
    [2, 4],
    [2, 1],
  ] as const) {
    assert.throws(
      () => window.slice(from, to),
      (error) => hasCode(error, 'INTERNAL'),
    )
  }
})
