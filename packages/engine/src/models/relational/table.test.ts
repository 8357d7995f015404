import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  int4,
  int8,
  jsonb,
  numeric,
  text,
  timestamptz,
  uuid,
  varchar,
  bytea,
  char,
  date,
  time,
  bool,
} from './schema/column-types.js'
import { now, randomUuid } from './schema/column.js'
import {
  holds,
  type Equal,
  type FirstOf,
  type HasUnknownField,
  type IsRefused,
} from '../../type-assertions.test.data.js'
import { table, type InsertOf, type KeyOf, type RowOf } from './table.js'
import type { TableChanges, TableSession } from './table-session.js'

const airports = table('airports', {
  iata: text().primaryKey(),
  name: varchar(80),
  visits: int4().notNull().default(0),
  fee: numeric(10, 2),
  tags: text().array(),
  details: jsonb<{ size: number }>(),
  seen: timestamptz().notNull().default(now()),
  exact: timestamptz({ precision: 6 }),
})

const _seats = table(
  'seats',
  {
    flight: int8().identity(),
    row: int4().notNull(),
    letter: text<'A' | 'B'>().notNull(),
    taken: bool(),
    id: uuid().default(randomUuid()),
  },
  { primaryKey: ['flight', 'row'] },
)

const _notes = table('notes', { body: text().notNull(), pad: char(3), raw: bytea(), day: date(), at: time() })

test('rows, inserts and keys have the types that the columns say', () => {
  holds<
    Equal<
      RowOf<typeof airports>,
      {
        iata: string
        name: string | null
        visits: number
        fee: string | null
        tags: string[] | null
        details: { size: number } | null
        seen: Date
        exact: string | null
      }
    >
  >()
  holds<
    Equal<
      InsertOf<typeof airports>,
      {
        iata: string
        name?: string | null | undefined
        visits?: number | undefined
        fee?: string | number | bigint | null | undefined
        tags?: readonly string[] | null | undefined
        details?: { size: number } | null | undefined
        seen?: Date | string | undefined
        exact?: string | Date | null | undefined
      }
    >
  >()
  holds<Equal<KeyOf<typeof airports>, string>>()
  holds<
    Equal<
      RowOf<typeof _seats>,
      { flight: bigint; row: number; letter: 'A' | 'B'; taken: boolean | null; id: string | null }
    >
  >()
  holds<
    Equal<
      InsertOf<typeof _seats>,
      {
        row: number
        letter: 'A' | 'B'
        flight?: bigint | number | undefined
        taken?: boolean | null | undefined
        id?: string | null | undefined
      }
    >
  >()
  holds<Equal<KeyOf<typeof _seats>, { flight: bigint | number; row: number }>>()
  holds<Equal<KeyOf<typeof _notes>, never>>()
  holds<
    Equal<
      RowOf<typeof _notes>,
      { body: string; pad: string | null; raw: Uint8Array | null; day: string | null; at: string | null }
    >
  >()
})

test('sessions refuse at compile time what they would refuse at run time', () => {
  type Session<T> = TableSession<RowOf<T>, InsertOf<T>, KeyOf<T>>
  type Airports = Session<typeof airports>
  type Seats = Session<typeof _seats>
  type Find = NonNullable<FirstOf<Airports['find']>>
  holds<
    [
      IsRefused<{ name: string }, FirstOf<Airports['insert']>>,
      IsRefused<{ iata: string; visits: string }, FirstOf<Airports['insert']>>,
      IsRefused<{ visits: null }, Parameters<Airports['update']>[1]>,
      HasUnknownField<{ nam: string }, Find['where']>,
      IsRefused<{ select: ['nam'] }, Find>,
      IsRefused<{ orderBy: 'nam' }, Find>,
      IsRefused<{ orderBy: [{ field: 'nam' }] }, Find>,
      IsRefused<number, FirstOf<Seats['get']>>,
      IsRefused<{ row: number; letter: 'C' }, FirstOf<Seats['insert']>>,
    ]
  >()
  // Only compiled, never run.
  const calls = async (session: Airports, ofSeats: Seats): Promise<void> => {
    const _found = await session.find({
      where: {
        fee: { gt: 9.5 },
        visits: 3,
        'details.size': { gte: 2 },
        tags: { contains: 'x' },
        $or: [{ name: null }, { seen: { lt: '2024-01-01' } }],
      },
      select: ['iata', 'fee'],
      orderBy: [{ field: 'fee', direction: 'desc' }, 'iata'],
    })
    holds<Equal<typeof _found, Pick<RowOf<typeof airports>, 'iata' | 'fee'>[]>>()
    holds<Equal<TableChanges<InsertOf<typeof _notes>>['body'], string | undefined>>()
    await ofSeats.get({ flight: 1n, row: 2 })
  }
  assert.equal(typeof calls, 'function')
})

