import { defined } from '@orbit-ts/base'
import type { RecordField } from '../../scalar/record-value.js'

/** The fields of records by numbers: types hold functions, so they cannot be written. One number for equal fields. */
export class RecordFields {
  readonly #all: (readonly RecordField[])[] = []
  readonly #byIdentity = new WeakMap<readonly RecordField[], number>()
  readonly #byContent = new Map<string, number>()

  numberOf(fields: readonly RecordField[]): number {
    const known = this.#byIdentity.get(fields)
    if (known !== undefined) return known
    const content = JSON.stringify(
      fields.map(({ name, type }) => [name, type.scalar.oid, type.modifier, type.collation?.name]),
    )
    let number = this.#byContent.get(content)
    if (number === undefined) {
      number = this.#all.push(fields) - 1
      this.#byContent.set(content, number)
    }
    this.#byIdentity.set(fields, number)
    return number
  }

  byNumber(number: number): readonly RecordField[] {
    return defined(this.#all[number], `fields of number ${number}`)
  }
}
