/** Names for what was made without one, as PostgreSQL makes them. */

/** Bytes that an identifier has, at most. */
const NAME_MAX_BYTES = 63

const size = (text: string): number => Buffer.byteLength(text)

/**
 * `name1_name2_label`, cut to fit where it is too long, the longer name first; with a number at the end where `isTaken`.
 */
export function chooseName(
  name1: string,
  name2: string | undefined,
  label: string,
  isTaken: (name: string) => boolean,
): string {
  for (let pass = 0; ; pass++) {
    const name = joined(name1, name2, pass === 0 ? label : `${label}${pass}`)
    if (!isTaken(name)) return name
  }
}

/** `name2_label` of `t`: `t_name2_label`. */
function joined(name1: string, name2: string | undefined, label: string): string {
  const overhead = (name2 === undefined ? 0 : 1) + (label === '' ? 0 : size(label) + 1)
  const available = NAME_MAX_BYTES - overhead
  let [first, second] = [size(name1), name2 === undefined ? 0 : size(name2)]
  while (first + second > available) {
    if (first > second) first--
    else second--
  }
  const parts = [cut(name1, first), ...(name2 === undefined ? [] : [cut(name2, second)])]
  return [...parts, ...(label === '' ? [] : [label])].join('_')
}

function cut(text: string, bytes: number): string {
  if (size(text) <= bytes) return text
  let kept = ''
  for (const character of text) {
    if (size(kept) + size(character) > bytes) break
    kept += character
  }
  return kept
}

/** The columns' part of the name of a constraint over several. */
export function columnsPart(columns: readonly string[]): string {
  let text = ''
  for (const column of columns) {
    text += text === '' ? column : `_${column}`
    if (size(text) >= NAME_MAX_BYTES + 1) break
  }
  return text
}