test('columns in options are checked at compile time', () => {
  const _columns = { a: int4().notNull(), b: text() }
  type Options = NonNullable<Parameters<typeof table<typeof _columns, 'a'>>[2]>
  type Default = FirstOf<ReturnType<typeof int4>['default']>
  const timeDefault = now()
  const numberColumn = int4()
  holds<
    [
      IsRefused<{ indexes: [{ columns: ['c'] }] }, Options>,
      IsRefused<{ checks: [{ where: { a: string } }] }, Options>,
      IsRefused<{ primaryKey: ['a', 'c'] }, Options>,
      Equal<IsRefused<{ primaryKey: ['a']; indexes: [{ columns: ['b'] }] }, Options>, false>,
      IsRefused<string, Default>,
      IsRefused<typeof timeDefault, Default>,
      IsRefused<'nope', keyof RowOf<typeof airports>>,
    ]
  >()
  assert.deepEqual([numberColumn.input.type, timeDefault.function], ['int4', 'now'])
})

test('a declaration is plain JSON', () => {
  const schema = table(
    'people',
    {
      id: int8().primaryKey(),
      big: int8().default(9007199254740993n),
      born: timestamptz().default(new Date(0)),
      raw: bytea().default(Uint8Array.of(1, 255)),
      boss: int8().references('people', 'id', { onDelete: 'set null' }),
      home: text().references(airports),
      mail: text().unique().renamedFrom('email'),
      number: int4().identity({ start: 10 }),
    },
    {
      indexes: [
        {
          columns: ['mail', { column: 'born', direction: 'desc' }],
          where: { born: { gt: new Date(1000) }, big: 5n },
        },
      ],
      checks: [{ name: 'old', where: { $or: [{ big: { gt: 9007199254740993n } }, { id: 1 }] } }],
      foreignKeys: [
        { columns: ['home'], references: { table: airports, columns: ['iata'] }, onUpdate: 'cascade' },
      ],
    },
  )
  assert.deepEqual(schema, JSON.parse(JSON.stringify(schema)))
  assert.deepEqual(schema, {
    kind: 'table',
    name: 'people',
    input: {
      columns: {
        id: { type: 'int8', primaryKey: true },
        big: { type: 'int8', default: { value: '9007199254740993' } },
        born: { type: 'timestamptz(3)', default: { value: '1970-01-01T00:00:00.000Z' } },
        raw: { type: 'bytea', default: { value: '\\x01ff' } },
        boss: { type: 'int8', references: { table: 'people', column: 'id', onDelete: 'set null' } },
        home: { type: 'text', references: { table: 'airports' } },
        mail: { type: 'text', unique: true, renamedFrom: 'email' },
        number: { type: 'int4', identity: { start: 10 } },
      },
      indexes: [
        {
          columns: ['mail', { column: 'born', direction: 'desc' }],
          where: { born: { gt: '1970-01-01T00:00:01.000Z' }, big: 5 },
        },
      ],
      checks: [{ name: 'old', where: { $or: [{ big: { gt: '9007199254740993' } }, { id: 1 }] } }],
      foreignKeys: [
        { columns: ['home'], references: { table: 'airports', columns: ['iata'] }, onUpdate: 'cascade' },
      ],
    },
  })
})
