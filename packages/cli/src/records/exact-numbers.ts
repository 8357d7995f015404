/** Numbers with fewer digits than this are exact in JavaScript. */
const LONG_NUMBER = /\d(?:\.?\d){15}/
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const OTHER = /[^"\d-]+/y

/**
 * JSON text in which each number that JavaScript may round stands as text: 9007199254740993 becomes
 * "9007199254740993", which columns of exact types take too. Undefined when there is no such number.
 */
export function keepExactNumbers(json: string): string | undefined {
  if (!LONG_NUMBER.test(json)) return undefined
  const parts: string[] = []
  let isChanged = false
  for (let at = 0; at < json.length;) {
    const number = take(NUMBER, json, at)
    const isRounded = number !== undefined && !isExact(number)
    isChanged ||= isRounded
    const end = number === undefined ? otherEnd(json, at) : at + number.length
    parts.push(isRounded ? `"${number}"` : json.slice(at, end))
    at = end
  }
  return isChanged ? parts.join('') : undefined
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Behind what is no number. */
function otherEnd(json: string, at: number): number {
  return json[at] === '"' ? stringEnd(json, at) : at + (take(OTHER, json, at)?.length ?? 1)
}

/** Behind the quote that closes the one at `start`. A regular expression would overflow the stack on long texts. */
function stringEnd(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0
    while (json[at - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return json.length
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
