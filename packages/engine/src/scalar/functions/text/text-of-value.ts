import type { ScalarType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Value } from '../../value.js'

export type TextOf = (context: ScalarContext, value: Value) => string

const same: TextOf = (_, value) => value as string

/** The text of values as they are shown to clients: a true is `t`, a `char(n)` keeps its blanks. */
export function shownText(type: ScalarType): TextOf {
  if (type.category === 'S' || type.category === 'X') return same
  return (context, value) => type.format(value, context)
}

/** The text of values as a cast to text gives it: a true is `true`, a `char(n)` loses its blanks. */
export function castText(type: ScalarType): TextOf {
  switch (type.name) {
    case 'bool':
      return (_, value) => (value === true ? 'true' : 'false')
    case 'bpchar':
      return (_, value) => (value as string).replace(/ +$/, '')
    default:
      return shownText(type)
  }
}
