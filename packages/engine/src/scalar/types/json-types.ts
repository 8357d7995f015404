import { compareJsonb, jsonbHashKey } from '../json/compare-jsonb.js'
import { formatJsonb } from '../json/format-json.js'
import type { Jsonb } from '../json/jsonb.js'
import { canonicalPath } from '../json/path/query-path.js'
import { checkJson, parseJsonb } from '../json/parse-json.js'
import { invalidBinary } from './bad-input.js'
import { identity } from './compare-numbers.js'
import { defineType } from './define-type.js'
import { decodeText } from './text-types.js'

export const json = defineType<string>({
  oid: 114,
  name: 'json',
  category: 'U',
  parse: checkJson,
  format: identity,
  encode: (writer, value) => {
    writer.text(value)
  },
  decode: (bytes) => checkJson(decodeText(bytes)),
  compare: undefined,
  hashKey: undefined,
})

/** The version of the binary form: a byte before the text. */
const BINARY_VERSION = 1

export const jsonb = defineType<Jsonb>({
  oid: 3802,
  name: 'jsonb',
  category: 'U',
  parse: parseJsonb,
  format: ({ root }) => formatJsonb(root),
  encode: (writer, { root }) => {
    writer.byte(BINARY_VERSION)
    writer.text(formatJsonb(root))
  },
  decode: (bytes) => {
    if (bytes[0] !== BINARY_VERSION) throw invalidBinary(`unsupported jsonb version number ${bytes[0] ?? 0}`)
    return parseJsonb(decodeText(bytes.subarray(1)))
  },
  compare: compareJsonb,
  hashKey: jsonbHashKey,
})

/** A path; its value is its text in the form that PostgreSQL shows. `pathOf` takes it apart. */
export const jsonpath = defineType<string>({
  oid: 4072,
  name: 'jsonpath',
  category: 'U',
  parse: canonicalPath,
  format: identity,
  encode: (writer, value) => {
    writer.byte(BINARY_VERSION)
    writer.text(value)
  },
  decode: (bytes) => {
    if (bytes[0] !== BINARY_VERSION)
      throw invalidBinary(`unsupported jsonpath version number: ${bytes[0] ?? 0}`)
    return canonicalPath(decodeText(bytes.subarray(1)))
  },
  compare: undefined,
  hashKey: undefined,
})
