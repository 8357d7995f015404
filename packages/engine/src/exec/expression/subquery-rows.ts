import type { SubqueryExpression } from '../../plan/expression.js'
import type { OutputColumn } from '../../plan/logical-plan.js'
import type { Row, Value } from '../../scalar/value.js'
import { compileRowSize, type SizeOf } from '../rows/row-size.js'
import type { Batches, Run } from '../run.js'
import { compileRowTest, type RowTest } from './subquery-comparison.js'

/** The rows of an uncorrelated `any` or `all`, as they are kept for a whole execution. */
interface KeptRows {
  /** Left out where `keys` say it all. */
  readonly rows: readonly Row[]
  readonly keys: ReadonlySet<unknown> | undefined
  readonly hasNull: boolean
  readonly isEmpty: boolean
}

interface Loading {
  readonly ready: Promise<KeptRows>
  loaded?: KeptRows
}

const ENTRY_BYTES = 40

/** Keeps the rows of a plan and compares values with them: by hash where the question is `= ANY` or `<> ALL`. */
export class SubqueryRows {
  readonly #test: RowTest
  readonly #isAny: boolean
  readonly #hashKey: ((value: NonNullable<Value>) => unknown) | undefined
  readonly #sizeOf: SizeOf

  constructor(expression: SubqueryExpression, columns: readonly OutputColumn[]) {
    this.#test = compileRowTest(expression)
    this.#isAny = expression.mode === 'any'
    this.#hashKey = hashKeyOf(expression, columns, this.#isAny)
    this.#sizeOf = compileRowSize(columns.map((column) => column.type))
  }

  load(rows: Batches, run: Run): Loading {
    const loading: Loading = { ready: this.#read(rows, run) }
    void loading.ready.then(
      (kept) => (loading.loaded = kept),
      () => undefined,
    )
    return loading
  }

  ifLoaded(loading: Loading): KeptRows | undefined {
    return loading.loaded
  }

  test(kept: KeptRows, left: readonly Value[], run: Run): Value {
    if (kept.isEmpty) return !this.#isAny
    const value = left[0] ?? null
    if (kept.keys !== undefined && this.#hashKey !== undefined) {
      if (value === null) return null
      if (kept.keys.has(this.#hashKey(value))) return this.#isAny
      return kept.hasNull ? null : !this.#isAny
    }
    let result: Value = !this.#isAny
    for (const row of kept.rows) {
      const answer = this.#test(left, row, run)
      if (answer === this.#isAny) return this.#isAny
      if (answer === null) result = null
    }
    return result
  }

  async #read(batches: Batches, run: Run): Promise<KeptRows> {
    const account = run.account(undefined)
    run.atEnd(() => account.close())
    const keys = this.#hashKey === undefined ? undefined : new Set<unknown>()
    const rows: Row[] = []
    let hasNull = false
    let isEmpty = true
    for await (const batch of batches) {
      isEmpty = false
      for (const row of batch) {
        const value = row[0] ?? null
        if (keys === undefined || this.#hashKey === undefined) rows.push(row)
        else if (value === null) hasNull = true
        else keys.add(this.#hashKey(value))
        account.grow(ENTRY_BYTES + this.#sizeOf(row))
      }
      await run.spend(batch.length)
    }
    return { rows, keys, hasNull, isEmpty }
  }
}

function hashKeyOf(
  expression: SubqueryExpression,
  columns: readonly OutputColumn[],
  isAny: boolean,
): ((value: NonNullable<Value>) => unknown) | undefined {
  const [operator] = expression.operators ?? []
  const [left] = expression.left ?? []
  const [right] = columns
  if (columns.length !== 1 || operator === undefined || left === undefined || right === undefined)
    return undefined
  if (operator.comparison !== (isAny ? 'eq' : 'ne') || !operator.function.isStrict) return undefined
  return left.type.scalar.oid === right.type.scalar.oid ? left.type.scalar.hashKey : undefined
}
