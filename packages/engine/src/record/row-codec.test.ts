import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { multiModelKeys, type Datum } from '@orbit-ts/storage'
import { RowCodec, type RowColumn } from './row-codec.js'
import { RowView } from './row-view.js'
import type { StoredKind } from './row-value.js'

const int = (value: number | bigint): Datum => ({ kind: 'int', value })
const uint = (value: number | bigint): Datum => ({ kind: 'uint', value })
const float = (value: number): Datum => ({ kind: 'float', value })
const text = (value: string): Datum => ({ kind: 'text', value })
const bytes = (...values: number[]): Datum => ({ kind: 'bytes', value: Uint8Array.from(values) })
const decimal = (value: string, precision: number, scale: number): Datum => ({
  kind: 'decimal',
  value,
  precision,
  scale,
})
const NULL: Datum = { kind: 'null' }

type Cell = readonly [id: number, datum: Datum, kind?: StoredKind]

/** The codec for these cells in the order in which they are given. */
function codecOf(cells: readonly Cell[]): RowCodec {
  return new RowCodec(
    cells.map(([id, datum, kind]): RowColumn => ({ id, kind: kind ?? (datum.kind as StoredKind) })),
  )
}

/** Rows that TiDB, TiKV and their Java client have in their tests. */
const known: [string, Cell[], number[]][] = [
  ['int', [[1, int(2)]], [128, 0, 1, 0, 0, 0, 1, 1, 0, 2]],
  ['year', [[1, int(2020)]], [128, 0, 1, 0, 0, 0, 1, 2, 0, 228, 7]],
  ['bigint', [[1, int(200_000_000_000)]], [128, 0, 1, 0, 0, 0, 1, 8, 0, 0, 208, 237, 144, 46, 0, 0, 0]],
  ['bit', [[1, uint(3_223_600)]], [128, 0, 1, 0, 0, 0, 1, 4, 0, 48, 48, 49, 0]],
  ['double', [[1, float(11.99)]], [128, 0, 1, 0, 0, 0, 1, 8, 0, 192, 39, 250, 225, 71, 174, 20, 123]],
  ['decimal', [[1, decimal('11.9900', 6, 4)]], [128, 0, 1, 0, 0, 0, 1, 5, 0, 6, 4, 139, 38, 172]],
  [
    'duration',
    [[1, { kind: 'duration', value: 15_143_000_000_000 }]],
    [128, 0, 1, 0, 0, 0, 1, 8, 0, 0, 198, 34, 193, 197, 13, 0, 0],
  ],
  [
    'null',
    [
      [1, NULL, 'int'],
      [2, int(2)],
    ],
    [128, 0, 1, 0, 1, 0, 2, 1, 1, 0, 2],
  ],
  ['large id', [[300, text('')]], [128, 1, 1, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0]],
  [
    'unsigned and signed',
    [
      [1, uint(2n ** 64n - 1n)],
      [2, int(-1)],
    ],
    [128, 0, 2, 0, 0, 0, 1, 2, 8, 0, 9, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255],
  ],
  [
    'large',
    [
      [1, int(1000)],
      [12, int(2)],
      [335, NULL, 'int'],
      [3, int(3)],
      [8, int(32767)],
    ],
    [
      128, 1, 4, 0, 1, 0, 1, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 12, 0, 0, 0, 79, 1, 0, 0, 2, 0, 0, 0, 3, 0, 0,
      0, 5, 0, 0, 0, 6, 0, 0, 0, 232, 3, 3, 255, 127, 2,
    ],
  ],
  [
    'many types',
    [
      [1, int(1000)],
      [12, int(2)],
      [33, NULL, 'int'],
      [3, uint(3)],
      [8, int(32767)],
      [7, text('abc')],
      [9, float(1.8)],
      [6, float(-1.8)],
      [13, uint(Buffer.from([0, 0, 0, 135, 51, 230, 158, 25]).readBigUInt64LE())],
      [14, decimal('1', 1, 0)],
      [
        15,
        bytes(
          1,
          1,
          0,
          0,
          0,
          28,
          0,
          0,
          0,
          19,
          0,
          0,
          0,
          3,
          0,
          12,
          22,
          0,
          0,
          0,
          107,
          101,
          121,
          5,
          118,
          97,
          108,
          117,
          101,
        ),
      ],
      [16, { kind: 'duration', value: 1_000_000_000 }],
    ],
    [
      128, 0, 11, 0, 1, 0, 1, 3, 6, 7, 8, 9, 12, 13, 14, 15, 16, 33, 2, 0, 3, 0, 11, 0, 14, 0, 16, 0, 24, 0,
      25, 0, 33, 0, 36, 0, 65, 0, 69, 0, 232, 3, 3, 64, 3, 51, 51, 51, 51, 51, 50, 97, 98, 99, 255, 127, 191,
      252, 204, 204, 204, 204, 204, 205, 2, 0, 0, 0, 135, 51, 230, 158, 25, 1, 0, 129, 1, 1, 0, 0, 0, 28, 0,
      0, 0, 19, 0, 0, 0, 3, 0, 12, 22, 0, 0, 0, 107, 101, 121, 5, 118, 97, 108, 117, 101, 0, 202, 154, 59,
    ],
  ],
]

