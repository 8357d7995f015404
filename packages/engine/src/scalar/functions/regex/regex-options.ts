import { queryError } from '../../condition.js'

/** How a regular expression is to be read and matched. */
export interface RegexOptions {
  readonly isCaseIgnored: boolean
  /** `.` and negated sets do not match a newline. */
  readonly stopsAtNewline: boolean
  /** `^` and `$` match at the beginning and the end of each line. */
  readonly anchorsAtLines: boolean
  /** White space and comments are left out. */
  readonly isExpanded: boolean
  /** `advanced` knows escapes; `extended` is POSIX's; `literal` takes each character for itself. */
  readonly syntax: 'advanced' | 'extended' | 'basic' | 'literal'
}

export const DEFAULT_OPTIONS: RegexOptions = {
  isCaseIgnored: false,
  stopsAtNewline: false,
  anchorsAtLines: false,
  isExpanded: false,
  syntax: 'advanced',
}

/** The options with one letter of a flags argument, or of `(?…)`, applied; undefined for a letter that is none. */
export function withOption(options: RegexOptions, letter: string): RegexOptions | undefined {
  switch (letter) {
    case 'i':
      return { ...options, isCaseIgnored: true }
    case 'c':
      return { ...options, isCaseIgnored: false }
    case 'n':
    case 'm':
      return { ...options, stopsAtNewline: true, anchorsAtLines: true }
    case 's':
      return { ...options, stopsAtNewline: false, anchorsAtLines: false }
    case 'p':
      return { ...options, stopsAtNewline: true, anchorsAtLines: false }
    case 'w':
      return { ...options, stopsAtNewline: false, anchorsAtLines: true }
    case 'x':
      return { ...options, isExpanded: true }
    case 't':
      return { ...options, isExpanded: false }
    case 'q':
      return { ...options, syntax: 'literal' }
    case 'e':
      return { ...options, syntax: 'extended' }
    case 'b':
      return { ...options, syntax: 'basic' }
    default:
      return undefined
  }
}

export interface RegexFlags {
  readonly options: RegexOptions
  readonly isGlobal: boolean
}

/** @throws invalid_parameter_value */
export function parseFlags(flags: string): RegexFlags {
  let options = DEFAULT_OPTIONS
  let isGlobal = false
  for (const letter of flags) {
    if (letter === 'g') {
      isGlobal = true
      continue
    }
    const next = withOption(options, letter)
    if (next === undefined) {
      throw queryError('invalid_parameter_value', `invalid regular expression option: "${letter}"`)
    }
    options = next
  }
  return { options, isGlobal }
}
