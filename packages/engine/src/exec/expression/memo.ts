import type { Value } from '../../scalar/value.js'
import { ExactKeys } from './exact-keys.js'

/** Results that one expression remembers; beyond it all are forgotten. */
const REMEMBERED_MAX = 4096

/** What an expression gave for which values. */
export class Memo {
  readonly #results = new Map<string, Value>()
  readonly #keys = new ExactKeys()

  keyOf(values: readonly Value[]): string {
    return this.#keys.of(values)
  }

  get(key: string): Value | undefined {
    return this.#results.get(key)
  }

  remember(key: string, value: Value): void {
    if (this.#results.size >= REMEMBERED_MAX) this.#results.clear()
    this.#results.set(key, value)
  }
}
