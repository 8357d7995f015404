/** PostgreSQL's hash of bytes, so that what was computed there (buckets, shards) is found again here. */

const START = 0x9e3779b9 + 3_923_095

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** Three 32-bit words that bytes are stirred into. */
class State {
  a: number
  b: number
  c: number

  constructor(length: number, seed: bigint) {
    this.a = this.b = this.c = (START + length) | 0
    if (seed === 0n) return
    this.a = (this.a + Number(BigInt.asIntN(32, seed >> 32n))) | 0
    this.b = (this.b + Number(BigInt.asIntN(32, seed))) | 0
    this.mix()
  }

  mix(): void {
    let { a, b, c } = this
    a = (a - c) ^ rotate(c, 4)
    c = (c + b) | 0
    b = (b - a) ^ rotate(a, 6)
    a = (a + c) | 0
    c = (c - b) ^ rotate(b, 8)
    b = (b + a) | 0
    a = (a - c) ^ rotate(c, 16)
    c = (c + b) | 0
    b = (b - a) ^ rotate(a, 19)
    a = (a + c) | 0
    c = (c - b) ^ rotate(b, 4)
    b = (b + a) | 0
    this.a = a
    this.b = b
    this.c = c
  }

  end(): this {
    let { a, b, c } = this
    c = ((c ^ b) - rotate(b, 14)) | 0
    a = ((a ^ c) - rotate(c, 11)) | 0
    b = ((b ^ a) - rotate(a, 25)) | 0
    c = ((c ^ b) - rotate(b, 16)) | 0
    a = ((a ^ c) - rotate(c, 4)) | 0
    b = ((b ^ a) - rotate(a, 14)) | 0
    c = ((c ^ b) - rotate(b, 24)) | 0
    this.b = b
    this.c = c
    return this
  }
}

function stirred(bytes: Uint8Array, seed: bigint): State {
  const state = new State(bytes.length, seed)
  const word = (at: number): number => {
    let value = 0
    for (let byte = 0; byte < 4; byte++) value |= (bytes[at + byte] ?? 0) << (8 * byte)
    return value
  }
  let at = 0
  for (; bytes.length - at >= 12; at += 12) {
    state.a = (state.a + word(at)) | 0
    state.b = (state.b + word(at + 4)) | 0
    state.c = (state.c + word(at + 8)) | 0
    state.mix()
  }
  state.a = (state.a + word(at)) | 0
  state.b = (state.b + word(at + 4)) | 0
  // The lowest byte of the last word is kept for the length.
  state.c = (state.c + (word(at + 8) << 8)) | 0
  return state.end()
}

/** 32 bits, signed. */
export function hashBytes(bytes: Uint8Array): number {
  return stirred(bytes, 0n).c
}

/** 64 bits, signed; without a seed the lower half is what {@link hashBytes} gives. */
export function hashBytesExtended(bytes: Uint8Array, seed: bigint): bigint {
  return whole(stirred(bytes, seed))
}

function word(value: number, seed: bigint): State {
  const state = new State(4, seed)
  state.a = (state.a + value) | 0
  return state.end()
}

export function hashWord(value: number): number {
  return word(value, 0n).c
}

export function hashWordExtended(value: number, seed: bigint): bigint {
  return whole(word(value, seed))
}

function whole({ b, c }: State): bigint {
  return BigInt.asIntN(64, (BigInt(b) << 32n) | BigInt.asUintN(32, BigInt(c)))
}
