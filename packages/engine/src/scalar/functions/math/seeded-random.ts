/**
 * The numbers that PostgreSQL draws after `setseed`: xoroshiro128**, its state filled by splitmix64 (Blackman and Vigna,
 * "Scrambled linear pseudorandom number generators"). So the same seed gives the same numbers.
 */
export class SeededRandom {
  #first: bigint
  #second: bigint

  /** @param seed from -1 to 1 */
  constructor(seed: number) {
    let state = BigInt.asUintN(64, BigInt(Math.trunc((2 ** 52 - 1) * seed)))
    const next = (): bigint => {
      state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
      let value = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n)
      value = BigInt.asUintN(64, (value ^ (value >> 27n)) * 0x94d049bb133111ebn)
      return value ^ (value >> 31n)
    }
    this.#first = next()
    this.#second = next()
  }

  /** In [0, 1). */
  float(): number {
    const first = this.#first
    const mixed = this.#second ^ first
    const value = BigInt.asUintN(64, rotate(BigInt.asUintN(64, first * 5n), 7n) * 9n)
    this.#first = rotate(first, 24n) ^ mixed ^ BigInt.asUintN(64, mixed << 16n)
    this.#second = rotate(mixed, 37n)
    return Number(value >> 12n) / 2 ** 52
  }
}

function rotate(value: bigint, distance: bigint): bigint {
  return BigInt.asUintN(64, (value << distance) | (value >> (64n - distance)))
}
