/** Turns the parser's positions, bytes of UTF-8, into positions in the text. */

/** Code units (indexes of the string) before a byte of its UTF-8 form. */
export function unitsBefore(text: string, byteOffset: number): number {
  let bytes = 0
  let units = 0
  while (bytes < byteOffset && units < text.length) {
    const code = text.charCodeAt(units)
    if (code < 0x80) bytes += 1
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xdc00) {
      bytes += 4
      units++
    } else bytes += 3
    units++
  }
  return units
}

/** Code points before an index of the string. */
export function pointsBefore(text: string, units: number): number {
  let points = 0
  for (let index = 0; index < units; index++) {
    const code = text.charCodeAt(index)
    if (code < 0xd800 || code >= 0xdc00) points++
  }
  return points
}
