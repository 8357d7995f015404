import { addNumeric, divideNumeric } from '../numeric/arithmetic.js'
import { Numeric } from '../numeric/numeric.js'
import { powerOfTen } from '../numeric/powers-of-ten.js'

/**
 * Number and sum of numerics, from which values can be taken away again.
 *
 * The sum's scale is the largest of the values that are in it, so each scale is counted.
 */
export class NumericSum {
  #count = 0
  #nans = 0
  #infinities = 0
  #negativeInfinities = 0
  #digits = 0n
  #scale = 0
  readonly #scales = new Map<number, number>()

  get count(): number {
    return this.#count
  }

  change(value: Numeric, sign: 1 | -1): void {
    this.#count += sign
    if (value.special === 'nan') this.#nans += sign
    else if (value.special === 'infinity') this.#infinities += sign
    else if (value.special === '-infinity') this.#negativeInfinities += sign
    else this.#changeFinite(value, sign)
  }

  merge(other: NumericSum): void {
    this.#count += other.#count
    this.#nans += other.#nans
    this.#infinities += other.#infinities
    this.#negativeInfinities += other.#negativeInfinities
    this.#add(other.#digits, other.#scale)
    for (const [scale, count] of other.#scales) this.#countScale(scale, count)
  }

  /** Of no value: zero. */
  get total(): Numeric {
    if (this.#nans > 0 || (this.#infinities > 0 && this.#negativeInfinities > 0)) return Numeric.NAN
    if (this.#infinities > 0) return Numeric.INFINITY
    if (this.#negativeInfinities > 0) return Numeric.NEGATIVE_INFINITY
    // Adding zero checks the range.
    return addNumeric(this.exact, ZERO)
  }

  /** Of finite values, of any size. */
  get exact(): Numeric {
    const scale = Math.max(0, ...this.#scales.keys())
    return new Numeric(this.#digits / powerOfTen(this.#scale - scale), scale)
  }

  get isFinite(): boolean {
    return this.#nans === 0 && this.#infinities === 0 && this.#negativeInfinities === 0
  }

  get average(): Numeric {
    return divideNumeric(this.total, new Numeric(BigInt(this.#count), 0))
  }

  #changeFinite({ digits, scale }: Numeric, sign: 1 | -1): void {
    this.#add(sign > 0 ? digits : -digits, scale)
    this.#countScale(scale, sign)
  }

  #add(digits: bigint, scale: number): void {
    if (scale > this.#scale) {
      this.#digits *= powerOfTen(scale - this.#scale)
      this.#scale = scale
    }
    this.#digits += scale === this.#scale ? digits : digits * powerOfTen(this.#scale - scale)
  }

  #countScale(scale: number, change: number): void {
    const count = (this.#scales.get(scale) ?? 0) + change
    if (count === 0) this.#scales.delete(scale)
    else this.#scales.set(scale, count)
  }
}

const ZERO = new Numeric(0n, 0)
