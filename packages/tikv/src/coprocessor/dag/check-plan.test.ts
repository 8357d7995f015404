import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { checkPlan } from './check-plan.js'
import type { DagColumn, DagExpression, DagPlan, DagType } from './dag-plan.js'
import { outputTypes } from './dag-types.js'

const DECIMAL: DagType = { kind: 'decimal', precision: 10, scale: 8 }
const COLUMNS: readonly DagColumn[] = [
  { id: 1, type: { kind: 'int' }, isHandle: true },
  { id: 2, type: { kind: 'text' } },
  { id: 3, type: DECIMAL },
  { id: 4, type: { kind: 'int', unsigned: true } },
  { id: 5, type: { kind: 'bytes' } },
]
const TABLE = { kind: 'table', tableId: 1, columns: COLUMNS } as const
const column = (offset: number): DagExpression => ({ kind: 'column', offset })
const int = (value: number): DagExpression => ({ kind: 'constant', type: { kind: 'int' }, value })
const condition = (one: DagExpression): DagPlan => ({ source: TABLE, conditions: [one] })

function refusal(plan: DagPlan): string {
  try {
    checkPlan(plan)
  } catch (error) {
    assert.ok(error instanceof OrbitError)
    assert.equal(error.code, 'INVALID_ARGUMENT')
    assert.equal(error.details['field'], 'plan')
    return error.reason
  }
  return 'nothing is wrong with it'
}

