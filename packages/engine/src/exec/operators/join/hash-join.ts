/**
 * The hash join. The right side is read into a table; when there is no memory for it both sides are parted by the hashes
 * of their keys, on disk, and the parts are joined one after another, parted again where a part is still too large.
 */
import type { HashJoin } from '../../../plan/physical-plan.js'
import type { Compiler } from '../../compile/compiler.js'
import type { Account } from '../../rows/account.js'
import type { MatchKeyOf } from '../../rows/hash-key.js'
import { PARTITION_COUNT, PARTITION_DEPTH_MAX, Partitions } from '../../rows/partitions.js'
import type { Batches, Operator, Run } from '../../run.js'
import { HashTable, TABLE_ENTRY_BYTES } from './hash-table.js'
import { joinInChunks } from './join-in-chunks.js'
import { JoinOutput, compileJoinShape, keepsUnmatched, type JoinShape } from './join-output.js'
import { compileJoinSide, compileSideKey, joinedScope, withoutAdded, type JoinSide } from './join-side.js'
import { compileNullAwareAntiJoin } from './null-aware-anti-join.js'
import { Probe } from './probe.js'

export function compileHashJoin(plan: HashJoin, compiler: Compiler): Operator {
  const left = compileJoinSide(plan.left, plan.leftKeys, compiler)
  const right = compileJoinSide(plan.right, plan.rightKeys, compiler)
  const scope = joinedScope(left.scope, right.scope)
  const shape = compileJoinShape(
    plan.type,
    left.scope.width,
    right.scope.width,
    plan.residual,
    scope,
    plan.isNullAware === true,
    compiler,
  )
  const isLeftOnly = plan.type === 'semi' || plan.type === 'anti'
  // With one key and nothing else to be true it is enough to know whether there are nulls.
  const isPlain = plan.rightKeys.length === 1 && plan.residual === undefined
  if (plan.isNullAware === true && !isPlain) {
    return withoutAdded(compileNullAwareAntiJoin(plan, shape, left, right, compiler), left, right, true)
  }
  const join: HashJoinShape = {
    join: shape,
    right,
    leftKey: compileSideKey(left, plan.nullsEqual, compiler),
    rightKey: compileSideKey(right, plan.nullsEqual, compiler),
  }
  const operator: Operator = async function* hashJoin(run) {
    const account = run.account(plan)
    const work = new HashJoinWork(join, run, account)
    try {
      yield* work.join(left.operator, right.operator(run), 0)
    } finally {
      work.close()
      account.close()
    }
  }
  return withoutAdded(operator, left, right, isLeftOnly)
}

export interface HashJoinShape {
  readonly join: JoinShape
  readonly right: JoinSide
  readonly leftKey: MatchKeyOf
  readonly rightKey: MatchKeyOf
}

class HashJoinWork {
  readonly #shape: HashJoinShape
  readonly #run: Run
  readonly #account: Account
  readonly #output: JoinOutput
  readonly #open = new Set<Partitions>()
  /** On the right side. */
  #sawRow = false
  #sawNull = false

  constructor(shape: HashJoinShape, run: Run, account: Account) {
    this.#shape = shape
    this.#run = run
    this.#account = account
    this.#output = new JoinOutput(shape.join, run)
  }

  /** @param left is opened when the right side has been read. */
  async *join(left: Operator, right: Batches, depth: number): Batches {
    const built = await this.#build(right, depth)
    const { isNullAware } = this.#shape.join
    if (isNullAware && this.#sawNull) return
    const compared = isNullAware && this.#sawRow ? withKey(left, this.#shape.leftKey) : left
    if (built instanceof HashTable) {
      yield* this.#probe(built, compared)
      return
    }
    const leftParts = await this.#part(compared(this.#run), depth)
    for (let index = 0; index < PARTITION_COUNT; index++) {
      if (leftParts.rowCount(index) > 0 || built.rowCount(index) > 0) {
        yield* this.#joinPart(leftParts, built, index, depth + 1)
      }
      leftParts.drop(index)
      built.drop(index)
    }
    this.#open.delete(built)
    this.#open.delete(leftParts)
  }

  close(): void {
    for (const parts of this.#open) parts.close()
  }

  async *#joinPart(left: Partitions, right: Partitions, index: number, depth: number): Batches {
    const run = this.#run
    const readLeft: Operator = () => left.read(index, run)
    if (depth < PARTITION_DEPTH_MAX && !right.isMostOf(index)) {
      yield* this.join(readLeft, right.read(index, run), depth)
      return
    }
    const rows = { left: readLeft, leftCount: left.rowCount(index), right: right.read(index, run) }
    yield* joinInChunks(this.#shape, rows, this.#account, run)
  }

  async *#probe(table: HashTable, left: Operator): Batches {
    const { type } = this.#shape.join
    const findsNothing = table.rows.length === 0 && (type === 'inner' || type === 'semi')
    if (!findsNothing) {
      const probe = new Probe(table, this.#output, this.#shape.leftKey, this.#run)
      for await (const batch of left(this.#run)) yield* probe.join(batch)
      yield* probe.unmatched()
    }
    this.#account.clear()
  }

  /** The table, or the parts where it does not fit into memory. */
  async #build(right: Batches, depth: number): Promise<HashTable | Partitions> {
    const { rightKey, right: side, join } = this.#shape
    const keepsAll = keepsUnmatched(join.type)
    const table = new HashTable()
    let parts: Partitions | undefined
    for await (const batch of right) {
      for (const row of batch) {
        const key = rightKey(row, this.#run)
        this.#sawRow = true
        this.#sawNull ||= key === undefined
        if (key === undefined && !keepsAll) continue
        if (
          parts === undefined &&
          (table.isFull || !this.#account.tryGrow(side.sizeOf(row) + TABLE_ENTRY_BYTES))
        ) {
          parts = await this.#moveOut(table, depth)
        }
        if (parts === undefined) table.add(key, row)
        else parts.add(key ?? null, row)
      }
      if (parts !== undefined) await parts.flush()
    }
    return parts ?? table
  }

  async #moveOut(table: HashTable, depth: number): Promise<Partitions> {
    const parts = this.#newParts(depth)
    for (let start = 0; start < table.rows.length; start += this.#run.batchSize) {
      for (const row of table.rows.slice(start, start + this.#run.batchSize)) {
        parts.add(this.#shape.rightKey(row, this.#run) ?? null, row)
      }
      await parts.flush()
    }
    this.#account.clear()
    return parts
  }

  async #part(left: Batches, depth: number): Promise<Partitions> {
    const parts = this.#newParts(depth)
    for await (const batch of left) {
      for (const row of batch) parts.add(this.#shape.leftKey(row, this.#run) ?? null, row)
      await parts.flush()
    }
    return parts
  }

  #newParts(depth: number): Partitions {
    const parts = new Partitions(this.#account, depth)
    this.#open.add(parts)
    return parts
  }
}

/** Of NOT IN: whether a left row without a key is in a set that is not empty is unknown. */
function withKey(left: Operator, keyOf: MatchKeyOf): Operator {
  return async function* rowsWithKey(run) {
    for await (const batch of left(run)) {
      const rows = batch.filter((row) => keyOf(row, run) !== undefined)
      if (rows.length > 0) yield rows
    }
  }
}
