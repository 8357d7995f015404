import type { Accumulator, AggregateFunction } from '../functions/function.js'
import { floatOverflow } from '../functions/arithmetic/checked-float.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { aggregate } from './define-aggregate.js'

/** Sums over pairs, and sums of products of differences from the means, by Youngs' and Cramer's method. */
interface PairSums {
  readonly count: number
  readonly sumX: number
  readonly sumY: number
  readonly xx: number
  readonly yy: number
  readonly xy: number
}

type Finish = (sums: PairSums) => number | null

class Regression implements Accumulator {
  readonly sizeBytes = 0
  readonly #finish: Finish
  #sums: PairSums = { count: 0, sumX: 0, sumY: 0, xx: 0, yy: 0, xy: 0 }

  constructor(finish: Finish) {
    this.#finish = finish
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    const [y, x] = args as readonly [number, number]
    const before = this.#sums
    const count = before.count + 1
    const sumX = before.sumX + x
    const sumY = before.sumY + y
    if (count === 1) {
      const isXFinite = isFinite(x)
      const isYFinite = isFinite(y)
      this.#sums = {
        count,
        sumX,
        sumY,
        xx: isXFinite ? 0 : NaN,
        yy: isYFinite ? 0 : NaN,
        xy: isXFinite && isYFinite ? 0 : NaN,
      }
      return
    }
    const deviationX = x * count - sumX
    const deviationY = y * count - sumY
    const scale = 1 / (count * before.count)
    this.#sums = checked(before, x, y, {
      count,
      sumX,
      sumY,
      xx: before.xx + deviationX * deviationX * scale,
      yy: before.yy + deviationY * deviationY * scale,
      xy: before.xy + deviationX * deviationY * scale,
    })
  }

  result(): Value {
    return this.#sums.count === 0 ? null : this.#finish(this.#sums)
  }
}

/** Infinite sums of finite values are an error; those of infinite values make the products unknown. */
function checked(before: PairSums, x: number, y: number, sums: PairSums): PairSums {
  const isOverflow = ({ sumX, sumY, xx, yy, xy }: PairSums): boolean =>
    [sumX, sumY, xx, yy, xy].some((value) => value === Infinity || value === -Infinity)
  if (!isOverflow(sums)) return sums
  const isFiniteX = isFinite(before.sumX) && isFinite(x)
  const isFiniteY = isFinite(before.sumY) && isFinite(y)
  if (
    (!isFinite(sums.sumX) && isFiniteX) ||
    (!isFinite(sums.sumY) && isFiniteY) ||
    (isInfinity(sums.xx) && isFiniteX) ||
    (isInfinity(sums.yy) && isFiniteY) ||
    (isInfinity(sums.xy) && isFiniteX && isFiniteY)
  ) {
    throw floatOverflow()
  }
  return {
    ...sums,
    xx: isInfinity(sums.xx) ? NaN : sums.xx,
    yy: isInfinity(sums.yy) ? NaN : sums.yy,
    xy: isInfinity(sums.xy) ? NaN : sums.xy,
  }
}

function isInfinity(value: number): boolean {
  return value === Infinity || value === -Infinity
}

function regression(signature: string, finish: Finish): AggregateFunction {
  return aggregate(signature, { bind: () => (): Accumulator => new Regression(finish) })
}

export const regressionAggregates: readonly AggregateFunction[] = [
  regression('2819 regr_sxx(float8,float8) float8', ({ xx }) => xx),
  regression('2820 regr_syy(float8,float8) float8', ({ yy }) => yy),
  regression('2821 regr_sxy(float8,float8) float8', ({ xy }) => xy),
  regression('2822 regr_avgx(float8,float8) float8', ({ sumX, count }) => sumX / count),
  regression('2823 regr_avgy(float8,float8) float8', ({ sumY, count }) => sumY / count),
  regression('2824 regr_r2(float8,float8) float8', ({ xx, yy, xy }) =>
    xx === 0 ? null : yy === 0 ? 1 : (xy * xy) / (xx * yy),
  ),
  regression('2825 regr_slope(float8,float8) float8', ({ xx, xy }) => (xx === 0 ? null : xy / xx)),
  regression('2826 regr_intercept(float8,float8) float8', ({ count, sumX, sumY, xx, xy }) =>
    xx === 0 ? null : (sumY - (sumX * xy) / xx) / count,
  ),
  regression('2827 covar_pop(float8,float8) float8', ({ count, xy }) => xy / count),
  regression('2828 covar_samp(float8,float8) float8', ({ count, xy }) =>
    count < 2 ? null : xy / (count - 1),
  ),
  regression('2829 corr(float8,float8) float8', ({ xx, yy, xy }) =>
    xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy),
  ),
]
