import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Expression } from '../../../plan/expression.js'
import {
  ROW_ID_ORDINAL,
  type InsertPlan,
  type MergePlan,
  type UpdatePlan,
  type DeletePlan,
  type ValuesPlan,
} from '../../../plan/logical-plan.js'
import type { Lock, Modify, PhysicalPlan, TableScan } from '../../../plan/physical-plan.js'
import type { RelationColumn, RelationIndex } from '../../../relation/relation.js'
import type { Row } from '../../../scalar/value.js'
import { MemoryRelation } from '../../testing/memory-relation.test.data.js'
import {
  ESTIMATE,
  INT4,
  call,
  column,
  constant,
  filterPlan,
  output,
  projectPlan,
  valuesPlan,
} from '../../testing/plans.test.data.js'
import { PlanRunner, TINY_BYTES } from '../../testing/run-plan.test.data.js'

const columnOf = (name: string, hasDefault = false): RelationColumn => ({
  name,
  type: INT4,
  isNotNull: false,
  hasDefault,
})

const PRIMARY: RelationIndex = {
  name: 't_pkey',
  isPrimary: true,
  isUnique: true,
  nullsNotDistinct: false,
  keys: [{ key: 0, isDescending: false, nullsFirst: false }],
  covers: [0],
}

/** `t (id primary key, v, w default 77)` */
function table(rows: readonly Row[], options: { readonly oid?: number } = {}): MemoryRelation {
  return new MemoryRelation({
    columns: [columnOf('id'), columnOf('v'), columnOf('w', true)],
    indexes: [PRIMARY],
    defaults: [null, null, 77],
    rows,
    ...options,
  })
}

const ID = output(1)
const V = output(2)
const ROW_ID = output(9)

function scan(relation: MemoryRelation, more: Partial<TableScan> = {}): TableScan {
  return {
    kind: 'table-scan',
    columns: [ID, V, ROW_ID],
    estimate: ESTIMATE,
    relation,
    alias: 't',
    ordinals: [0, 1, ROW_ID_ORDINAL],
    access: { kind: 'all' },
    isReverse: false,
    ...more,
  }
}

/** The logical input of a change is not looked at by the executor. */
const NO_INPUT: ValuesPlan = { kind: 'values', columns: [], rows: [] }

function modify(change: Modify['change'], input: PhysicalPlan): Modify {
  return { kind: 'modify', columns: change.columns, estimate: ESTIMATE, change, input }
}

/** `row` gives the changed row's columns the ids 31, 32, 33. */
const ROW = [31, 32, 33]
const RETURNED = { columns: [output(41), output(42)], returning: { expressions: [column(31), column(32)] } }

function update(
  relation: MemoryRelation,
  input: PhysicalPlan,
  assignments: UpdatePlan['assignments'],
  more: Partial<UpdatePlan> = {},
): Modify {
  const change: UpdatePlan = {
    kind: 'update',
    columns: [],
    relation,
    alias: 't',
    input: NO_INPUT,
    rowId: ROW_ID.id,
    assignments,
    row: ROW,
    ...more,
  }
  return modify(change, input)
}

function remove(relation: MemoryRelation, input: PhysicalPlan, more: Partial<DeletePlan> = {}): Modify {
  const change: DeletePlan = {
    kind: 'delete',
    columns: [],
    relation,
    alias: 't',
    input: NO_INPUT,
    rowId: ROW_ID.id,
    row: ROW,
    ...more,
  }
  return modify(change, input)
}

function insert(relation: MemoryRelation, input: PhysicalPlan, more: Partial<InsertPlan> = {}): Modify {
  const change: InsertPlan = {
    kind: 'insert',
    columns: [],
    relation,
    alias: 't',
    input: NO_INPUT,
    targets: [0, 1],
    row: ROW,
    ...more,
  }
  return modify(change, input)
}

const plus = (id: number, amount: number): Expression => call('+', column(id), constant(amount))

