/**
 * Each left row with each right row. The right side is kept, on disk where it does not fit into memory; a lateral one is
 * opened again for each left row. Rows come out in the order of the left side.
 */
import type { NestedLoopJoin } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'
import type { Bound, Compiler } from '../../compile/compiler.js'
import { scopeOf } from '../../expression/scope.js'
import { ExternalSorter } from '../../rows/external-sorter.js'
import { RowBuffer } from '../../rows/row-buffer.js'
import { compileRowSize, type SizeOf } from '../../rows/row-size.js'
import type { Batches, Operator, Run } from '../../run.js'
import { LateralCache } from './lateral-cache.js'
import { JoinOutput, compileJoinShape, keepsUnmatched, type JoinShape } from './join-output.js'

export function compileNestedLoop(plan: NestedLoopJoin, compiler: Compiler): Operator {
  const left = compiler.operator(plan.left)
  const { compiled: right, bound } = compiler.binding(
    plan.left.columns.map((column) => column.id),
    () => compiler.operator(plan.right),
  )
  const shape = compileJoinShape(
    plan.type,
    plan.left.columns.length,
    plan.right.columns.length,
    plan.condition,
    scopeOf(plan.left.columns, plan.right.columns),
    plan.isNullAware === true,
    compiler,
  )
  if (!plan.isLateral) return kept(plan, left, right, shape)
  return lateral(plan, left, compileLateralRight(plan, right, bound, compiler), shape)
}

/** The right side for one left row, whose values have to be in their slots. */
type LateralRight = (left: Row, run: Run, cache: LateralCache) => AsyncIterable<readonly Row[]>

function compileLateralRight(
  plan: NestedLoopJoin,
  right: Operator,
  bound: readonly Bound[],
  compiler: Compiler,
): LateralRight {
  const isRepeatable = compiler.isRepeatable(plan.right)
  return (left, run, cache) => {
    for (const { position, slot } of bound) run.outer[slot] = left[position] as Value
    if (!isRepeatable || !cache.isWorthwhile) return right(run)
    const key = cache.keyOf(bound.map(({ position }) => left[position] as Value))
    return cached(key, cache, right, run)
  }
}

async function* cached(
  key: string,
  cache: LateralCache,
  right: Operator,
  run: Run,
): AsyncGenerator<readonly Row[], void, undefined> {
  const known = cache.get(key)
  if (known !== undefined) {
    if (known.length > 0) yield known
    return
  }
  let rows: Row[] | undefined = []
  for await (const batch of right(run)) {
    yield batch
    // More than a batch is not kept: it is read again where it is asked for again.
    rows = rows !== undefined && rows.length + batch.length <= run.batchSize ? rows.concat(batch) : undefined
  }
  if (rows !== undefined) cache.keep(key, rows)
}

function lateral(plan: NestedLoopJoin, left: Operator, right: LateralRight, shape: JoinShape): Operator {
  const sizeOfRight = compileRowSize(plan.right.columns.map((column) => column.type))
  return async function* lateralJoin(run) {
    const cache = new LateralCache(run.account(plan), sizeOfRight)
    const output = new JoinOutput(shape, run)
    try {
      for await (const batch of left(run)) {
        for (const row of batch) {
          output.begin(row)
          for await (const rights of right(row, run, cache)) {
            await offerAll(output, rights, run)
            if (output.isDecided) break
            if (output.rows.length >= run.batchSize) yield output.take()
          }
          output.end()
          if (output.rows.length >= run.batchSize) yield output.take()
        }
        if (output.rows.length > 0) yield output.take()
      }
    } finally {
      cache.clear()
    }
  }
}

/** Offers right rows until nothing more can change. Returns which matched, where asked for. */
async function offerAll(
  output: JoinOutput,
  rights: readonly Row[],
  run: Run,
  matched?: Uint8Array,
  first = 0,
): Promise<void> {
  const waits = output.shape.waiting !== undefined
  for (let at = 0; at < rights.length; at++) {
    const right = rights[at] as Row
    if (run.isDue) await run.spend(1)
    if ((waits ? await output.offerWaiting(right) : output.offer(right)) && matched !== undefined) {
      matched[first + at] = 1
    }
    if (output.isDecided) return
  }
}

