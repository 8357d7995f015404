export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** From Sunday on. */
export const DAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
]

/** From January on. */
export const ROMAN_MONTHS: readonly string[] = [
  'I',
  'II',
  'III',
  'IV',
  'V',
  'VI',
  'VII',
  'VIII',
  'IX',
  'X',
  'XI',
  'XII',
]

/** `st`, `nd`, `rd` or `th`, for a number that is written like this. */
export function ordinalEnding(digits: string): string {
  const last = digits.at(-1) ?? ''
  if (digits.length > 1 && digits.at(-2) === '1') return 'th'
  return last === '1' ? 'st' : last === '2' ? 'nd' : last === '3' ? 'rd' : 'th'
}