describe('changes', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  async function run(plan: PhysicalPlan, memoryBytes?: number): Promise<{ rows: Row[]; changed: number }> {
    const execution = runner.start(plan, memoryBytes === undefined ? {} : { memoryBytes })
    const rows: Row[] = []
    for await (const batch of execution) rows.push(...batch)
    await runner.closeSpaces()
    return { rows, changed: execution.changedRows }
  }

  it('insert rows with defaults, and give back what was stored', async () => {
    const relation = table([])
    const input = valuesPlan(
      [ID, V],
      [
        [1, 10],
        [2, 20],
      ],
    )
    assert.deepEqual(await run(insert(relation, input, RETURNED)), {
      rows: [
        [1, 10],
        [2, 20],
      ],
      changed: 2,
    })
    assert.deepEqual(relation.rows, [
      [1, 10, 77],
      [2, 20, 77],
    ])
    const defaulted: PhysicalPlan = {
      ...valuesPlan([ID, V], []),
      rows: [[constant(3), { kind: 'default', type: INT4 }]],
    }
    await run(insert(relation, defaulted, { targets: [0, 2] }))
    assert.deepEqual(relation.rows.at(-1), [3, null, 77])
  })

  it('do not see the rows they insert', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 20, 0],
    ])
    for (const memoryBytes of [undefined, TINY_BYTES]) {
      const before = relation.rows.length
      const { changed } = await run(
        insert(relation, projectPlan(scan(relation), [plus(1, 100 * before), column(2)], [51, 52])),
        memoryBytes,
      )
      assert.equal(changed, before)
      assert.equal(relation.rows.length, 2 * before)
    }
  })

  it('update each row once, however often it is joined', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 20, 0],
      [3, 30, 0],
    ])
    const join: PhysicalPlan = {
      kind: 'nested-loop',
      type: 'left',
      columns: [ID, V, ROW_ID, output(5)],
      estimate: ESTIMATE,
      left: scan(relation),
      right: valuesPlan([output(5)], [[100], [200]]),
      condition: undefined,
      isLateral: false,
    }
    const assignments = [{ ordinal: 1, expression: call('+', column(2), column(5)) }]
    const plan = update(relation, join, assignments, {
      columns: [output(41), output(42), output(43)],
      returning: { expressions: [column(31), column(32), column(2)] },
    })
    assert.deepEqual(await run(plan, TINY_BYTES), {
      rows: [
        [1, 110, 10],
        [2, 120, 20],
        [3, 130, 30],
      ],
      changed: 3,
    })
  })

  it('set columns to their defaults', async () => {
    const relation = table([[1, 10, 5]])
    await run(
      update(relation, scan(relation), [
        { ordinal: 2, expression: undefined },
        { ordinal: 1, expression: undefined },
      ]),
    )
    assert.deepEqual(relation.rows, [[1, null, 77]])
  })

  it('delete rows and give them back as they were', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 20, 0],
    ])
    const plan = remove(relation, filterPlan(scan(relation), call('<', column(1), constant(2))), RETURNED)
    assert.deepEqual(await run(plan), { rows: [[1, 10]], changed: 1 })
    assert.deepEqual(relation.rows, [[2, 20, 0]])
  })

  it('look again at rows that others changed meanwhile, through the plan that found them', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 10, 0],
      [3, 10, 0],
      [4, 10, 0],
    ])
    relation.beforeLock = () => {
      relation.foreign((row) => row[0] === 2, [2, 99, 0])
      relation.foreign((row) => row[0] === 3, [3, 11, 0])
      relation.foreign((row) => row[0] === 4, undefined)
    }
    const input = filterPlan(scan(relation), call('<', column(2), constant(50)))
    const plan = update(relation, input, [{ ordinal: 1, expression: plus(2, 1) }], RETURNED)
    assert.deepEqual(await run(plan), {
      rows: [
        [1, 11],
        [3, 12],
      ],
      changed: 2,
    })
    assert.deepEqual(relation.rows, [
      [1, 11, 0],
      [2, 99, 0],
      [3, 12, 0],
    ])
  })

  it('ask of rows again also what the index had answered', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 20, 0],
    ])
    relation.beforeLock = () => {
      relation.foreign((row) => row[0] === 1, [8, 10, 0])
      relation.foreign((row) => row[0] === 2, [2, 21, 0])
    }
    const access = { kind: 'points', index: 't_pkey', keys: [[constant(1)], [constant(2)]] } as const
    const { changed } = await run(remove(relation, scan(relation, { access })))
    assert.equal(changed, 1)
    assert.deepEqual(relation.rows, [[8, 10, 0]])
  })

  describe('on conflict', () => {
    const EXCLUDED = [51, 52, 53]
    const updating: InsertPlan['onConflict'] = {
      index: 't_pkey',
      update: {
        assignments: [{ ordinal: 1, expression: call('+', column(32), column(52)) }],
        condition: call('<', column(32), constant(100)),
        excluded: EXCLUDED,
      },
    }

    it('do nothing', async () => {
      const relation = table([[1, 10, 0]])
      const input = valuesPlan(
        [ID, V],
        [
          [1, 11],
          [2, 20],
          [2, 21],
        ],
      )
      const plan = insert(relation, input, { onConflict: { index: undefined }, ...RETURNED })
      assert.deepEqual(await run(plan), { rows: [[2, 20]], changed: 1 })
    })

    it('update the row that is there, where the condition holds', async () => {
      const relation = table([
        [1, 10, 0],
        [2, 200, 0],
      ])
      const input = valuesPlan(
        [ID, V],
        [
          [3, 30],
          [1, 1],
          [2, 2],
        ],
      )
      const plan = insert(relation, input, { onConflict: updating, ...RETURNED })
      assert.deepEqual(await run(plan), {
        rows: [
          [3, 30],
          [1, 11],
        ],
        changed: 2,
      })
      assert.deepEqual(relation.rows, [
        [1, 11, 0],
        [2, 200, 0],
        [3, 30, 77],
      ])
    })

    it('refuse to change a row a second time', async () => {
      for (const rows of [
        [
          [5, 1],
          [5, 2],
        ],
        [
          [1, 1],
          [1, 2],
        ],
      ]) {
        const plan = insert(table([[1, 10, 0]]), valuesPlan([ID, V], rows), { onConflict: updating })
        await assert.rejects(run(plan), {
          message: /ON CONFLICT DO UPDATE command cannot affect row a second time/,
        })
      }
    })
  })

  describe('merge', () => {
    const SOURCE = [output(61), output(62)]

    /** The source on the left, the target where it has the same id. */
    function merge(relation: MemoryRelation, source: readonly Row[], actions: MergePlan['actions']): Modify {
      const input: PhysicalPlan = {
        kind: 'hash-join',
        type: 'left',
        columns: [...SOURCE, ID, V, ROW_ID],
        estimate: ESTIMATE,
        left: valuesPlan(SOURCE, source),
        right: scan(relation),
        leftKeys: [column(61)],
        rightKeys: [column(1)],
        residual: undefined,
      }
      const change: MergePlan = {
        kind: 'merge',
        columns: [],
        relation,
        alias: 't',
        input: NO_INPUT,
        rowId: ROW_ID.id,
        actions,
      }
      return modify(change, input)
    }

    const ACTIONS: MergePlan['actions'] = [
      { isMatched: true, condition: call('<', column(62), constant(0)), action: { kind: 'delete' } },
      { isMatched: true, condition: call('=', column(62), constant(0)), action: { kind: 'nothing' } },
      { isMatched: true, action: { kind: 'update', assignments: [{ ordinal: 1, expression: column(62) }] } },
      {
        isMatched: false,
        condition: call('<', constant(0), column(62)),
        action: {
          kind: 'insert',
          assignments: [
            { ordinal: 0, expression: column(61) },
            { ordinal: 1, expression: column(62) },
          ],
        },
      },
    ]

    it('does the first thing whose condition holds', async () => {
      const relation = table([
        [1, 10, 0],
        [2, 20, 0],
        [3, 30, 0],
        [4, 40, 0],
      ])
      const source: Row[] = [
        [1, -1],
        [2, 0],
        [3, 33],
        [8, 88],
        [9, -9],
      ]
      const { changed } = await run(merge(relation, source, ACTIONS))
      assert.equal(changed, 3)
      assert.deepEqual(relation.rows, [
        [2, 20, 0],
        [3, 33, 0],
        [4, 40, 0],
        [8, 88, 77],
      ])
    })

    it('refuses to change a row a second time', async () => {
      const plan = merge(
        table([[1, 10, 0]]),
        [
          [1, 5],
          [1, 6],
        ],
        ACTIONS,
      )
      await assert.rejects(run(plan), { message: /MERGE command cannot affect row a second time/ })
    })

    it('decides again about rows that others changed', async () => {
      const relation = table([[1, 10, 0]])
      relation.beforeLock = () => relation.foreign((row) => row[0] === 1, [1, 11, 0])
      const actions: MergePlan['actions'] = [
        {
          isMatched: true,
          action: {
            kind: 'update',
            assignments: [{ ordinal: 1, expression: call('+', column(2), column(62)) }],
          },
        },
      ]
      await run(merge(relation, [[1, 100]], actions))
      assert.deepEqual(relation.rows, [[1, 111, 0]])
      relation.beforeLock = () => relation.foreign((row) => row[0] === 1, [7, 0, 0])
      await assert.rejects(run(merge(relation, [[1, 100]], actions)), {
        message: /could not serialize access due to concurrent update/,
      })
    })
  })

  describe('locks', () => {
    const lock = (relation: MemoryRelation, input: PhysicalPlan, wait: 'block' | 'skip'): Lock => ({
      kind: 'lock',
      columns: input.columns,
      estimate: ESTIMATE,
      input,
      targets: [{ relation, rowId: ROW_ID.id, strength: 'update', wait }],
    })
    const idsAndValues = (plan: PhysicalPlan): PhysicalPlan =>
      projectPlan(plan, [column(1), column(2)], [1, 2])

    it('skip rows that others hold, and rows that are gone', async () => {
      const relation = table([
        [1, 10, 0],
        [2, 20, 0],
        [3, 30, 0],
      ])
      relation.held.add(2)
      relation.beforeLock = () => relation.foreign((row) => row[0] === 3, undefined)
      assert.deepEqual((await run(idsAndValues(lock(relation, scan(relation), 'skip')))).rows, [[1, 10]])
    })

    it('give rows as they are when they are held', async () => {
      const relation = table([
        [1, 10, 0],
        [2, 20, 0],
        [3, 30, 0],
      ])
      relation.beforeLock = () => {
        relation.foreign((row) => row[0] === 1, [1, 12, 0])
        relation.foreign((row) => row[0] === 2, [2, 99, 0])
      }
      const input = filterPlan(scan(relation), call('<', column(2), constant(50)))
      assert.deepEqual((await run(idsAndValues(lock(relation, input, 'block')))).rows, [
        [1, 12],
        [3, 30],
      ])
    })
  })

  it('count what the statement itself changes, not what WITH does', async () => {
    const relation = table([
      [1, 10, 0],
      [2, 20, 0],
    ])
    const other = table([], { oid: 2000 })
    const deleting = remove(relation, scan(relation), RETURNED)
    const body = insert(other, {
      kind: 'common-scan',
      columns: [output(71), output(72)],
      estimate: ESTIMATE,
      definition: 1,
      name: 'd',
      ordinals: [0, 1],
    })
    const plan: PhysicalPlan = {
      kind: 'with',
      columns: [],
      estimate: ESTIMATE,
      definitions: [{ id: 1, name: 'd', plan: deleting, isModifying: true }],
      body,
    }
    assert.deepEqual(await run(plan), { rows: [], changed: 2 })
    assert.deepEqual(relation.rows, [])
    assert.deepEqual(other.rows, [
      [1, 10, 77],
      [2, 20, 77],
    ])
  })

  it('do not show in what else the statement reads', async () => {
    const updating = (relation: MemoryRelation): Modify =>
      update(relation, scan(relation), [{ ordinal: 1, expression: plus(2, 100) }], RETURNED)
    const withUpdate = (relation: MemoryRelation, body: PhysicalPlan): PhysicalPlan => ({
      kind: 'with',
      columns: body.columns,
      estimate: ESTIMATE,
      definitions: [{ id: 1, name: 'u', plan: updating(relation), isModifying: true }],
      body,
    })
    const columns = [output(21), output(22)]
    const reading = (relation: MemoryRelation, more: Partial<TableScan> = {}): TableScan =>
      scan(relation, { columns, ordinals: [0, 1], ...more })
    const fresh = (): MemoryRelation =>
      table([
        [1, 10, 0],
        [2, 20, 0],
      ])

    const plain = fresh()
    assert.deepEqual((await run(withUpdate(plain, reading(plain)))).rows, [
      [1, 10],
      [2, 20],
    ])
    assert.deepEqual(plain.rows, [
      [1, 110, 0],
      [2, 120, 0],
    ])

    const outer = valuesPlan([output(61)], [[2], [1], [3]])
    const correlated = fresh()
    const access = { kind: 'points', index: 't_pkey', keys: [[column(61)]] } as const
    const lateral: PhysicalPlan = {
      kind: 'nested-loop',
      type: 'left',
      columns: [output(61), ...columns],
      estimate: ESTIMATE,
      left: outer,
      right: reading(correlated, { access }),
      condition: undefined,
      isLateral: true,
    }
    const expected = [
      [2, 2, 20],
      [1, 1, 10],
      [3, null, null],
    ]
    assert.deepEqual((await run(withUpdate(correlated, lateral))).rows, expected)

    const indexed = fresh()
    const join: PhysicalPlan = {
      kind: 'index-join',
      type: 'left',
      columns: [output(61), ...columns],
      estimate: ESTIMATE,
      left: outer,
      relation: indexed,
      alias: 't',
      index: 't_pkey',
      keys: [column(61)],
      right: columns,
      ordinals: [0, 1],
      indexOnly: false,
      residual: undefined,
    }
    assert.deepEqual((await run(withUpdate(indexed, join))).rows, expected)
  })
})
