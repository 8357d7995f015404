/** Addresses of networks and hosts: their text form, which is their value, and their parts. */

export interface Inet {
  readonly family: 4 | 6
  /** Four or sixteen. */
  readonly bytes: Uint8Array
  /** Of the network, from 0 to 32 or 128. */
  readonly bits: number
}

export function sizeOf(family: 4 | 6): number {
  return family === 4 ? 4 : 16
}

/** Undefined for what is no address. Without a mask, a network (`cidr`) has as many bits as its class and octets say. */
export function readInet(text: string, isNetwork: boolean): Inet | undefined {
  const [address = '', mask, ...rest] = text.split('/')
  if (rest.length > 0) return undefined
  const bits = mask === undefined ? undefined : /^\d{1,3}$/.test(mask) ? Number(mask) : -1
  return address.includes(':') ? readSix(address, bits) : readFour(address, bits, isNetwork)
}

function readFour(address: string, given: number | undefined, isNetwork: boolean): Inet | undefined {
  const octets = address.split('.')
  if (octets.length > 4 || octets.some((octet) => !/^\d{1,3}$/.test(octet) || Number(octet) > 255))
    return undefined
  if (octets.length < 4 && given === undefined && !isNetwork) return undefined
  const bits = given ?? (octets.length === 4 ? 32 : bitsOfClass(Number(octets[0]), octets.length))
  if (bits < 0 || bits > 32) return undefined
  const bytes = new Uint8Array(4)
  for (const [at, octet] of octets.entries()) bytes[at] = Number(octet)
  return { family: 4, bytes, bits }
}

function bitsOfClass(first: number, octets: number): number {
  const bits = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8
  const all = Math.max(bits, octets * 8)
  return all === 8 && first === 224 ? 4 : all
}

function readSix(address: string, bits = 128): Inet | undefined {
  if (bits < 0 || bits > 128) return undefined
  const dotted = /^(.*:)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.exec(address)
  let text = address
  if (dotted !== null) {
    const four = readFour(dotted[2] ?? '', 32, false)
    if (four === undefined) return undefined
    const [a = 0, b = 0, c = 0, d = 0] = four.bytes
    text = `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const words = [...(head ?? []), ...(tail ?? [])]
  if (words.some((word) => !/^[0-9a-fA-F]{1,4}$/.test(word))) return undefined
  if (halves.length === 1 ? words.length !== 8 : words.length > 7) return undefined
  const all = [...(head ?? []), ...Array<string>(8 - words.length).fill('0'), ...(tail ?? [])]
  const bytes = new Uint8Array(16)
  for (const [at, word] of all.entries()) {
    const value = Number.parseInt(word, 16)
    bytes[2 * at] = value >> 8
    bytes[2 * at + 1] = value & 0xff
  }
  return { family: 6, bytes, bits }
}

/** Without the bits. */
export function hostText({ family, bytes }: Inet): string {
  return family === 4 ? bytes.join('.') : sixText(bytes)
}

/** The longest run of two zero words or more is left out; addresses that hold one of four octets end in that. */
function sixText(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && words[start + length] === 0) length++
    if (length > best.length) best = { start, length }
    start += length
  }
  const { start, length } = best
  const isDotted =
    start === 0 && (length === 6 || (length === 7 && words[7] !== 1) || (length === 5 && words[5] === 0xffff))
  const end = isDotted ? 6 : 8
  const shown = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':')
  const text = start < 0 ? shown(0, end) : `${shown(0, start)}::${shown(start + length, end)}`
  if (!isDotted) return text
  return `${text}${text.endsWith(':') ? '' : ':'}${bytes.slice(12).join('.')}`
}

/** As `inet` shows it: the bits only where they are not all. */
export function inetText(inet: Inet): string {
  return inet.bits === sizeOf(inet.family) * 8 ? hostText(inet) : networkText(inet)
}

export function networkText(inet: Inet): string {
  return `${hostText(inet)}/${inet.bits}`
}

/** The parts of a value, which is text as this module writes it. */
export function inetOf(text: string): Inet {
  return readInet(text, false) ?? { family: 4, bytes: new Uint8Array(4), bits: 0 }
}

/** Ones for the bits of the network. */
export function maskBytes(family: 4 | 6, bits: number): Uint8Array {
  return Uint8Array.from({ length: sizeOf(family) }, (_, at) => {
    const ones = Math.min(Math.max(bits - at * 8, 0), 8)
    return (0xff << (8 - ones)) & 0xff
  })
}

/** The address with nothing set beyond its network. */
export function masked({ family, bytes, bits }: Inet): Inet {
  const mask = maskBytes(family, bits)
  return { family, bits, bytes: bytes.map((byte, at) => byte & (mask[at] ?? 0)) }
}

/** Order of so many first bits. */
export function compareBits(a: Uint8Array, b: Uint8Array, bits: number): number {
  const mask = maskBytes(a.length === 4 ? 4 : 6, bits)
  for (let at = 0; at < a.length; at++) {
    const order = ((a[at] ?? 0) & (mask[at] ?? 0)) - ((b[at] ?? 0) & (mask[at] ?? 0))
    if (order !== 0) return order
  }
  return 0
}

/** By family, then by network, smaller masks first, then by host. */
export function compareInet(a: Inet, b: Inet): number {
  if (a.family !== b.family) return a.family - b.family
  return (
    compareBits(a.bytes, b.bytes, Math.min(a.bits, b.bits)) ||
    a.bits - b.bits ||
    compareBits(a.bytes, b.bytes, a.bytes.length * 8)
  )
}

/** Bytes that sort as the values do. */
export function inetKey(text: string): Uint8Array {
  const inet = inetOf(text)
  return Uint8Array.from([inet.family, ...masked(inet).bytes, inet.bits, ...inet.bytes])
}
