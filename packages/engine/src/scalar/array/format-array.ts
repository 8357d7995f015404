import type { Value } from '../value.js'
import type { SqlArray } from './sql-array.js'

/** @param format writes an element that is not null. */
export function formatArray(array: SqlArray, delimiter: string, format: (element: Value) => string): string {
  const { elements, dimensions } = array
  if (elements.length === 0) return '{}'
  let at = 0
  const write = (depth: number): string => {
    const length = dimensions[depth]?.length ?? 0
    const items: string[] = []
    for (let i = 0; i < length; i++) {
      if (depth < dimensions.length - 1) items.push(write(depth + 1))
      else items.push(formatElement(elements[at++] ?? null, delimiter, format))
    }
    return `{${items.join(delimiter)}}`
  }
  return boundsOf(array) + write(0)
}

/** Nothing where all begin at 1. */
function boundsOf({ dimensions }: SqlArray): string {
  if (dimensions.every(({ lower }) => lower === 1)) return ''
  return `${dimensions.map(({ lower, length }) => `[${lower}:${lower + length - 1}]`).join('')}=`
}

function formatElement(element: Value, delimiter: string, format: (element: Value) => string): string {
  if (element === null) return 'NULL'
  const text = format(element)
  if (!needsQuotes(text, delimiter)) return text
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}

const SPECIAL = /[{}"\\ \t\n\v\f\r]/

function needsQuotes(text: string, delimiter: string): boolean {
  if (text === '' || SPECIAL.test(text) || text.includes(delimiter)) return true
  return text.length === 4 && text.toUpperCase() === 'NULL'
}
