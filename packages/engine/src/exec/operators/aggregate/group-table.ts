/**
 * The groups of one grouping set by hash.
 *
 * Invariants:
 * 1. From the first group on for which there is no memory no group is added: rows of unknown groups go to disk as they
 *    are, in parts by their keys; so all rows of a group are in one place, in the order they came.
 * 2. The groups in memory are put out first, then each part is gone through as if it were all there is.
 */
import type { Accumulator } from '../../../scalar/functions/function.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Evaluator } from '../../expression/evaluator.js'
import type { Account } from '../../rows/account.js'
import { compileKey, compileRowKey, type Key, type KeyOf } from '../../rows/hash-key.js'
import { DistinctFilter } from '../../rows/distinct-filter.js'
import { PARTITION_COUNT, PARTITION_DEPTH_MAX, Partitions } from '../../rows/partitions.js'
import { workMeter } from '../../../scalar/work-meter.js'
import { sizeOfValue } from '../../../scalar/value-size.js'
import type { Batches, Run } from '../../run.js'
import { addArguments, type AggregateStep } from './aggregate-step.js'
import type { GroupingSet } from './grouping.js'

const GROUP_BYTES = 160
const ACCUMULATOR_BYTES = 100
/** Values of a key that are computed in a unit of work. */
const GROUPS_PER_UNIT = 16
/** A `Map` cannot hold many more. */
const GROUPS_MAX = 8_000_000

/** What the tables of one grouping set share. */
export interface GroupTableShape {
  readonly set: GroupingSet
  readonly groups: readonly Evaluator[]
  readonly keyOf: KeyOf
  /** The same key, of a row that begins with the group's values. */
  readonly keyOfValues: KeyOf
  readonly steps: readonly AggregateStep[]
  readonly direct: readonly number[]
  readonly distinct: readonly DistinctShape[]
}

/** A DISTINCT call: its rows are the group's values with the arguments behind them. */
interface DistinctShape {
  readonly step: number
  readonly keyOf: KeyOf
}

export function compileShape(
  set: GroupingSet,
  groups: readonly Evaluator[],
  types: readonly DataType[],
  steps: readonly AggregateStep[],
): GroupTableShape {
  const indexes = steps.map((_step, index) => index)
  return {
    set,
    groups,
    keyOf: compileKey(groups, types),
    keyOfValues: compileRowKey(types),
    steps,
    direct: indexes.filter((index) => steps[index]?.feed === 'direct'),
    distinct: indexes
      .filter((index) => steps[index]?.feed === 'distinct')
      .map((step) => ({ step, keyOf: compileRowKey([...types, ...(steps[step]?.argTypes ?? [])]) })),
  }
}

interface Group {
  readonly values: readonly Value[]
  readonly accumulators: readonly Accumulator[]
  /** What its accumulators were last known to hold, bytes. */
  growth: number
}

export class GroupTable {
  readonly #shape: GroupTableShape
  readonly #run: Run
  readonly #account: Account
  readonly #depth: number
  readonly #groups = new Map<Key, Group>()
  readonly #distinct: readonly DistinctFilter[]
  #usedBytes = 0
  #isGrowing = false
  #aside: Partitions | undefined

  constructor(shape: GroupTableShape, run: Run, account: Account, depth = 0) {
    this.#shape = shape
    this.#run = run
    this.#account = account
    this.#depth = depth
    this.#distinct = shape.distinct.map(({ keyOf }) => new DistinctFilter(run, account, keyOf))
  }

