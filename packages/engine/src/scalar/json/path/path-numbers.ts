/** Arithmetic in paths, and the methods of items that give numbers. */
import { OrbitError } from '@orbit-ts/base'
import {
  absNumeric,
  addNumeric,
  divideNumeric,
  moduloNumeric,
  multiplyNumeric,
  negateNumeric,
  subtractNumeric,
} from '../../numeric/arithmetic.js'
import { numericFromFloat8 } from '../../numeric/convert-numeric.js'
import { Numeric } from '../../numeric/numeric.js'
import { ceilNumeric, floorNumeric } from '../../numeric/round-numeric.js'
import { parseFloat8 } from '../../types/float-types.js'
import type { JsonNode } from '../jsonb.js'
import type { ArithmeticOperator } from './json-path.js'
import { PathError } from './path-error.js'

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (a: Numeric, b: Numeric) => Numeric>> = {
  '+': addNumeric,
  '-': subtractNumeric,
  '*': multiplyNumeric,
  '/': divideNumeric,
  '%': moduloNumeric,
}

export function singleNumber(items: readonly JsonNode[], side: string, operator: string): Numeric {
  const [value, ...others] = items
  if (value instanceof Numeric && others.length === 0) return value
  throw new PathError(
    'singleton_sql_json_item_required',
    `${side} operand of jsonpath operator ${operator} is not a single numeric value`,
  )
}

export function signed(operator: '+' | '-', item: JsonNode): Numeric {
  if (!(item instanceof Numeric)) {
    throw new PathError(
      'sql_json_number_not_found',
      `operand of unary jsonpath operator ${operator} is not a numeric value`,
    )
  }
  return operator === '+' ? item : negateNumeric(item)
}

/** @throws PathError, for division by zero too: the document is to blame */
export function computeNumbers(operator: ArithmeticOperator, a: Numeric, b: Numeric): Numeric {
  try {
    return ARITHMETIC[operator](a, b)
  } catch (error) {
    if (!(error instanceof OrbitError)) throw error
    throw PathError.of(error)
  }
}

export function numberMethod(name: 'abs' | 'floor' | 'ceiling', item: JsonNode): Numeric {
  if (!(item instanceof Numeric)) {
    throw new PathError(
      'non_numeric_sql_json_item',
      `jsonpath item method .${name}() can only be applied to a numeric value`,
    )
  }
  return name === 'abs' ? absNumeric(item) : name === 'floor' ? floorNumeric(item) : ceilNumeric(item)
}

export function toDouble(item: JsonNode): Numeric {
  if (item instanceof Numeric) {
    if (!Number.isFinite(Number(item.toString()))) {
      throw new PathError(
        'non_numeric_sql_json_item',
        'numeric argument of jsonpath item method .double() is out of range for type double precision',
      )
    }
    return item
  }
  if (typeof item !== 'string') {
    throw new PathError(
      'non_numeric_sql_json_item',
      'jsonpath item method .double() can only be applied to a string or numeric value',
    )
  }
  const value = tryParseFloat(item)
  if (value === undefined || !Number.isFinite(value)) {
    throw new PathError(
      'non_numeric_sql_json_item',
      'string argument of jsonpath item method .double() is not a valid representation of a double precision number',
    )
  }
  return numericFromFloat8(value)
}

function tryParseFloat(text: string): number | undefined {
  try {
    return parseFloat8(text)
  } catch (error) {
    if (error instanceof OrbitError) return undefined
    throw error
  }
}
