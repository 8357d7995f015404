/** Numbers with fewer digits than this are exact in JavaScript. */
const LONG_NUMBER = /\d(?:\.?\d){15}/
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/**
 * JSON text in which each number that JavaScript may round stands as text: 9007199254740993 becomes
 * "9007199254740993", which columns of exact types take too. Undefined when there is no such number.
 */
export function keepExactNumbers(json: string): string | undefined {
  if (!LONG_NUMBER.test(json)) return undefined
  const kept = json.replace(TOKEN, (token) =>
    token.startsWith('"') || isExact(token) ? token : `"${token}"`,
  )
  return kept === json ? undefined : kept
}

/** Whether the number prints as the digits that were read, apart from how they are written, and is that integer. */
function isExact(token: string): boolean {
  const number = Number(token)
  // 23697357055936810 prints as its digits although the double is 23697357055936808.
  if (/^-?\d+$/.test(token)) return Number.isSafeInteger(number)
  return Number.isFinite(number) && digitsOf(String(number)) === digitsOf(token)
}

/** The significant digits and the power of ten, so that 1e21 and 1000000000000000000000 are one. */
function digitsOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [integer = '', fraction = ''] = mantissa.split('.')
  const all = (integer + fraction).replace('-', '').replace(/^0+/, '')
  const digits = all.replace(/0+$/, '')
  return `${text.startsWith('-') ? '-' : ''}${digits}e${Number(exponent) - fraction.length + all.length - digits.length}`
}
