import { compareNumeric, numericHashKey } from '../numeric/compare-numeric.js'
import { decodeNumeric, encodeNumeric } from '../numeric/numeric-binary.js'
import {
  applyNumericModifier,
  formatNumericModifier,
  makeNumericModifier,
} from '../numeric/numeric-modifier.js'
import type { Numeric } from '../numeric/numeric.js'
import { parseNumeric } from '../numeric/parse-numeric.js'
import { defineType } from './define-type.js'

export const numeric = defineType<Numeric>({
  oid: 1700,
  name: 'numeric',
  category: 'N',
  parse: (text, modifier) => applyNumericModifier(parseNumeric(text), modifier),
  format: (value) => value.toString(),
  encode: encodeNumeric,
  decode: (bytes, modifier) => applyNumericModifier(decodeNumeric(bytes), modifier),
  compare: compareNumeric,
  hashKey: numericHashKey,
  applyModifier: applyNumericModifier,
  makeModifier: makeNumericModifier,
  formatModifier: formatNumericModifier,
})
