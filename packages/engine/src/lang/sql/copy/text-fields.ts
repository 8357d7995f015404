import { decodeText } from '../../../scalar/types/text-types.js'

const ESCAPES: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 }

const BACKSLASH = 0x5c

/** The fields of a line of COPY's text format, which is valid UTF-8; null where the field is the null string. */
export function textFields(line: Buffer, delimiter: string, nullText: string): (string | null)[] {
  const separator = delimiter.charCodeAt(0)
  const fields: (string | null)[] = []
  let start = 0
  let isEscaped = false
  for (let at = 0; at <= line.length; at++) {
    const byte = line[at]
    if (byte === BACKSLASH) {
      isEscaped = true
      at++
      continue
    }
    if (byte !== separator && at < line.length) continue
    const end = Math.min(at, line.length)
    const raw = line.toString('utf8', start, end)
    fields.push(raw === nullText ? null : isEscaped ? unescape(line.subarray(start, end)) : raw)
    start = at + 1
    isEscaped = false
  }
  return fields
}

function unescape(raw: Buffer): string {
  const out = Buffer.allocUnsafe(raw.length)
  let length = 0
  for (let at = 0; at < raw.length; at++) {
    // Within bounds.
    const byte = raw[at] as number
    if (byte !== BACKSLASH || at + 1 >= raw.length) {
      out[length++] = byte
      continue
    }
    const [value, size] = escaped(raw, at + 1)
    out[length++] = value
    at += size
  }
  // Escapes may have made what is no character.
  return decodeText(out.subarray(0, length))
}

/** The byte that an escape stands for, and how many bytes follow the backslash. */
function escaped(raw: Buffer, at: number): [value: number, size: number] {
  const rest = raw.toString('latin1', at, at + 3)
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0]
  if (octal !== undefined) return [parseInt(octal, 8) & 0xff, octal.length]
  const hex = /^x([0-9a-f]{1,2})/i.exec(rest)
  if (hex !== null) return [parseInt(hex[1] ?? '', 16), (hex[1] ?? '').length + 1]
  const letter = rest.charAt(0)
  return [ESCAPES[letter] ?? rest.charCodeAt(0), 1]
}
