import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes } from '@orbit-ts/base'
import { buildRequest } from './build-request.js'
import type { DagColumn, DagExpression, DagPlan } from './dag-plan.js'

/** A field that holds a number: its tag and the number, seven bits a byte. */
function number(field: number, value: number | bigint): Uint8Array {
  return Uint8Array.from([...varint(field * 8), ...varint(value)])
}

/** A field that holds bytes or a message. */
function part(field: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(...parts)
  return concatBytes(Uint8Array.from([...varint(field * 8 + 2), ...varint(bytes.length)]), bytes)
}

function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return [...bytes, Number(rest)]
}

const includes = (bytes: Uint8Array, some: Uint8Array): boolean =>
  Buffer.from(bytes).includes(Buffer.from(some))

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex')

/** tipb.FieldType and, with other numbers, the same facts in tipb.ColumnInfo. */
const LONG_LONG = [number(1, 8), number(2, 128), number(3, 20), number(5, 63), part(6, ascii('binary'))]
const VARCHAR = [number(1, 15), number(3, -1), number(4, -1), number(5, 46), part(6, ascii('utf8mb4'))]
const TRUTH_OF_TEXT = [number(1, 8), number(2, 128), number(3, 20), number(5, 46), part(6, ascii('utf8mb4'))]

const COLUMNS: readonly DagColumn[] = [
  { id: 1, type: { kind: 'int' }, isHandle: true },
  { id: 4, type: { kind: 'text' } },
  { id: 5, type: { kind: 'decimal', precision: 12, scale: 3 }, absent: '-1.5' },
]
const HANDLE = part(
  3,
  number(1, 1),
  number(2, 8),
  number(3, 63),
  number(4, 20),
  number(6, 128),
  number(21, 1),
)
const TEXT = part(2, number(1, 4), number(2, 15), number(3, 46), number(4, -1), number(5, -1))

const column = (offset: number): DagExpression => ({ kind: 'column', offset })
const TAIL = [number(5, 0), number(5, 1), part(11, ascii('UTC'))]

