import { queryError } from '../../condition.js'
import type { ScalarType } from '../../data-type.js'
import { shownText, type TextOf } from '../text/text-of-value.js'
import type { Int64 } from '../../value.js'
import { isoDate, isoMoment, isoTimestamp } from './iso-json.js'
import { isNested } from './json-text-of.js'

/** How values of a type are written as keys of an object. @throws invalid_parameter_value for types that cannot be */
export function keyText(type: ScalarType): TextOf {
  if (isNested(type) || type.name === 'json' || type.name === 'jsonb') {
    throw queryError('invalid_parameter_value', 'key value must be scalar, not array, composite, or json')
  }
  switch (type.name) {
    case 'bool':
      return (_, value) => (value === true ? 'true' : 'false')
    case 'date':
      return (_, value) => isoDate(value as number)
    case 'timestamp':
      return (_, value) => isoTimestamp(value as Int64)
    case 'timestamptz':
      return ({ timeZone }, value) => isoMoment(value as Int64, timeZone)
    default:
      return shownText(type)
  }
}
