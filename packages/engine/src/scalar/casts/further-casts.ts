/** Of bit strings, network addresses, money and ranges. */
import { bitsOfInteger, integerOfBits } from '../functions/bits/bit-functions.js'
import type { Cast } from '../functions/function.js'
import { moneyOfInteger, moneyOfNumeric, numericOfMoney } from '../functions/money/money-functions.js'
import { macOfEight, macToEight } from '../functions/network/network-functions.js'
import { ofRange } from '../functions/ranges/range-functions.js'
import { inetOf, inetText, masked, networkText } from '../network/inet.js'
import type { Numeric } from '../numeric/numeric.js'
import type { RangeValue } from '../ranges/range-value.js'
import { bit, varbit } from '../types/bit-types.js'
import { int4, int8 } from '../types/integer-types.js'
import { money } from '../types/money-type.js'
import { cidr, inet, macaddr, macaddr8 } from '../types/network-types.js'
import { numeric } from '../types/numeric-type.js'
import { RANGE_TYPES } from '../types/range-types.js'
import { bpchar, text, varchar } from '../types/text-types.js'
import type { Int64 } from '../value.js'
import { castBy, relabel } from './define-cast.js'

export const furtherCasts: readonly Cast[] = [
  relabel(bit, varbit, 'implicit'),
  relabel(varbit, bit, 'implicit'),
  castBy<Int64>(int4, bit, 'explicit', (value, _, { modifier }) => bitsOfInteger(value, modifier)),
  castBy<Int64>(int8, bit, 'explicit', (value, _, { modifier }) => bitsOfInteger(value, modifier)),
  castBy<string>(bit, int4, 'explicit', (bits) => integerOfBits(bits, 32)),
  castBy<string>(bit, int8, 'explicit', (bits) => integerOfBits(bits, 64)),
  castBy<string>(cidr, inet, 'implicit', (value) => inetText(inetOf(value))),
  castBy<string>(inet, cidr, 'assignment', (value) => networkText(masked(inetOf(value)))),
  ...[inet, cidr].flatMap((type) =>
    [text, varchar, bpchar].map((target) =>
      castBy<string>(type, target, 'assignment', (value) => networkText(inetOf(value))),
    ),
  ),
  castBy<string>(macaddr, macaddr8, 'implicit', macToEight),
  castBy<string>(macaddr8, macaddr, 'implicit', macOfEight),
  castBy<Int64>(money, numeric, 'assignment', numericOfMoney, 'stable'),
  castBy<Numeric>(numeric, money, 'assignment', moneyOfNumeric, 'stable'),
  castBy<Int64>(int4, money, 'assignment', moneyOfInteger, 'stable'),
  castBy<Int64>(int8, money, 'assignment', moneyOfInteger, 'stable'),
  ...RANGE_TYPES.map(([range, multirange]) => castBy<RangeValue>(range, multirange, 'explicit', ofRange)),
]
