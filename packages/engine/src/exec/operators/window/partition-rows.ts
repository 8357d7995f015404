import type { Row, Value } from '../../../scalar/value.js'
import type { Account } from '../../rows/account.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import { sizeOfValue } from '../../../scalar/value-size.js'
import type { Run } from '../../run.js'
import type { ArgumentShape, WindowShape } from './window-shape.js'

const VALUE_BYTES = 8

/**
 * One partition: its rows, which may go to disk, and what its calls look at, which stays in memory: arguments, filters and
 * where peers begin.
 *
 * Invariant: `groupStarts` has the first position of each group of peers, in order; the first is 0.
 */
export class PartitionRows {
  readonly #shape: WindowShape
  readonly #run: Run
  readonly #account: Account
  readonly #keepsOrderValues: boolean
  readonly rows: RowBuffer
  readonly groupStarts: number[] = []
  /** By call, then by argument; empty for constants. */
  readonly #arguments: Value[][][]
  /** By call; undefined for those without a filter. */
  readonly #passes: (boolean[] | undefined)[]
  readonly orderValues: Value[] = []
  size = 0
  #last: Row | undefined

  constructor(shape: WindowShape, rowAccount: Account, account: Account, run: Run) {
    this.#shape = shape
    this.#run = run
    this.#account = account
    this.rows = new RowBuffer(rowAccount, shape.sizeOf)
    this.#arguments = shape.calls.map((call) => call.args.map(() => []))
    this.#passes = shape.calls.map((call) => (call.filter === undefined ? undefined : []))
    this.#keepsOrderValues = shape.calls.some(
      (call) => call.start.add !== undefined || call.end.add !== undefined,
    )
  }

  /** @throws out_of_memory when what has to stay in memory does not fit. */
  async add(rows: Row[]): Promise<void> {
    let bytes = 0
    for (const row of rows) bytes += this.#note(row)
    this.#account.grow(bytes)
    await this.rows.append(rows)
  }

  argument(call: number, index: number, position: number): Value {
    const shape = this.#shape.calls[call]?.args[index]
    if (shape !== undefined && 'constant' in shape) return shape.constant
    return this.#arguments[call]?.[index]?.[position] ?? null
  }

  passes(call: number, position: number): boolean {
    return this.#passes[call]?.[position] ?? true
  }

  groupStart(group: number): number {
    return this.groupStarts[group] ?? this.size
  }

  clear(): void {
    this.rows.clear()
    this.groupStarts.length = 0
    this.orderValues.length = 0
    for (const columns of this.#arguments) for (const column of columns) column.length = 0
    for (const passes of this.#passes) if (passes !== undefined) passes.length = 0
    this.size = 0
    this.#last = undefined
    this.#account.clear()
  }

  /** Takes what the calls need of a row; returns roughly how much memory that is. */
  #note(row: Row): number {
    const { comparePeers, orderKey, calls } = this.#shape
    let bytes = VALUE_BYTES
    if (this.#last === undefined || comparePeers(this.#last, row) !== 0) this.groupStarts.push(this.size)
    if (this.#keepsOrderValues && orderKey !== undefined) {
      this.orderValues.push(row[orderKey.position] as Value)
      bytes += VALUE_BYTES
    }
    for (const [at, call] of calls.entries()) {
      for (const [index, arg] of call.args.entries()) bytes += this.#noteArgument(at, index, arg, row)
      if (call.filter !== undefined) this.#passes[at]?.push(call.filter(row, this.#run) === true)
    }
    this.#last = row
    this.size++
    return bytes
  }

  #noteArgument(call: number, index: number, arg: ArgumentShape, row: Row): number {
    if ('constant' in arg) return 0
    const value = arg.evaluate(row, this.#run)
    this.#arguments[call]?.[index]?.push(value)
    return VALUE_BYTES + sizeOfValue(value)
  }
}