const kinds = ['int', 'uint', 'float', 'text', 'bytes', 'decimal', 'duration'] as const

const canonical = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
const int64s = fc
  .oneof(
    fc.integer().map(BigInt),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(
      127n,
      128n,
      -128n,
      -129n,
      32767n,
      32768n,
      -32769n,
      2n ** 31n,
      -(2n ** 31n) - 1n,
      2n ** 53n,
    ),
  )
  .map(canonical)

const values: { readonly [K in StoredKind]: fc.Arbitrary<Datum> } = {
  int: int64s.map(int),
  uint: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => uint(canonical(value))),
  float: fc.double().map(float),
  text: fc.string({ unit: 'binary', maxLength: 30 }).map(text),
  bytes: fc
    .uint8Array({ maxLength: 30 })
    .map((value): Datum => ({ kind: 'bytes', value: new Uint8Array(value) })),
  decimal: fc.integer().map((value) => decimal((value / 100).toFixed(2), 12, 2)),
  duration: int64s.map((value): Datum => ({ kind: 'duration', value })),
}

interface Column {
  readonly id: number
  readonly kind: StoredKind
  readonly datum: Datum | undefined
}

const column = (idMax: number): fc.Arbitrary<Column> =>
  fc
    .tuple(fc.integer({ min: 1, max: idMax }), fc.constantFrom(...kinds))
    .chain(([id, kind]) =>
      fc
        .oneof({ weight: 4, arbitrary: values[kind] }, fc.constant(NULL), fc.constant(undefined))
        .map((datum): Column => ({ id, kind, datum })),
    )

const rows = fc
  .constantFrom(255, 300, 2 ** 32 - 1)
  .chain((idMax) => fc.uniqueArray(column(idMax), { selector: ({ id }) => id, maxLength: 14 }))

const isDamage = (error: unknown): boolean =>
  hasCode(error, 'STORAGE_CORRUPT') || hasCode(error, 'RECORD_VERSION_UNSUPPORTED')

