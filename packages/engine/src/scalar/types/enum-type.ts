import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import { defineType } from './define-type.js'
import { identity } from './compare-numbers.js'
import { decodeText } from './text-types.js'

export interface EnumTypeOptions {
  readonly oid: number
  readonly name: string
  /** As `format_type` writes it; default: the name. */
  readonly displayName?: string
  /** In order. */
  readonly labels: readonly string[]
}

export function makeEnumType({ oid, name, displayName = name, labels }: EnumTypeOptions): ScalarType {
  const positions = new Map(labels.map((label, index) => [label, index]))
  const parse = (text: string): string => {
    if (positions.has(text)) return text
    throw queryError('invalid_text_representation', `invalid input value for enum ${displayName}: "${text}"`)
  }
  return defineType<string>({
    oid,
    name,
    displayName,
    category: 'E',
    length: 4,
    labels,
    parse,
    format: identity,
    encode: (writer, value) => {
      writer.text(value)
    },
    decode: (bytes) => parse(decodeText(bytes)),
    compare: (a, b) => (positions.get(a) ?? -1) - (positions.get(b) ?? -1),
    hashKey: identity,
  })
}
