import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { TestEnv, type Env } from '@orbit-ts/base'
import { compilePlan } from './compile-plan.js'
import type { PhysicalPlan, TableScan } from '../plan/physical-plan.js'
import type { Relation } from '../relation/relation.js'
import { queryError } from '../scalar/condition.js'
import type { Row } from '../scalar/value.js'
import {
  ESTIMATE,
  INT4,
  ascending,
  call,
  column,
  constant,
  filterPlan,
  output,
  valuesPlan,
} from './testing/plans.test.data.js'
import { PlanRunner, TINY_BYTES } from './testing/run-plan.test.data.js'

/** Numbers from 0 on in batches, and whether the reading of them has been closed. */
class Numbers implements Relation {
  readonly oid = 1
  readonly schema = 'public'
  readonly name = 'numbers'
  readonly kind = 'table'
  readonly columns = [{ name: 'n', type: INT4, isNotNull: true, hasDefault: false }]
  readonly indexes = []
  readonly statistics = undefined
  readonly #end: number
  read = 0
  isClosed = false

  constructor(end: number) {
    this.#end = end
  }

  async *scan(): AsyncGenerator<Row[]> {
    try {
      while (this.read < this.#end) {
        const batch = Array.from({ length: 64 }, (_none, at): Row => [this.read + at])
        this.read += batch.length
        yield batch
      }
    } finally {
      this.isClosed = true
    }
  }
}

function scan(relation: Relation, id = 1): TableScan {
  return {
    kind: 'table-scan',
    columns: [output(id)],
    estimate: ESTIMATE,
    relation,
    alias: 'n',
    ordinals: [0],
    access: { kind: 'all' },
    isReverse: false,
  }
}

function sort(input: PhysicalPlan): PhysicalPlan {
  return {
    kind: 'sort',
    columns: input.columns,
    estimate: ESTIMATE,
    input,
    keys: [ascending(column(1))],
    presorted: 0,
  }
}

function crossJoin(left: PhysicalPlan, right: PhysicalPlan): PhysicalPlan {
  return {
    kind: 'nested-loop',
    type: 'semi',
    columns: left.columns,
    estimate: ESTIMATE,
    left,
    right,
    condition: call('<', column(1), constant(-1)),
    isLateral: false,
  }
}

