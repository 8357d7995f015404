/** Amounts of money: hundredths, as 64-bit integers, written as in the locale `C`. */
import { queryError } from '../condition.js'
import { int64, type Int64 } from '../value.js'
import { invalidText } from './bad-input.js'
import { compareInt64, identity } from './compare-numbers.js'
import { defineType } from './define-type.js'
import { int8 } from './integer-types.js'

const AMOUNT = /^\s*(\(|-|\+)?\s*(\$)?\s*(-|\+|\()?\s*([\d,]*)(?:\.(\d*))?\s*(\))?\s*(-|\+)?\s*(\$)?\s*$/

export function parseMoney(text: string): Int64 {
  const match = AMOUNT.exec(text)
  const [, sign, , inner, whole = '', fraction = '', , trailing] = match ?? []
  if (match === null || (whole + fraction).replaceAll(',', '') === '') throw invalidText('money', text)
  const isNegative = [sign, inner, trailing].some((each) => each === '-' || each === '(')
  const cents = fraction.slice(0, 2).padEnd(2, '0')
  let amount = BigInt(`${whole.replaceAll(',', '')}${cents}`)
  if ((fraction[2] ?? '0') >= '5') amount += 1n
  if (isNegative) amount = -amount
  if (BigInt.asIntN(64, amount) !== amount) {
    throw queryError('numeric_value_out_of_range', `value "${text}" is out of range for type money`)
  }
  return int64(amount)
}

export function formatMoney(value: Int64): string {
  const amount = BigInt(value)
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, '0')
  const whole = digits.slice(0, -2).replace(/\B(?=(?:\d{3})+$)/g, ',')
  return `${amount < 0n ? '-' : ''}$${whole}.${digits.slice(-2)}`
}

export const money = defineType<Int64>({
  oid: 790,
  name: 'money',
  category: 'N',
  length: 8,
  parse: parseMoney,
  format: formatMoney,
  encode: (writer, value, context) => int8.encode(writer, value, context),
  decode: (bytes, modifier, context) => int8.decode(bytes, modifier, context) as Int64,
  compare: compareInt64,
  hashKey: identity,
})
