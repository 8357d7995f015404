import { defined, toBinaryString } from '@orbit-ts/base'
import type { ModelContext } from '../../model.js'
import type { IndexLayout } from '../layout/index-layout.js'
import type { TableLayout, TableRow } from '../layout/table-layout.js'
import type { Violations } from './violations.js'

/** Keys that are looked at in one go. */
const CHUNK_SIZE = 256

interface Check {
  readonly table: TableLayout
  readonly index: IndexLayout
  readonly row: TableRow
  readonly key: Uint8Array
}

/**
 * Deferrable unique constraints, checked after their rows have been written: entries of their indexes name their rows
 * in their keys, so that equal values can be there for a while.
 *
 * Invariant: who checks a value has deleted the key that a unique index would have it at, where nothing ever is. So of
 * two transactions that bring in one value, the later one sees the row of the earlier, or cannot commit.
 */
export class UniqueChecks {
  readonly #context: ModelContext
  readonly #violations: Pick<Violations, 'unique'>
  readonly #checks = new Map<string, Check>()

  constructor({ context, violations }: { context: ModelContext; violations: Pick<Violations, 'unique'> }) {
    this.#context = context
    this.#violations = violations
  }

  add(table: TableLayout, index: IndexLayout, rows: readonly TableRow[]): void {
    for (const row of rows) {
      const key = index.laterClaimOf(row.datums)
      if (key !== undefined) this.#checks.set(toBinaryString(key), { table, index, row, key })
    }
  }

  /** @throws UNIQUE_VIOLATION */
  async run(): Promise<void> {
    const { storage } = this.#context
    const checks = [...this.#checks.values()]
    for (let from = 0; from < checks.length; from += CHUNK_SIZE) {
      const some = checks.slice(from, from + CHUNK_SIZE)
      await storage.lock(some.map(({ key }) => key))
      for (const { key } of some) storage.delete(key)
      const isAlone = await Promise.all(some.map((check) => this.#isAlone(check)))
      const at = isAlone.indexOf(false)
      if (at < 0) continue
      const { table, index, row } = defined(some[at], 'the check')
      throw this.#violations.unique(table, index, row.datums)
    }
  }

  async #isAlone({ index, row }: Check): Promise<boolean> {
    const range = index.range({ equal: index.keyDatums(row.datums) })
    let entries = 0
    for await (const chunk of this.#context.storage.scan(range, { keysOnly: true, limit: 2 }))
      entries += chunk.length
    return entries < 2
  }
}