function kept(plan: NestedLoopJoin, left: Operator, right: Operator, shape: JoinShape): Operator {
  const sizeOfRight = compileRowSize(plan.right.columns.map((column) => column.type))
  const sizeOfJoined = compileRowSize(
    [...plan.left.columns, ...plan.right.columns].map((column) => column.type),
  )
  return async function* nestedLoop(run) {
    const account = run.account(plan)
    // Where rows go to disk what is joined is sorted, which takes memory.
    const buffer = new RowBuffer(account, sizeOfRight, true)
    try {
      for await (const batch of right(run)) await buffer.append(batch)
      const matched = keepsUnmatched(shape.type) ? new Uint8Array(buffer.rowCount) : undefined
      account.growAnyway(matched?.length ?? 0)
      const output = new JoinOutput(shape, run)
      if (
        buffer.rowCount > 0 ||
        (shape.type !== 'inner' && shape.type !== 'semi' && shape.type !== 'right')
      ) {
        for await (const batch of left(run)) {
          if (buffer.inMemory !== undefined) yield* joinInMemory(batch, buffer.inMemory, output, matched, run)
          else yield* joinFromDisk(plan, batch, buffer, shape, matched, sizeOfJoined, run)
        }
      }
      if (matched !== undefined) yield* unmatched(buffer, matched, output)
    } finally {
      buffer.clear()
      account.close()
    }
  }
}

async function* joinInMemory(
  lefts: readonly Row[],
  rights: readonly Row[][],
  output: JoinOutput,
  matched: Uint8Array | undefined,
  run: Run,
): Batches {
  for (const left of lefts) {
    output.begin(left)
    let first = 0
    for (const batch of rights) {
      await offerAll(output, batch, run, matched, first)
      first += batch.length
      const turn = run.spend(batch.length)
      if (turn !== undefined) await turn
      if (output.isDecided) break
      if (output.rows.length >= run.batchSize) yield output.take()
    }
    output.end()
    if (output.rows.length >= run.batchSize) yield output.take()
  }
  if (output.rows.length > 0) yield output.take()
}

/**
 * Reads the right side once for a whole batch of left rows; what comes out is brought back into the order of the left side
 * by sorting.
 */
async function* joinFromDisk(
  plan: NestedLoopJoin,
  lefts: readonly Row[],
  buffer: RowBuffer,
  shape: JoinShape,
  matched: Uint8Array | undefined,
  sizeOf: SizeOf,
  run: Run,
): Batches {
  const sorter = new ExternalSorter(run, run.account(plan), byLastValue, sizeOf)
  const outputs = lefts.map((left) => {
    const output = new JoinOutput(shape, run)
    output.begin(left)
    return output
  })
  try {
    const cursor = buffer.cursor()
    let first = 0
    for (let rights = await cursor.next(); rights !== undefined; rights = await cursor.next()) {
      for (const [index, output] of outputs.entries()) {
        if (output.isDecided) continue
        await offerAll(output, rights, run, matched, first)
        await sorter.add(numbered(output, index))
      }
      first += rights.length
      await run.spend(rights.length * outputs.length)
    }
    for (const [index, output] of outputs.entries()) {
      output.end()
      await sorter.add(numbered(output, index))
    }
    for await (const batch of sorter.sorted()) yield batch.map((row) => row.slice(0, -1))
  } finally {
    sorter.clear()
  }
}

function numbered(output: JoinOutput, index: number): Row[] {
  return output.take().map((row) => [...row, index])
}

function byLastValue(a: Row, b: Row): number {
  return Number(a.at(-1)) - Number(b.at(-1))
}

async function* unmatched(buffer: RowBuffer, matched: Uint8Array, output: JoinOutput): Batches {
  const cursor = buffer.cursor()
  let index = 0
  for (let rights = await cursor.next(); rights !== undefined; rights = await cursor.next()) {
    for (const right of rights) if (matched[index++] !== 1) output.unmatched(right)
    if (output.rows.length > 0) yield output.take()
  }
}
