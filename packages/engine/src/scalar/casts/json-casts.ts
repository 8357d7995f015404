import { queryError } from '../condition.js'
import type { ScalarType } from '../data-type.js'
import type { Cast } from '../functions/function.js'
import { jsonTypeName } from '../json/format-json.js'
import type { Jsonb } from '../json/jsonb.js'
import {
  numericToFloat4,
  numericToFloat8,
  numericToInt2,
  numericToInt4,
  numericToInt8,
} from '../numeric/convert-numeric.js'
import { Numeric } from '../numeric/numeric.js'
import { bool } from '../types/bool-type.js'
import { float4, float8 } from '../types/float-types.js'
import { int2, int4, int8 } from '../types/integer-types.js'
import { json, jsonb } from '../types/json-types.js'
import { numeric } from '../types/numeric-type.js'
import type { Value } from '../value.js'
import { castAsText, castBy } from './define-cast.js'

function cannotCast({ root }: Jsonb, typeName: string): Error {
  const kind = jsonTypeName(root)
  return queryError(
    'invalid_parameter_value',
    `cannot cast jsonb ${kind === 'number' ? 'numeric' : kind} to type ${typeName}`,
  )
}

function toNumber(target: ScalarType, convert: (value: Numeric) => Value): Cast {
  return castBy<Jsonb>(jsonb, target, 'explicit', (value) => {
    if (value.root instanceof Numeric) return convert(value.root)
    throw cannotCast(value, target.displayName)
  })
}

export const jsonCasts: readonly Cast[] = [
  castAsText(json, jsonb, 'assignment'),
  castAsText(jsonb, json, 'assignment'),
  castBy<Jsonb>(jsonb, bool, 'explicit', (value) => {
    if (typeof value.root === 'boolean') return value.root
    throw cannotCast(value, 'boolean')
  }),
  toNumber(numeric, (value) => value),
  toNumber(int2, numericToInt2),
  toNumber(int4, numericToInt4),
  toNumber(int8, numericToInt8),
  toNumber(float4, numericToFloat4),
  toNumber(float8, numericToFloat8),
]
