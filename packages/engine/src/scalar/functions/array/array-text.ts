import { SqlArray } from '../../array/sql-array.js'
import type { DataType } from '../../data-type.js'
import type { ScalarContext } from '../../scalar-context.js'
import type { Row } from '../../value.js'
import { ELEMENTS_MAX, requireElements, requireLength } from '../../value-limits.js'
import { bound, scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'
import { characterCount } from '../text/characters.js'
import { shownText } from '../text/text-of-value.js'
import { elementTypeOf } from './element-equality.js'

function bindToString(
  types: readonly DataType[],
): (
  context: ScalarContext,
  array: SqlArray | null,
  separator: string | null,
  nullText?: string | null,
) => string | null {
  const textOf = shownText(elementTypeOf(types))
  return (context, array, separator, nullText = null) => {
    if (array === null || separator === null) return null
    let result = ''
    let isFirst = true
    for (const element of array.elements) {
      const text = element === null ? nullText : textOf(context, element)
      if (text === null) continue
      result += isFirst ? text : separator + text
      requireLength(result.length)
      isFirst = false
    }
    return result
  }
}

/** The fields between separators: an empty separator gives one field, a null one each character. */
function fields(text: string, separator: string | null, nullText: string | null): (string | null)[] {
  if (text === '') return []
  if (separator === null) requireElements(characterCount(text))
  const parts =
    separator === null
      ? Array.from(text)
      : separator === ''
        ? [text]
        : text.split(separator, ELEMENTS_MAX + 1)
  requireElements(parts.length)
  return parts.map((part) => (part === nullText ? null : part))
}

function toArray(
  _: unknown,
  text: string | null,
  separator: string | null,
  nullText: string | null = null,
): SqlArray | null {
  return text === null ? null : new SqlArray(fields(text, separator, nullText))
}

function toRows(
  _: unknown,
  text: string | null,
  separator: string | null,
  nullText: string | null = null,
): Iterable<Row> {
  return text === null ? [] : fields(text, separator, nullText).map((field) => [field])
}

export const arrayText: readonly AnyFunction[] = [
  bound('395 array_to_string(anyarray,text) text stable', bindToString),
  bound('384 array_to_string(anyarray,text,text) text nullable stable', bindToString),
  scalar('394 string_to_array(text,text) _text nullable', toArray),
  scalar('376 string_to_array(text,text,text) _text nullable', toArray),
  table('6160 string_to_table(text,text) text nullable', toRows),
  table('6161 string_to_table(text,text,text) text nullable', toRows),
]
