// @ts-check
/** Random choices that a seed repeats. */

/** The seeded generator `mulberry32`: 32 bits of state, good enough to choose with. */
export class Random {
  #state
  /** @param {number} seed a whole number below 2³² */
  constructor(seed) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1, which it never is. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `low` to `high`, both included. @param {number} low @param {number} high */
  between(low, high) {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** True so often. @param {number} probability */
  chance(probability) {
    return this.next() < probability
  }

  /** @template T @param {readonly T[]} list not empty @returns {T} */
  pick(list) {
    const [first] = list
    if (first === undefined) throw new Error('nothing to pick from')
    return list[Math.floor(this.next() * list.length)] ?? first
  }

  /** So many different ones, or all there are, in random order. @template T @param {readonly T[]} list @param {number} count */
  some(list, count) {
    const rest = [...list]
    /** @type {T[]} */
    const taken = []
    while (taken.length < count && rest.length > 0) {
      taken.push(...rest.splice(Math.floor(this.next() * rest.length), 1))
    }
    return taken
  }
}
