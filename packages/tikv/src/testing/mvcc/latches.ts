import { toBinaryString } from '@orbit-ts/base'

/**
 * Serialises the writing commands of a key, as TiKV's scheduler does. A command holds its keys from its first read until
 * its write is applied; that takes no time unless the application is delayed on purpose.
 */
export class Latches {
  readonly #held = new Set<string>()
  #waiting: { readonly names: readonly string[]; readonly enter: () => void }[] = []

  /** Resolves when all keys are held, with the function that lets them go. First come, first served. */
  acquire(keys: readonly Uint8Array[]): Promise<() => void> {
    const names = [...new Set(keys.map(toBinaryString))]
    return new Promise((resolve) => {
      const enter = (): void => {
        for (const name of names) this.#held.add(name)
        resolve(() => this.#release(names))
      }
      const queued = this.#waiting.some((entry) => entry.names.some((name) => names.includes(name)))
      if (!queued && this.#isFree(names)) enter()
      else this.#waiting.push({ names, enter })
    })
  }

  isHeld(key: Uint8Array): boolean {
    return this.#held.has(toBinaryString(key))
  }

  #release(names: readonly string[]): void {
    for (const name of names) this.#held.delete(name)
    const waiting = this.#waiting
    this.#waiting = []
    const blocked = new Set<string>()
    for (const entry of waiting) {
      const free = this.#isFree(entry.names) && !entry.names.some((name) => blocked.has(name))
      if (free) entry.enter()
      else {
        for (const name of entry.names) blocked.add(name)
        this.#waiting.push(entry)
      }
    }
  }

  #isFree(names: readonly string[]): boolean {
    return !names.some((name) => this.#held.has(name))
  }
}
