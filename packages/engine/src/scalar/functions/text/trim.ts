/** The text without characters of `set` at its beginning, its end or both. */
export function trimCharacters(text: string, set: string, atStart: boolean, atEnd: boolean): string {
  if (text === '' || set === '') return text
  const characters = new Set(set)
  const start = atStart ? firstOther(text, characters) : 0
  return text.slice(start, atEnd ? lastOther(text, characters, start) : text.length)
}

/** Where the first character begins that is not in the set. */
function firstOther(text: string, characters: ReadonlySet<string>): number {
  let at = 0
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
    if (!characters.has(character)) break
    at += character.length
  }
  return at
}

/** Where the last character ends that is not in the set, or `start`. */
function lastOther(text: string, characters: ReadonlySet<string>, start: number): number {
  let end = text.length
  while (end > start) {
    const isLow = (text.charCodeAt(end - 1) & 0xfc00) === 0xdc00
    const character = text.slice(end - (isLow && end > 1 ? 2 : 1), end)
    if (!characters.has(character)) break
    end -= character.length
  }
  return end
}
