import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { quotedFields } from './quoted-fields.js'

it('says of each field whether it stands in quotes', () => {
  assert.deepEqual(quotedFields(Buffer.from('a,"b",,""\n'), ','), [false, true, false, true])
  assert.deepEqual(quotedFields(Buffer.from('"a,""b"",\n";"c"'), ';'), [true, true])
  assert.deepEqual(quotedFields(Buffer.from('\n'), ','), [false])
  assert.deepEqual(quotedFields(Buffer.from('"",\r\n'), ','), [true, false])
})

it('knows what was written', () => {
  const plain = fc.string({ unit: fc.constantFrom('a', ' ', 'é') })
  const inner = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n') })
  const field = fc.oneof(
    plain.map((text) => ({ text, isQuoted: false })),
    inner.map((text) => ({ text: `"${text.replaceAll('"', '""')}"`, isQuoted: true })),
  )
  fc.assert(
    fc.property(fc.array(field, { minLength: 1 }), fc.constantFrom('', '\n', '\r\n'), (fields, end) => {
      const row = fields.map(({ text }) => text).join(',') + end
      assert.deepEqual(
        quotedFields(Buffer.from(row), ','),
        fields.map(({ isQuoted }) => isQuoted),
      )
    }),
  )
})
