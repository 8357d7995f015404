import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { requireLength } from '../value-limits.js'
import { workMeter } from '../work-meter.js'
import { aggregate } from './define-aggregate.js'

/** Texts strung together, each but the first with its separator before it. Nulls are left out. */
class TextJoin implements Accumulator {
  #text: string | null = null

  get sizeBytes(): number {
    return 2 * (this.#text?.length ?? 0)
  }

  add(_: ScalarContext, args: readonly Value[]): void {
    const [value, separator] = args as readonly (string | null)[]
    if (value === null || value === undefined) return
    this.#text = this.#text === null ? value : this.#text + (separator ?? '') + value
    requireLength(this.#text.length)
  }

  result(): Value {
    return this.#text
  }
}

class BytesJoin implements Accumulator {
  readonly #parts: Uint8Array[] = []
  #length = 0
  sizeBytes = 0

  add(_: ScalarContext, args: readonly Value[]): void {
    const [value, separator] = args as readonly (Uint8Array | null)[]
    if (value === null || value === undefined) return
    if (this.#parts.length > 0 && separator !== null && separator !== undefined) this.#push(separator)
    this.#push(value)
  }

  result(): Value {
    if (this.#parts.length === 0) return null
    const bytes = Buffer.concat(this.#parts)
    workMeter.make(bytes)
    return bytes
  }

  #push(part: Uint8Array): void {
    this.#length += part.length
    requireLength(this.#length)
    this.#parts.push(part)
    this.sizeBytes += part.length + 100
  }
}

export const stringAggregates: readonly AggregateFunction[] = [
  aggregate('3538 string_agg(text,text) text nullable', { bind: () => (): Accumulator => new TextJoin() }),
  aggregate('3545 string_agg(bytea,bytea) bytea nullable', {
    bind: () => (): Accumulator => new BytesJoin(),
  }),
]