  async add(rows: readonly Row[]): Promise<void> {
    const taken = this.#distinct.length === 0 ? undefined : ([] as { row: Row; group: Group }[])
    for (let at = 0; at < rows.length;) {
      if (this.#run.isDue) await this.#run.spend(1)
      at = this.#addFrom(rows, at, taken)
    }
    if (taken !== undefined) await this.#addDistinct(taken)
    if (this.#aside !== undefined) await this.#aside.flush()
  }

  /** The output rows of all groups. To be read after the last `add`. */
  async *results(): Batches {
    await this.#finishDistinct()
    if (this.#shape.groups.length === 0 && this.#groups.size === 0 && this.#depth === 0)
      this.#create([], null)
    yield* this.#output()
    this.#forget()
    yield* this.#restOfGroups()
  }

  close(): void {
    this.#forget()
    this.#aside?.close()
    for (const filter of this.#distinct) filter.close()
  }

  /** Adds rows from a position on until others are to have a turn, and one at least. Gives the position of the next. */
  #addFrom(rows: readonly Row[], from: number, taken: { row: Row; group: Group }[] | undefined): number {
    const { keyOf, steps, direct } = this.#shape
    const run = this.#run
    const groups = this.#groups
    let last: Group | undefined
    const groupCount = this.#shape.groups.length
    let at = from
    while (at < rows.length && (at === from || !run.isDue)) {
      // `at` is below the number of rows.
      const row = rows[at++] as Row
      if (groupCount > GROUPS_PER_UNIT) workMeter.work(groupCount / GROUPS_PER_UNIT)
      const key = keyOf(row, run)
      const group = groups.get(key) ?? this.#newGroup(key, row)
      if (group === undefined) continue
      for (const index of direct) {
        // Each group has an accumulator for each step.
        ;(steps[index] as AggregateStep).add(group.accumulators[index] as Accumulator, row, run)
      }
      taken?.push({ row, group })
      if (this.#isGrowing) this.#weigh(group)
      last = group
    }
    if (last !== undefined) this.#weigh(last)
    return at
  }

  /** Undefined when the row was put aside. */
  #newGroup(key: Key, row: Row): Group | undefined {
    const values = this.#shape.groups.map((group) => group(row, this.#run))
    if (this.#aside === undefined && this.#hasRoomFor(values)) return this.#create(values, key)
    this.#aside ??= new Partitions(this.#account, this.#depth)
    this.#aside.add(key, row)
    return undefined
  }

  #hasRoomFor(values: readonly Value[]): boolean {
    let bytes = GROUP_BYTES + this.#shape.steps.length * ACCUMULATOR_BYTES
    for (const value of values) bytes += 2 * sizeOfValue(value)
    // One group at least, so that each part that is gone through leaves less to be done.
    if (this.#groups.size === 0) this.#account.growAnyway(bytes)
    else if (this.#depth >= PARTITION_DEPTH_MAX) this.#account.grow(bytes)
    else if (this.#groups.size >= GROUPS_MAX || !this.#account.tryGrow(bytes)) return false
    this.#usedBytes += bytes
    return true
  }

  #create(values: readonly Value[], key: Key): Group {
    const accumulators = this.#shape.steps.map((step) => step.create())
    const group = { values, accumulators, growth: 0 }
    group.growth = sizeOf(group)
    this.#groups.set(key, group)
    return group
  }

  /** Most accumulators stay small; groups are asked one by one only once one of them has been seen to grow. */
  #weigh(group: Group): void {
    const size = sizeOf(group)
    const more = size - group.growth
    if (more === 0) return
    this.#isGrowing = true
    group.growth = size
    this.#usedBytes += more
    if (more > 0) this.#account.grow(more)
    else this.#account.shrink(-more)
  }

  async #addDistinct(taken: readonly { row: Row; group: Group }[]): Promise<void> {
    for (const [at, { step: index }] of this.#shape.distinct.entries()) {
      const step = this.#shape.steps[index] as AggregateStep
      const rows: Row[] = []
      for (const { row, group } of taken) {
        if (!step.accepts(row, this.#run)) continue
        if (this.#run.isDue) await this.#run.spend(1)
        rows.push([...group.values, ...step.args.map((arg) => arg(row, this.#run))])
      }
      const fresh = await this.#distinct[at]?.add(rows)
      this.#addFresh(index, fresh ?? [])
    }
  }

  async #finishDistinct(): Promise<void> {
    for (const [at, { step }] of this.#shape.distinct.entries()) {
      const filter = this.#distinct[at]
      if (filter === undefined) continue
      for await (const rows of filter.rest()) this.#addFresh(step, rows)
    }
  }

  #addFresh(index: number, rows: readonly Row[]): void {
    const { groups, steps, keyOfValues } = this.#shape
    const step = steps[index] as AggregateStep
    for (const row of rows) {
      const accumulator = this.#groups.get(keyOfValues(row, this.#run))?.accumulators[index]
      if (accumulator !== undefined) addArguments(step, accumulator, row.slice(groups.length), this.#run)
    }
  }

  async *#output(): Batches {
    const { set } = this.#shape
    let batch: Row[] = []
    for (const { values, accumulators } of this.#groups.values()) {
      if (this.#run.isDue) {
        await this.#run.spend(1)
        if (batch.length > 0) yield batch
        batch = []
      }
      if (values.length > GROUPS_PER_UNIT) workMeter.work(values.length / GROUPS_PER_UNIT)
      batch.push(
        set.output(
          values,
          accumulators.map((accumulator) => accumulator.result(this.#run.scalar)),
        ),
      )
      if (batch.length < this.#run.batchSize) continue
      await this.#run.spend(batch.length)
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }

  async *#restOfGroups(): Batches {
    const aside = this.#aside
    if (aside === undefined) return
    for (let index = 0; index < PARTITION_COUNT; index++) {
      if (aside.rowCount(index) === 0) continue
      const table = new GroupTable(this.#shape, this.#run, this.#account, this.#depth + 1)
      try {
        for await (const batch of aside.read(index, this.#run)) await table.add(batch)
        aside.drop(index)
        yield* table.results()
      } finally {
        table.close()
      }
    }
  }

  #forget(): void {
    this.#groups.clear()
    this.#account.shrink(this.#usedBytes)
    this.#usedBytes = 0
  }
}

function sizeOf(group: Group): number {
  let bytes = 0
  for (const accumulator of group.accumulators) bytes += accumulator.sizeBytes
  return bytes
}
