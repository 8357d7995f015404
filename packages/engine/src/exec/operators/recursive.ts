/**
 * WITH RECURSIVE: rounds of `step`, each over the rows that the round before gave, until one gives none.
 *
 * Invariant: while a round runs its rows are gathered in one buffer and those of the round before are read from another.
 */
import type { Recursive } from '../../plan/physical-plan.js'
import type { Row } from '../../scalar/value.js'
import type { Compiler } from '../compile/compiler.js'
import type { Account } from '../rows/account.js'
import { compileRowKey, type Key, type KeyOf } from '../rows/hash-key.js'
import { RowBuffer } from '../rows/row-buffer.js'
import { compileRowSize } from '../rows/row-size.js'
import type { Batches, Operator, Run } from '../run.js'

export function compileRecursive(plan: Recursive, compiler: Compiler): Operator {
  const start = compiler.operator(plan.start)
  const step = compiler.operator(plan.step)
  const types = plan.columns.map((column) => column.type)
  const sizeOf = compileRowSize(types)
  const keyOf = plan.isDistinct ? compileRowKey(types) : undefined

  return async function* recursive(run) {
    const account = run.account(plan)
    const fresh = keyOf === undefined ? undefined : new SeenRows(keyOf, account, run)
    let working = new RowBuffer(account, sizeOf)
    let next = new RowBuffer(account, sizeOf)
    const outer = run.common.get(plan.id)
    try {
      yield* round(start(run), fresh, working)
      while (working.rowCount > 0) {
        run.common.set(plan.id, working)
        yield* round(step(run), fresh, next)
        working.clear()
        const emptied = working
        working = next
        next = emptied
        await run.spend(1)
      }
    } finally {
      if (outer === undefined) run.common.delete(plan.id)
      else run.common.set(plan.id, outer)
      working.clear()
      next.clear()
      account.close()
    }
  }
}

async function* round(batches: Batches, fresh: SeenRows | undefined, into: RowBuffer): Batches {
  for await (const batch of batches) {
    const rows = fresh === undefined ? batch : fresh.onlyNew(batch)
    if (rows.length === 0) continue
    await into.append(rows)
    yield rows
  }
}

const ENTRY_BYTES = 48

/** All rows there were: whether a row is new has to be known at once, so this stays in memory. */
class SeenRows {
  readonly #keyOf: KeyOf
  readonly #account: Account
  readonly #run: Run
  readonly #seen = new Set<Key>()

  constructor(keyOf: KeyOf, account: Account, run: Run) {
    this.#keyOf = keyOf
    this.#account = account
    this.#run = run
  }

  onlyNew(rows: readonly Row[]): Row[] {
    return rows.filter((row) => {
      const key = this.#keyOf(row, this.#run)
      if (this.#seen.has(key)) return false
      this.#account.grow(ENTRY_BYTES + (typeof key === 'string' ? key.length : 0))
      this.#seen.add(key)
      return true
    })
  }
}
