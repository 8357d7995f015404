/** The words that dates, times and intervals are written with. Only their first ten letters count. */

export type DatetimeWord =
  | { readonly kind: 'month' | 'weekday'; readonly value: number }
  | { readonly kind: 'special'; readonly value: SpecialMoment }
  | { readonly kind: 'meridiem'; readonly value: 'am' | 'pm' }
  | { readonly kind: 'era'; readonly value: 'ad' | 'bc' }
  | { readonly kind: 'ignored' }
  /** Says that daylight saving time is meant: `MET DST`. */
  | { readonly kind: 'summer' }
  /** Says what the next field is. */
  | { readonly kind: 'label'; readonly value: 'julian' | 'other' }
  /** `T` between a date and a time. */
  | { readonly kind: 'separator' }

export type SpecialMoment =
  'now' | 'today' | 'tomorrow' | 'yesterday' | 'allballs' | 'epoch' | 'infinity' | '-infinity'

const SIGNIFICANT_LETTERS = 10

const WORDS = new Map<string, DatetimeWord>()

function add(words: string, meaning: DatetimeWord): void {
  for (const word of words.split(' ')) WORDS.set(word, meaning)
}

const MONTHS = [
  ...['jan january', 'feb february', 'mar march', 'apr april', 'may', 'jun june', 'jul july'],
  ...['aug august', 'sep sept september', 'oct october', 'nov november', 'dec december'],
]
for (const [index, names] of MONTHS.entries()) add(names, { kind: 'month', value: index + 1 })

const WEEKDAYS = [
  ...['sun sunday', 'mon monday', 'tue tues tuesday', 'wed wednesday weds'],
  ...['thu thur thurs thursday', 'fri friday', 'sat saturday'],
]
for (const [index, names] of WEEKDAYS.entries()) add(names, { kind: 'weekday', value: index })

for (const value of [
  'now',
  'today',
  'tomorrow',
  'yesterday',
  'allballs',
  'epoch',
  'infinity',
  '-infinity',
] as const) {
  add(value, { kind: 'special', value })
}
add('am', { kind: 'meridiem', value: 'am' })
add('pm', { kind: 'meridiem', value: 'pm' })
add('ad', { kind: 'era', value: 'ad' })
add('bc', { kind: 'era', value: 'bc' })
add('at on', { kind: 'ignored' })
add('dst', { kind: 'summer' })
add('j jd julian', { kind: 'label', value: 'julian' })
add('d dow doy h isodow isoyear m mm s y', { kind: 'label', value: 'other' })
add('t', { kind: 'separator' })

export function findDatetimeWord(word: string): DatetimeWord | undefined {
  return WORDS.get(word.slice(0, SIGNIFICANT_LETTERS))
}

export function isDatetimeWord(word: string): boolean {
  return findDatetimeWord(word) !== undefined
}

export type IntervalUnit =
  | 'microsecond'
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium'

export type IntervalWord = IntervalUnit | 'ago' | 'ignored'

const INTERVAL_WORDS = new Map<string, IntervalWord>()

const INTERVAL_NAMES: Readonly<Record<IntervalWord, string>> = {
  ago: 'ago',
  ignored: '@',
  microsecond: 'microsecon us usec usecond useconds usecs',
  millisecond: 'millisecon ms msec msecond mseconds msecs',
  second: 's sec second seconds secs',
  minute: 'm min mins minute minutes',
  hour: 'h hour hours hr hrs',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  year: 'y year years yr yrs',
  decade: 'dec decade decades decs',
  century: 'c cent centuries century',
  millennium: 'mil millennia millennium mils',
}
for (const [meaning, names] of Object.entries(INTERVAL_NAMES)) {
  for (const name of names.split(' ')) INTERVAL_WORDS.set(name, meaning as IntervalWord)
}

export function findIntervalWord(word: string): IntervalWord | undefined {
  return INTERVAL_WORDS.get(word.slice(0, SIGNIFICANT_LETTERS))
}
