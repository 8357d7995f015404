/**
 * The nearest number of single precision to a decimal text, whose nearest double is known.
 *
 * A double that lies exactly between two singles may stand for a text on one side of it, which rounding twice loses.
 */
export function roundToSingle(text: string, double: number): number {
  const single = Math.fround(double)
  if (single === double || !Number.isFinite(single)) return single
  const other = Math.fround(double + (double - single))
  if (other === single || double - single !== other - double) return single
  const side = compareToDouble(text, double)
  return side === 0 ? single : side > 0 ? Math.max(single, other) : Math.min(single, other)
}

/** Whether the number that a text stands for is below (negative), at or above a double. */
function compareToDouble(text: string, double: number): number {
  const [mantissa = '', exponentText = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const exponent = Number(exponentText) - fraction.length
  let halvings = 0
  for (; !Number.isInteger(double); double *= 2) halvings++
  const written = BigInt(whole.replace('+', '') + fraction) * 10n ** BigInt(Math.max(exponent, 0))
  const left = written << BigInt(halvings)
  const right = BigInt(double) * 10n ** BigInt(Math.max(-exponent, 0))
  return left < right ? -1 : left > right ? 1 : 0
}