describe('an execution', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  it('reads no further than it is asked, and closes everything when it is left', async () => {
    const numbers = new Numbers(1e9)
    const plan = filterPlan(scan(numbers), call('<', constant(10), column(1)))
    for await (const batch of runner.start(plan)) {
      assert.equal(batch.length, 53)
      break
    }
    assert.equal(numbers.read, 64)
    assert.equal(numbers.isClosed, true)
  })

  it('ends when it is cancelled, wherever it is, and gives everything back', async () => {
    const endless = (): PhysicalPlan[] => [
      filterPlan(scan(new Numbers(1e9)), call('<', column(1), constant(0))),
      sort(scan(new Numbers(1e9))),
      // All rows are there; only the comparing goes on.
      crossJoin(scan(new Numbers(20_000)), scan(new Numbers(20_000), 2)),
    ]
    for (const plan of endless()) {
      const controller = new AbortController()
      const context = runner.context({ memoryBytes: TINY_BYTES, signal: controller.signal })

      const execution = compilePlan({ root: plan, subqueries: new Map(), isModifying: false }).run(context)
      const reading = (async () => {
        for await (const _batch of execution);
      })()
      await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      await assert.rejects(reading, { message: /canceling statement due to user request/ })
      assert.equal(context.memory.usedBytes, 0)
    }
    await runner.closeSpaces()
    assert.deepEqual(await runner.filesLeft(), [])
  })

  it('fails with what it is cancelled with, where that says why', async () => {
    const controller = new AbortController()
    controller.abort(queryError('query_canceled', 'canceling statement due to statement timeout'))
    await assert.rejects(runner.rows(scan(new Numbers(100)), { signal: controller.signal }), {
      message: /canceling statement due to statement timeout/,
    })
  })

  it('lets others have a turn while it works through rows', async () => {
    let turns = 0
    const env = new TestEnv()
    const counting: Env = {
      clock: env.clock,
      random: env.random,
      timers: {
        set: (...args) => env.timers.set(...args),
        nextTurn: () => {
          turns++
          return env.timers.nextTurn()
        },
      },
    }
    await runner.rows(filterPlan(scan(new Numbers(640_000)), call('<', column(1), constant(0))), {
      env: counting,
    })
    assert.equal(turns, Math.floor(640_000 / 8192))
    turns = 0
    await runner.rows(crossJoin(scan(new Numbers(1280)), scan(new Numbers(1280), 2)), { env: counting })
    assert.ok(turns >= 190, `${turns} turns`)
  })

  it('holds no memory and no files once it has ended or failed', async () => {
    const rows = Array.from({ length: 400 }, (_none, at): Row => [(at * 7) % 400])
    const context = runner.context({ memoryBytes: TINY_BYTES })

    const compiled = compilePlan({
      root: sort(valuesPlan([output(1)], rows)),
      subqueries: new Map(),
      isModifying: false,
    })
    let count = 0
    for await (const batch of compiled.run(context)) count += batch.length
    assert.equal(count, 400)
    assert.equal(context.memory.usedBytes, 0)
    assert.ok(context.memory.peakBytes <= 2 * TINY_BYTES, `${context.memory.peakBytes} bytes`)
    const failing = runner.context({ memoryBytes: TINY_BYTES })
    await assert.rejects(async () => {
      for await (const batch of compiled.run(failing)) throw new Error(`met ${batch.length} rows`)
    }, /met 64 rows/)
    assert.equal(failing.memory.usedBytes, 0)
    await runner.closeSpaces()
    assert.deepEqual(await runner.filesLeft(), [])
  })

  it('may run many times and by many at once', async () => {
    const parameter = { kind: 'parameter', index: 0, type: INT4 } as const
    const plan = filterPlan(valuesPlan([output(1)], [[1], [2], [3]]), call('<', column(1), parameter))
    const compiled = compilePlan({ root: plan, subqueries: new Map(), isModifying: false })
    const count = async (limit: number): Promise<number> => {
      let rows = 0
      for await (const batch of compiled.run(runner.context({ parameters: [limit] }))) rows += batch.length
      return rows
    }
    assert.deepEqual(await Promise.all([1, 2, 3, 4].map(count)), [0, 1, 2, 3])
  })

  it('counts what operators do where it is asked to', async () => {
    const input = valuesPlan(
      [output(1)],
      Array.from({ length: 200 }, (_none, at) => [at]),
    )
    const filter = filterPlan(input, call('<', column(1), constant(150)))
    const plan = sort(filter)
    const execution = runner.start(plan, { isMeasured: true, memoryBytes: TINY_BYTES })
    let rows = 0
    for await (const batch of execution) rows += batch.length
    assert.equal(rows, 150)
    const { counters } = execution
    assert.deepEqual(
      [counters?.get(input), counters?.get(filter)].map((each) => [
        each?.rows,
        each?.loops,
        each?.removedRows,
        each?.spilledBytes,
      ]),
      [
        [200, 1, 0, 0],
        [150, 1, 50, 0],
      ],
    )
    const sorted = counters?.get(plan)
    assert.equal(sorted?.rows, 150)
    assert.ok((sorted?.spilledBytes ?? 0) > 150)
    assert.ok((sorted?.memoryPeakBytes ?? 0) > 0)
    await runner.closeSpaces()
    const unmeasured = runner.start(plan)
    for await (const batch of unmeasured) assert.ok(batch.length > 0)
    assert.equal(unmeasured.counters, undefined)
  })
})