describe('rows', () => {
  for (const [name, cells, expected] of known) {
    it(`are laid out as TiDB does: ${name}`, () => {
      const codec = codecOf(cells)
      const datums = cells.map(([, datum]) => datum)
      deepEqual([...codec.encode(datums)], expected)
      deepEqual(codec.decode(Uint8Array.from(expected)), datums)
    })
  }

  it('come back, whole and in parts', () => {
    fc.assert(
      fc.property(rows, (columns) => {
        const codec = new RowCodec(columns)
        const datums = columns.map(({ datum }) => datum)
        const row = codec.encode(datums)
        deepEqual(codec.decode(row), datums)
        const view = new RowView(row)
        for (const { id, kind, datum } of columns) deepEqual(view.datum(id, kind), datum)
        const odd = columns.map((_, position) => position).filter((position) => position % 2 === 1)
        deepEqual(
          codec.decodeSome(row, odd),
          odd.map((position) => datums[position]),
        )
      }),
    )
  })

  it('are read by a table that has gained and lost columns', () => {
    fc.assert(
      fc.property(rows, rows, (written, read) => {
        const row = new RowCodec(written).encode(written.map(({ datum }) => datum))
        // What both know they know as the same kind.
        const columns = read.map(({ id, kind }) => ({
          id,
          kind: written.find((other) => other.id === id)?.kind ?? kind,
        }))
        deepEqual(
          new RowCodec(columns).decode(row),
          columns.map(({ id }) => written.find((other) => other.id === id)?.datum),
        )
      }),
    )
  })

  it('become large when their values do', () => {
    const codec = new RowCodec([
      { id: 1, kind: 'text' },
      { id: 2, kind: 'int' },
    ])
    for (const size of [65_534, 65_535, 65_536, 300_000]) {
      const datums = [text('a'.repeat(size)), int(1)]
      const row = codec.encode(datums)
      equal(row[1], size + 1 > 65_535 ? 1 : 0)
      deepEqual(codec.decode(row), datums)
    }
  })

  it('may end in a checksum, as TiDB writes it', () => {
    const row = Uint8Array.from([128, 2, 1, 0, 0, 0, 1, 1, 0, 2, 1, 9, 9, 9, 9])
    deepEqual(new RowCodec([{ id: 1, kind: 'int' }]).decode(row), [int(2)])
  })

  it('do not give out memory of the store', () => {
    const codec = new RowCodec([{ id: 1, kind: 'bytes' }])
    const row = codec.encode([bytes(1, 2, 3)])
    const [datum] = codec.decode(row)
    if (datum?.kind === 'bytes') datum.value.fill(0)
    deepEqual(codec.decode(row), [bytes(1, 2, 3)])
  })

  it('refuse to be cut or lengthened', () => {
    fc.assert(
      fc.property(
        rows.filter((columns) => columns.some(({ datum }) => datum !== undefined)),
        fc.nat(),
        (columns, at) => {
          const codec = new RowCodec(columns)
          const row = codec.encode(columns.map(({ datum }) => datum))
          throws(() => codec.decode(row.subarray(0, at % row.length)), isDamage)
          throws(() => codec.decode(Buffer.concat([row, Uint8Array.of(0)])), isDamage)
        },
      ),
    )
  })

  it('throw nothing but damage when a byte is wrong', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat({ max: 255 }), (columns, at, byte) => {
        const codec = new RowCodec(columns)
        const row = Buffer.from(codec.encode(columns.map(({ datum }) => datum)))
        row[at % row.length] = byte
        try {
          equal(codec.decode(row).length, columns.length)
        } catch (error) {
          equal(isDamage(error), true, String(error))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('name their key when they are damaged', () => {
    const codec = new RowCodec([{ id: 1, kind: 'int' }])
    const key = multiModelKeys.relational.row(5, 42)
    const message = (row: number[]): string => {
      try {
        codec.decode(Uint8Array.from(row), key)
        return 'no error'
      } catch (error) {
        return error instanceof Error ? error.message : ''
      }
    }
    equal(message([128, 0, 1]), 'STORAGE_CORRUPT: row rel:table:5:row:42 is damaged: 3 bytes are no row')
    equal(
      message([128, 0, 1, 0, 0, 0, 1, 3, 0, 1, 2, 3]),
      'STORAGE_CORRUPT: row rel:table:5:row:42 is damaged: column 1 holds no value of kind int',
    )
    equal(
      message([128, 0, 1, 0, 0, 0, 1, 2, 0, 1]),
      'STORAGE_CORRUPT: row rel:table:5:row:42 is damaged: its values end at 11, the row at 10',
    )
    equal(
      message([127, 0, 0, 0, 0, 0]),
      'RECORD_VERSION_UNSUPPORTED: row rel:table:5:row:42 has row format 127; this release knows format 128 with flags 1 and 2',
    )
    equal(message([128, 4, 0, 0, 0, 0]).startsWith('RECORD_VERSION_UNSUPPORTED: '), true)
  })

  it('refuse values of another kind than the column, as a mistake of ours', () => {
    const codec = new RowCodec([{ id: 1, kind: 'int' }])
    for (const datums of [[text('1')], [uint(1)], [], [int(1), int(2)]]) {
      throws(
        () => codec.encode(datums),
        (error) => hasCode(error, 'INTERNAL'),
      )
    }
    for (const ids of [[0], [1.5], [2 ** 32], [1, 1]]) {
      throws(
        () => new RowCodec(ids.map((id) => ({ id, kind: 'int' }))),
        (error) => hasCode(error, 'INTERNAL'),
      )
    }
  })
})
