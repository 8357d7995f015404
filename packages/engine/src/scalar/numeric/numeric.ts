/**
 * An exact decimal as PostgreSQL's `numeric`: `digits · 10^-scale`, or NaN or an infinity. The scale is part of the
 * value (1.10 is shown with two digits after the point, and equals 1.1). Immutable.
 */
export class Numeric {
  static readonly NAN: Numeric = new Numeric(0n, 0, 'nan')
  static readonly INFINITY: Numeric = new Numeric(0n, 0, 'infinity')
  static readonly NEGATIVE_INFINITY: Numeric = new Numeric(0n, 0, '-infinity')
  static readonly ZERO: Numeric = new Numeric(0n, 0)
  static readonly ONE: Numeric = new Numeric(1n, 0)

  readonly digits: bigint
  /** Digits after the point, 0 to 16 383. */
  readonly scale: number
  readonly special: 'nan' | 'infinity' | '-infinity' | undefined

  constructor(digits: bigint, scale: number, special?: 'nan' | 'infinity' | '-infinity') {
    this.digits = digits
    this.scale = scale
    this.special = special
  }

  /** -1, 0 or 1; an infinity has its sign, NaN has 0. */
  get sign(): -1 | 0 | 1 {
    if (this.special !== undefined) {
      return this.special === 'infinity' ? 1 : this.special === '-infinity' ? -1 : 0
    }
    return this.digits === 0n ? 0 : this.digits < 0n ? -1 : 1
  }

  get isNaN(): boolean {
    return this.special === 'nan'
  }

  get isFinite(): boolean {
    return this.special === undefined
  }

  /** As PostgreSQL shows it. */
  toString(): string {
    if (this.special !== undefined) {
      return this.special === 'nan' ? 'NaN' : this.special === 'infinity' ? 'Infinity' : '-Infinity'
    }
    const { digits, scale } = this
    const text = digits.toString()
    if (scale === 0) return text
    const sign = digits < 0n ? '-' : ''
    const magnitude = text.slice(sign.length).padStart(scale + 1, '0')
    return `${sign}${magnitude.slice(0, -scale)}.${magnitude.slice(-scale)}`
  }
}
