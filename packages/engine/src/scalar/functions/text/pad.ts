import { queryError } from '../../condition.js'
import { LENGTH_MAX } from '../../value-limits.js'
import { characterCount, sliceCharacters } from './characters.js'

export function tooLong(): Error {
  return queryError('program_limit_exceeded', 'requested length too large')
}

/** `text` cut off or filled up to `length` characters with `fill`, repeated, before or after it. */
export function pad(text: string, length: number, fill: string, side: 'left' | 'right'): string {
  if (length <= 0) return ''
  if (length > LENGTH_MAX) throw tooLong()
  const missing = length - characterCount(text)
  if (missing <= 0 || fill === '') return sliceCharacters(text, 0, length)
  const size = characterCount(fill)
  const filling = sliceCharacters(fill.repeat(Math.ceil(missing / size)), 0, missing)
  return side === 'left' ? filling + text : text + filling
}

export function repeat(text: string, count: number): string {
  if (count <= 0 || text === '') return ''
  if (text.length * count > LENGTH_MAX) throw tooLong()
  return text.repeat(count)
}
