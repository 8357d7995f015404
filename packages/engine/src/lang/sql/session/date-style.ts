import { queryError } from '../../../scalar/condition.js'

const STYLES = ['ISO', 'SQL', 'Postgres', 'German']

/** `DateStyle` from its words: the style and the order of day and month may each be left out. */
export function dateStyle(current: string, text: string): string {
  let [style = 'ISO', order = 'MDY'] = current.split(/,\s*/)
  for (const word of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const given = word.toLowerCase()
    const named = STYLES.find(
      (each) =>
        each.toLowerCase() === given ||
        (given.length >= 3 && each.toLowerCase().startsWith(given) && given !== 'sql'),
    )
    if (named !== undefined) style = named
    else if (given === 'dmy' || given.startsWith('euro')) order = 'DMY'
    else if (given === 'mdy' || given.startsWith('us') || given.startsWith('noneuro')) order = 'MDY'
    else if (given === 'ymd') order = 'YMD'
    else if (given === 'default') [style, order] = ['ISO', 'MDY']
    else
      throw queryError('invalid_parameter_value', `invalid value for parameter "DateStyle": "${text}"`, {
        detail: `Unrecognized key word: "${given}".`,
      })
  }
  return `${style}, ${order}`
}
