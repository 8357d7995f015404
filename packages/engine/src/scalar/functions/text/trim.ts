/** The text without characters of `set` at its beginning, its end or both. */
export function trimCharacters(text: string, set: string, atStart: boolean, atEnd: boolean): string {
  if (text === '' || set === '') return text
  const characters = new Set(Array.from(set, (each) => each.codePointAt(0) ?? 0))
  const start = atStart ? firstOther(text, characters) : 0
  return text.slice(start, atEnd ? lastOther(text, characters, start) : text.length)
}

/** Where the first character begins that is not in the set. */
function firstOther(text: string, characters: ReadonlySet<number>): number {
  let at = 0
  while (at < text.length) {
    const code = text.codePointAt(at) ?? 0
    if (!characters.has(code)) break
    at += code > 0xffff ? 2 : 1
  }
  return at
}

/** Where the last character ends that is not in the set, or `start`. */
function lastOther(text: string, characters: ReadonlySet<number>, start: number): number {
  let end = text.length
  while (end > start) {
    const isLow = (text.charCodeAt(end - 1) & 0xfc00) === 0xdc00
    const size = isLow && end > 1 ? 2 : 1
    if (!characters.has(text.codePointAt(end - size) ?? 0)) break
    end -= size
  }
  return end
}
