/** The proleptic Gregorian calendar. Years count through zero: 1 BC is 0, 2 BC is -1. Days count from 1970-01-01. */

export const MICROS_PER_SECOND = 1_000_000
export const MICROS_PER_MINUTE = 60_000_000
export const MICROS_PER_HOUR = 3_600_000_000
export const MICROS_PER_DAY = 86_400_000_000
/** What PostgreSQL counts days from Julian day 0 on; 1970-01-01 is this many days later. */
export const JULIAN_OF_1970 = 2_440_588
/** PostgreSQL's own epoch, 2000-01-01, in days of ours. */
export const DAYS_TO_2000 = 10_957

export interface CivilDate {
  year: number
  /** 1 to 12. */
  month: number
  day: number
}

/** Any month and day are taken: the 0th is the day before the first. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month - 1] ?? 31)
}

/** 0 is Sunday. */
export function weekday(days: number): number {
  return (((days + 4) % 7) + 7) % 7
}

/** The first day of an ISO week of an ISO year. */
export function isoWeekStart(isoYear: number, week: number): number {
  const fourth = daysFromCivil(isoYear, 1, 4)
  return fourth - ((weekday(fourth) + 6) % 7) + (week - 1) * 7
}

/** The ISO year and week that a day lies in. */
export function isoWeek(days: number): { year: number; week: number } {
  const { year } = civilFromDays(days)
  for (const candidate of [year + 1, year, year - 1]) {
    const start = isoWeekStart(candidate, 1)
    if (days >= start) return { year: candidate, week: Math.floor((days - start) / 7) + 1 }
  }
  return { year, week: 1 }
}

export const MONTH_NAMES = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
]
export const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
