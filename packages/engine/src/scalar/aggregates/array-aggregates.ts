import type { OrbitError } from '@orbit-ts/base'
import { SqlArray, type ArrayDimension } from '../array/sql-array.js'
import { queryError } from '../condition.js'
import type { Accumulator, AggregateFunction } from '../functions/function.js'
import type { ScalarContext } from '../scalar-context.js'
import type { Value } from '../value.js'
import { requireElements } from '../value-limits.js'
import { sizeOfValue } from '../value-size.js'
import { workMeter } from '../work-meter.js'
import { aggregate } from './define-aggregate.js'

const SLOT_BYTES = 8

class ElementList implements Accumulator {
  readonly #elements: Value[] = []
  sizeBytes = 0

  add(_: ScalarContext, args: readonly Value[]): void {
    const value = args[0] ?? null
    this.#elements.push(value)
    requireElements(this.#elements.length)
    this.sizeBytes += SLOT_BYTES + sizeOfValue(value)
  }

  result(): Value {
    return this.#elements.length === 0 ? null : made(new SqlArray(this.#elements.slice()))
  }
}

/** Each result is a copy: more rows may be added after it. */
function made(array: SqlArray): SqlArray {
  workMeter.make(array)
  return array
}

/** Arrays of one shape as the elements of one with a dimension more. */
class ArrayList implements Accumulator {
  readonly #elements: Value[] = []
  #dimensions: readonly ArrayDimension[] | undefined
  #count = 0
  sizeBytes = 0

  add(_: ScalarContext, args: readonly Value[]): void {
    const array = args[0] as SqlArray | null
    if (array === null) throw queryError('null_value_not_allowed', 'cannot accumulate null arrays')
    if (array.dimensions.length === 0) throw refused('cannot accumulate empty arrays')
    this.#dimensions ??= array.dimensions
    if (!isSameShape(this.#dimensions, array.dimensions)) {
      throw refused('cannot accumulate arrays of different dimensionality')
    }
    requireElements(this.#elements.length + array.elements.length)
    workMeter.take(array)
    for (const element of array.elements) {
      this.#elements.push(element)
      this.sizeBytes += SLOT_BYTES + sizeOfValue(element)
    }
    this.#count++
  }

  result(): Value {
    if (this.#dimensions === undefined) return null
    return made(
      new SqlArray(this.#elements.slice(), [{ length: this.#count, lower: 1 }, ...this.#dimensions]),
    )
  }
}

function isSameShape(a: readonly ArrayDimension[], b: readonly ArrayDimension[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ length, lower }, index) => length === b[index]?.length && lower === b[index].lower)
  )
}

function refused(message: string): OrbitError {
  return queryError('array_subscript_error', message)
}

export const arrayAggregates: readonly AggregateFunction[] = [
  aggregate('2335 array_agg(anynonarray) anyarray nullable', {
    bind: () => (): Accumulator => new ElementList(),
  }),
  aggregate('4053 array_agg(anyarray) anyarray nullable', { bind: () => (): Accumulator => new ArrayList() }),
]