describe('a plan in the bytes that servers take', () => {
  it('is a scan with its columns, and what is put out', () => {
    const plan: DagPlan = {
      source: { kind: 'table', tableId: 41, columns: COLUMNS, primaryKey: [] },
      output: [2, 0],
      descending: true,
    }
    const scan = [
      number(1, 41),
      part(2, number(1, 1), number(2, 8), number(3, 63), number(4, 20), number(6, 128), number(21, 1)),
      TEXT,
      part(
        2,
        number(1, 5),
        number(2, 246),
        number(3, 63),
        number(4, 12),
        number(5, 3),
        number(6, 128),
        // The datum of a decimal: 6, precision and scale, nine and three digits, complemented.
        part(8, hex('06 0c 03 7ffffffe fe0b')),
      ),
      number(3, 1),
    ]
    const wanted = concatBytes(
      part(2, part(2, ...scan)),
      number(5, 2),
      number(5, 0),
      part(11, ascii('UTC')),
      number(12, 1),
    )
    assert.deepEqual(Buffer.from(buildRequest(plan, true)), Buffer.from(wanted))
  })

  it('is a condition after an index scan, with constants as they sort', () => {
    const [handle, text] = COLUMNS
    assert.ok(handle !== undefined && text !== undefined)
    const plan: DagPlan = {
      source: { kind: 'index', tableId: 41, indexId: 7, columns: [text, handle] },
      conditions: [
        {
          kind: 'or',
          args: [
            {
              kind: 'compare',
              op: 'ge',
              left: column(0),
              right: { kind: 'constant', type: { kind: 'text' }, value: 'é' },
            },
            { kind: 'in', item: column(1), list: [{ kind: 'constant', type: { kind: 'int' }, value: -2 }] },
          ],
        },
      ],
      limit: 300,
    }
    const reference = (offset: number, type: readonly Uint8Array[]): Uint8Array =>
      part(
        3,
        number(1, 201),
        part(2, hex('80000000000000').subarray(0, 7), Uint8Array.of(offset)),
        part(5, ...type),
      )
    const greater = part(
      3,
      number(1, 10_000),
      reference(0, VARCHAR),
      part(3, number(1, 5), part(2, hex('c3a9')), part(5, ...VARCHAR)),
      number(4, 133),
      part(5, ...TRUTH_OF_TEXT),
    )
    const among = part(
      3,
      number(1, 10_000),
      reference(1, LONG_LONG),
      part(3, number(1, 1), part(2, hex('7ffffffffffffffe')), part(5, ...LONG_LONG)),
      number(4, 4001),
      part(5, ...LONG_LONG),
    )
    const either = part(1, number(1, 10_000), greater, among, number(4, 3102), part(5, ...LONG_LONG))
    const columns = [
      part(3, number(1, 4), number(2, 15), number(3, 46), number(4, -1), number(5, -1)),
      HANDLE,
    ]
    const wanted = concatBytes(
      part(2, number(1, 1), part(3, number(1, 41), number(2, 7), ...columns)),
      part(2, number(1, 2), part(4, either)),
      part(2, number(1, 5), part(7, number(1, 300))),
      ...TAIL,
    )
    assert.deepEqual(Buffer.from(buildRequest(plan, false)), Buffer.from(wanted))
  })

  it('has the average as a count and a sum, and orders nulls by a column of their own', () => {
    const source = { kind: 'table', tableId: 41, columns: COLUMNS } as const
    const average: DagPlan = {
      source,
      aggregate: { functions: [{ kind: 'avg', arg: column(0) }, { kind: 'count' }], groupBy: [column(1)] },
    }
    const reference = part(3, number(1, 201), part(2, hex('8000000000000000')), part(5, ...LONG_LONG))
    const one = part(3, number(1, 1), part(2, hex('8000000000000001')), part(5, ...LONG_LONG))
    const sum = [number(1, 246), number(2, 128), number(3, 65), number(5, 63), part(6, ascii('binary'))]
    const group = part(1, number(1, 201), part(2, hex('8000000000000001')), part(5, ...VARCHAR))
    const aggregation = part(
      2,
      number(1, 3),
      part(
        5,
        group,
        part(2, number(1, 3001), reference, part(5, ...LONG_LONG)),
        part(2, number(1, 3002), reference, part(5, ...sum)),
        part(2, number(1, 3001), one, part(5, ...LONG_LONG)),
      ),
    )
    const built = buildRequest(average, false)
    assert.ok(includes(built, aggregation))
    assert.ok(includes(built, concatBytes(number(5, 0), number(5, 1), number(5, 2), number(5, 3))))

    const first: DagPlan = {
      source,
      topN: { orderBy: [{ by: column(1) }, { by: column(0), descending: true }], limit: 9 },
    }
    const text = [number(1, 201), part(2, hex('8000000000000001')), part(5, ...VARCHAR)]
    const isNull = [number(1, 10_000), part(3, ...text), number(4, 3114), part(5, ...TRUTH_OF_TEXT)]
    const handle = [number(1, 201), part(2, hex('8000000000000000')), part(5, ...LONG_LONG)]
    const topN = part(
      2,
      number(1, 4),
      part(
        6,
        part(1, part(1, ...isNull)),
        part(1, part(1, ...text)),
        part(1, part(1, ...handle), number(2, 1)),
        number(2, 9),
      ),
    )
    assert.ok(includes(buildRequest(first, false), topN))
  })

  it('names the columns of the handle, and those of them that rows hold', () => {
    const [, text] = COLUMNS
    assert.ok(text !== undefined)
    const plan: DagPlan = {
      source: { kind: 'table', tableId: 1, columns: [text], primaryKey: [9, 4], primaryKeyInRows: [4] },
    }
    const scan = [number(1, 1), TEXT, number(4, 9), number(4, 4), number(7, 4)]
    assert.deepEqual(
      Buffer.from(buildRequest(plan, false)),
      Buffer.from(concatBytes(part(2, part(2, ...scan)), number(5, 0), part(11, ascii('UTC')))),
    )
  })
})