describe('a plan that servers would misread', () => {
  const MANY = Array.from({ length: 150 }).reduce<DagExpression>((arg) => ({ kind: 'not', arg }), int(1))
  const REFUSED: readonly (readonly [DagPlan, string])[] = [
    [{ source: { ...TABLE, columns: [] } }, 'source.columns is empty'],
    [{ source: { ...TABLE, tableId: 0 } }, 'source.tableId is 0'],
    [
      { source: { ...TABLE, columns: [...COLUMNS, { id: 2, type: { kind: 'int' } }] } },
      'column 2 is named twice',
    ],
    [{ source: { ...TABLE, columns: [{ id: 2 ** 32, type: { kind: 'int' } }] } }, 'id of a column'],
    [{ source: { ...TABLE, primaryKey: [2] } }, 'an integer handle (isHandle) or a primaryKey'],
    [{ source: { ...TABLE, columns: COLUMNS.slice(1), primaryKey: [2], primaryKeyInRows: [3] } }, 'column 3'],
    [{ source: { kind: 'index', tableId: 1, indexId: 1, columns: COLUMNS } }, 'the handle is not the last'],
    [
      { source: { kind: 'index', tableId: 1, indexId: 1, columns: COLUMNS.slice(1), primaryKey: [2] } },
      'not those of its primaryKey',
    ],
    [
      { source: { ...TABLE, columns: [{ id: 1, type: { kind: 'text' }, isHandle: true }] } },
      'the handle column is not of type int',
    ],
    [
      { source: { ...TABLE, columns: [{ id: 9, type: { kind: 'int' }, absent: 'x' }] } },
      '"x" is no value of type int',
    ],
    [
      { source: { ...TABLE, columns: [{ id: 9, type: { kind: 'decimal', precision: 70, scale: 2 } }] } },
      'decimal(70, 2) does not exist',
    ],
    [{ source: TABLE, limit: 0 }, 'limit is 0'],
    [
      { source: TABLE, limit: 1, topN: { orderBy: [{ by: column(0) }], limit: 1 } },
      'of aggregate, topN and limit',
    ],
    [{ source: TABLE, topN: { orderBy: [], limit: 1 } }, 'topN.orderBy is empty'],
    [{ source: TABLE, aggregate: { functions: [], groupBy: [] } }, 'neither functions nor groupBy'],
    [
      { source: TABLE, aggregate: { functions: [{ kind: 'sum', arg: column(1) }], groupBy: [] } },
      'sum of text',
    ],
    [
      { source: TABLE, output: [0], aggregate: { functions: [{ kind: 'count' }], groupBy: [] } },
      'do not go together',
    ],
    [{ source: TABLE, output: [] }, 'output is empty'],
    [{ source: TABLE, output: [5] }, 'refers to column 5; the source has columns 0 to 4'],
    [condition(column(1)), 'a condition is of type text'],
    [
      condition({ kind: 'compare', op: 'eq', left: column(0), right: column(1) }),
      'a comparison has int and text',
    ],
    [
      condition({ kind: 'compare', op: 'eq', left: column(1), right: column(4) }),
      'a comparison has text and bytes',
    ],
    [condition({ kind: 'and', args: [] }), 'and has no arguments'],
    [condition({ kind: 'not', arg: column(1) }), 'the argument of not is of type text'],
    [condition({ kind: 'in', item: column(0), list: [] }), 'the list of in is empty'],
    [condition({ kind: 'in', item: column(0), list: [column(1)] }), 'in has int and text'],
    [condition({ kind: 'like', text: column(4), pattern: '%' }), 'the left side of like is of type bytes'],
    [condition({ kind: 'like', text: column(1), pattern: 'a', escape: 'ä' }), 'not one ASCII character'],
    [condition({ kind: 'like', text: column(1), pattern: 'a\\' }), 'ends in its escape character'],
    [condition({ kind: 'like', text: column(1), pattern: '\ud800' }), 'no well-formed text'],
    [
      condition({ kind: 'arithmetic', op: 'plus', left: column(3), right: column(3) }),
      'no arithmetic of unsigned int',
    ],
    [condition({ kind: 'constant', type: { kind: 'int' }, value: 1.5 }), '"1.5" is no value of type int'],
    [condition({ kind: 'constant', type: { kind: 'int' }, value: 2n ** 63n }), 'is no value of type int'],
    [condition({ kind: 'constant', type: { kind: 'real' }, value: NaN }), '"NaN" is no value of type real'],
    [condition({ kind: 'constant', type: DECIMAL, value: '123.0' }), 'no value of type decimal(10, 8)'],
    [condition({ kind: 'cast', to: { kind: 'int' }, arg: column(1) }), 'no cast from text to int'],
    [
      condition({
        kind: 'is-null',
        arg: { kind: 'arithmetic', op: 'multiply', left: scaled(20), right: scaled(20) },
      }),
      'does not exist',
    ],
    [condition(MANY), 'nested more than 100 deep'],
  ]

  it('is refused, and told why', () => {
    for (const [plan, why] of REFUSED) assert.ok(refusal(plan).includes(why), `${refusal(plan)} — ${why}`)
  })

  it('is told from one that they understand', () => {
    checkPlan(condition({ kind: 'like', text: column(1), pattern: 'a\\\\' }))
    checkPlan(condition({ kind: 'compare', op: 'lt', left: column(0), right: column(3) }))
    const last = COLUMNS.slice(1, 3)
    checkPlan({ source: { kind: 'index', tableId: 1, indexId: 1, columns: last, primaryKey: [3] } })
  })
})

function scaled(scale: number): DagExpression {
  return { kind: 'constant', type: { kind: 'decimal', precision: 30, scale }, value: '1' }
}

describe('the types of what a plan puts out', () => {
  it('are those of its columns, or of its functions and groups', () => {
    const kinds = (plan: DagPlan): string[] => outputTypes(plan).map(({ kind }) => kind)
    assert.deepEqual(kinds({ source: TABLE }), ['int', 'text', 'decimal', 'int', 'bytes'])
    assert.deepEqual(kinds({ source: TABLE, output: [4, 1, 4] }), ['bytes', 'text', 'bytes'])
    const product: DagExpression = { kind: 'arithmetic', op: 'multiply', left: column(2), right: column(2) }
    const functions = [
      { kind: 'count' },
      { kind: 'avg', arg: product },
      { kind: 'max', arg: column(1) },
      { kind: 'sum', arg: column(0) },
    ] as const
    assert.deepEqual(outputTypes({ source: TABLE, aggregate: { functions, groupBy: [column(4)] } }), [
      { kind: 'int' },
      { kind: 'int' },
      { kind: 'decimal', precision: 65, scale: 16 },
      { kind: 'text' },
      { kind: 'decimal', precision: 65, scale: 0 },
      { kind: 'bytes' },
    ])
  })
})
