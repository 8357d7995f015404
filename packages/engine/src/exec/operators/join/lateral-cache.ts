/**
 * What a lateral plan gave for which outer values, as long as there is memory: left rows often ask for the same.
 *
 * Invariants:
 * 1. Only results that were read to their end are kept.
 * 2. When memory runs out all is forgotten; when keeping does not pay nothing is kept any more.
 */
import type { Row, Value } from '../../../scalar/value.js'
import { ExactKeys } from '../../expression/exact-keys.js'
import type { Account } from '../../rows/account.js'
import type { SizeOf } from '../../rows/row-size.js'

/** After so many look-ups at least one in `PAYS_EACH` must have found something. */
const TRIAL = 512
const PAYS_EACH = 16
const ENTRY_BYTES = 150

export class LateralCache {
  readonly #account: Account
  readonly #sizeOf: SizeOf
  readonly #keys = new ExactKeys()
  readonly #results = new Map<string, readonly Row[]>()
  #lookUps = 0
  #hits = 0

  constructor(account: Account, sizeOf: SizeOf) {
    this.#account = account
    this.#sizeOf = sizeOf
  }

  get isWorthwhile(): boolean {
    return this.#lookUps < TRIAL || this.#hits * PAYS_EACH >= this.#lookUps
  }

  keyOf(values: readonly Value[]): string {
    return this.#keys.of(values)
  }

  get(key: string): readonly Row[] | undefined {
    const rows = this.#results.get(key)
    this.#lookUps++
    if (rows !== undefined) this.#hits++
    return rows
  }

  keep(key: string, rows: readonly Row[]): void {
    let bytes = ENTRY_BYTES + key.length
    for (const row of rows) bytes += this.#sizeOf(row)
    if (!this.#account.tryGrow(bytes)) {
      this.clear()
      if (!this.#account.tryGrow(bytes)) return
    }
    this.#results.set(key, rows)
  }

  clear(): void {
    this.#results.clear()
    this.#account.clear()
  }
}
