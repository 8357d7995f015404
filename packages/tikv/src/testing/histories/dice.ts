import { defined, TestEnv, type Random } from '@orbit-ts/base'

/** Choices that a seed decides. Each part of a run has dice of its own, so that one does not disturb another. */
export class Dice {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new TestEnv({ seed }).random
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#random.float() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.#random.float() < probability
  }

  pick<T>(items: readonly T[]): T {
    return defined(items[this.between(0, items.length - 1)], 'an item to pick')
  }

  /** `count` different items, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const rest = [...items]
    return Array.from({ length: Math.min(count, rest.length) }, () =>
      defined(rest.splice(this.between(0, rest.length - 1), 1)[0], 'an item of the sample'),
    )
  }

  /** Dice that do not depend on how often these are thrown from now on. */
  split(): Dice {
    return new Dice(this.between(1, 0x7fff_ffff))
  }
}
