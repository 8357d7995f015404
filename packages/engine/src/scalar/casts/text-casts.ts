/** Between the string types, and from text to `regclass`. */
import type { Cast } from '../functions/function.js'
import { parseReg, regclass } from '../types/reg-types.js'
import { bpchar, char, name, text, trimPadding, truncateName, varchar } from '../types/text-types.js'
import { castAsText, castBy, relabel } from './define-cast.js'

export const textCasts: readonly Cast[] = [
  relabel(text, bpchar, 'implicit'),
  relabel(text, varchar, 'implicit'),
  relabel(varchar, text, 'implicit'),
  relabel(varchar, bpchar, 'implicit'),
  castBy<string>(bpchar, text, 'implicit', trimPadding),
  castBy<string>(bpchar, varchar, 'implicit', trimPadding),
  relabel(name, text, 'implicit'),
  relabel(name, varchar, 'assignment'),
  relabel(name, bpchar, 'assignment'),
  castBy<string>(text, name, 'implicit', truncateName),
  castBy<string>(varchar, name, 'implicit', truncateName),
  castBy<string>(bpchar, name, 'implicit', (value) => truncateName(trimPadding(value))),
  castAsText(char, text, 'implicit'),
  castAsText(char, varchar, 'assignment'),
  castAsText(char, bpchar, 'assignment'),
  castAsText(text, char, 'assignment'),
  castAsText(varchar, char, 'assignment'),
  castAsText(bpchar, char, 'assignment'),
  castBy<string>(text, regclass, 'implicit', (value, context) => parseReg('class', value, context), 'stable'),
  castBy<string>(
    varchar,
    regclass,
    'implicit',
    (value, context) => parseReg('class', value, context),
    'stable',
  ),
]
