import type { Env } from '@orbit-ts/base'

/** A sample of a stream: each item is as likely in it as any other. */
export class Reservoir<T> {
  readonly items: T[] = []
  readonly #size: number
  readonly #random: Env['random']
  #offered = 0

  constructor(size: number, random: Env['random']) {
    this.#size = size
    this.#random = random
  }

  offer(item: T): void {
    this.#offered++
    if (this.items.length < this.#size) {
      this.items.push(item)
      return
    }
    const at = Math.floor(this.#random.float() * this.#offered)
    if (at < this.#size) this.items[at] = item
  }
}
