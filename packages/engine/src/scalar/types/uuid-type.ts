import { asBuffer } from '@orbit-ts/base'
import { invalidText, requireSize } from './bad-input.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** A hyphen may follow any group of four digits. */
const ACCEPTED = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i

export function parseUuid(text: string): string {
  if (CANONICAL.test(text)) return text
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  if (!ACCEPTED.test(inner)) throw invalidText('uuid', text)
  return withHyphens(inner.replaceAll('-', '').toLowerCase())
}

function withHyphens(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The text of sixteen bytes. */
export function uuidFromBytes(bytes: Uint8Array): string {
  return withHyphens(asBuffer(bytes).toString('hex'))
}

export const uuid = defineType<string>({
  oid: 2950,
  name: 'uuid',
  category: 'U',
  length: 16,
  parse: parseUuid,
  format: identity,
  encode: (writer, value) => writer.bytes(Buffer.from(value.replaceAll('-', ''), 'hex')),
  decode: (bytes) => {
    requireSize(bytes, 16)
    return uuidFromBytes(bytes)
  },
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  hashKey: identity,
})
