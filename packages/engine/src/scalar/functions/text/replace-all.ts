import { requireLength } from '../../value-limits.js'
import { workMeter } from '../../work-meter.js'

/** Places in a unit of work. */
const PLACES_PER_UNIT = 4

/**
 * The text with another one in all places of a part.
 * @throws program_limit_exceeded, statement_too_complex before anything is made
 */
export function replaceAll(text: string, part: string, by: string): string {
  if (part === '' || text === '') return text
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) {
    count++
    if (count % PLACES_PER_UNIT === 0) workMeter.workOn(1)
  }
  requireLength(text.length + count * (by.length - part.length))
  return count === 0 ? text : text.replaceAll(part, () => by)
}
