const QUOTE = 0x22

/**
 * For each field of a CSV row whether it stands in quotes. The parser does not tell without being asked about every
 * single field, which costs more than parsing; this looks at the few rows where it matters.
 * @param bytes of one row that the parser has accepted: a quote begins a field or is within one in quotes
 */
export function quotedFields(bytes: Buffer, delimiter: string): boolean[] {
  const separator = delimiter.charCodeAt(0)
  const quoted: boolean[] = []
  for (let at = 0; at <= bytes.length;) {
    const isQuoted = bytes[at] === QUOTE
    quoted.push(isQuoted)
    const end = bytes.indexOf(separator, isQuoted ? closingQuote(bytes, at) : at)
    if (end < 0) break
    at = end + 1
  }
  return quoted
}

/** Where the quote is that closes the one at `opening`; a doubled one does not. */
function closingQuote(bytes: Buffer, opening: number): number {
  let at = bytes.indexOf(QUOTE, opening + 1)
  while (at >= 0 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2)
  return at < 0 ? bytes.length : at
}
