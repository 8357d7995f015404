/** Random tables and queries in SQL, small enough that values meet one another. */
import fc from 'fast-check'

interface ColumnKind {
  readonly type: string
  /** As text; null is added where the column takes it. */
  readonly values: readonly string[]
  readonly isOrdered: boolean
  readonly sums?: boolean
  readonly isText?: boolean
  readonly isBool?: boolean
}

const ordered = (type: string, ...values: string[]): ColumnKind => ({ type, values, isOrdered: true })
const number = (type: string, ...values: string[]): ColumnKind => ({
  ...ordered(type, ...values),
  sums: true,
})
const words = ['', 'a', 'A', 'ab', 'a ', 'a%', 'a_b', 'ä', 'z', '\u{1f600}', '\uffee', 'b\\c']
const text = (type: string): ColumnKind => ({ ...ordered(type, ...words), isText: true })

const KINDS: readonly ColumnKind[] = [
  number('int2', '-32768', '0', '1', '2', '32767'),
  number('int4', '-2147483648', '-1', '0', '1', '2', '3', '2147483647'),
  number('int8', '-9223372036854775808', '0', '1', '2', '5000000000', '9223372036854775807'),
  number('numeric(12,3)', '0', '1', '1.5', '-1.500', '2', '999999999.999', '-0.001'),
  number('numeric(40,5)', '0', '1', '12345678901234567890123456789012345.67891', '-1.5'),
  number('numeric(60,30)', '0', '1', '0.000000000000000000000000000001', '-99999999999999999'),
  number('numeric', '0', '1.50', '1.5', 'NaN', '-3', '1e30', 'Infinity'),
  number('float8', '0', '-0', '1.5', 'NaN', 'Infinity', '-Infinity', '-2', '1e300'),
  number('float4', '0', '-0', '1.5', 'NaN', '1.1', '-2'),
  text('text'),
  text('varchar(10)'),
  text('text collate "en-x-icu"'),
  { ...ordered('char(3)', '', 'a', 'ab', 'a '), isText: true },
  ordered('name', 'a', 'ab', 'B'),
  { ...ordered('bool', 'true', 'false'), isBool: true },
  ordered('date', '2020-01-01', '1999-12-31', 'infinity', '-infinity', '0044-03-15 BC'),
  ordered('timestamp', '2020-01-01 00:00:00', '2020-01-01 00:00:00.000001', 'infinity', '1960-05-05 1:2:3'),
  ordered('timestamptz', '2020-01-01 00:00:00+02', '2019-12-31 22:00:00Z', '-infinity', '1960-05-05 1:2:3Z'),
  ordered('time', '00:00:00', '12:34:56.789', '24:00:00'),
  ordered('timetz', '00:00:00+01', '12:34:56.789-03', '23:00:00+00'),
  ordered('interval', '1 day', '24 hours', '1 mon', '-3 days'),
  ordered('uuid', '00000000-0000-0000-0000-000000000000', 'ffffffff-0000-4000-8000-000000000001'),
  ordered('bytea', '\\x', '\\x00', '\\x00ff', '\\xff'),
  ordered('mood', 'sad', 'ok', 'happy'),
  ordered('oid', '1', '4294967295'),
  ordered('int4[]', '{}', '{1,2}', '{1,NULL}'),
  { type: 'json', values: ['{"a": 1}', 'null'], isOrdered: false },
  ordered('jsonb', '{"a": 1}', '[1, 2]', 'null'),
]

export interface RandomColumn extends ColumnKind {
  readonly name: string
  readonly isNotNull: boolean
}

export interface RandomTable {
  readonly columns: readonly RandomColumn[]
  /** Statements that make it, but for the type `mood`. */
  readonly statements: readonly string[]
}

/** Of a table `t`, which always has a column `id` that tells rows apart. */
export const randomTable: fc.Arbitrary<RandomTable> = fc
  .record({
    kinds: fc.array(fc.constantFrom(...KINDS), { minLength: 2, maxLength: 6 }),
    keyLength: fc.nat(2),
    hasKey: fc.boolean(),
    isIdKey: fc.boolean(),
    late: fc.constantFrom(...KINDS.filter(({ type }) => !/timetz|interval/.test(type))),
    rows: fc.array(fc.array(fc.nat(), { minLength: 7, maxLength: 7 }), { maxLength: 60 }),
  })
  .map(({ kinds, keyLength, hasKey, isIdKey, late, rows }) => {
    const keys = isIdKey ? [] : kinds.filter(isKeyable).slice(0, keyLength)
    const columns = kinds.map((kind, at): RandomColumn => ({
      ...kind,
      name: `c${at}`,
      isNotNull: hasKey && keys.includes(kind),
    }))
    const added: RandomColumn = { ...late, name: 'late', isNotNull: false }
    const keyed = columns.filter(({ isNotNull }) => isNotNull).map(({ name }) => name)
    const primary = hasKey ? `, primary key (${[...keyed, 'id'].join(', ')})` : ''
    const declared = columns.map(({ name, type }) => `${name} ${type}`)
    const half = Math.floor(rows.length / 2)
    const [first = 'x'] = late.values
    return {
      columns: [{ ...number('int4', '1', '2', '30'), name: 'id', isNotNull: true }, ...columns, added],
      statements: [
        `create table t (id int not null, ${declared.join(', ')}${primary})`,
        ...inserts(columns, rows.slice(0, half), 1),
        `alter table t add column late ${late.type} default ${quoted(first)}`,
        ...inserts([...columns, added], rows.slice(half), half + 1),
      ],
    }
  })

function isKeyable({ type }: ColumnKind): boolean {
  return !/json|\[\]|collate/.test(type)
}

function inserts(
  columns: readonly RandomColumn[],
  rows: readonly (readonly number[])[],
  firstId: number,
): string[] {
  if (rows.length === 0) return []
  const names = columns.map(({ name }) => name)
  const tuples = rows.map((draws, row) => {
    const values = columns.map(({ values: pool, isNotNull }, at) => {
      const draw = draws[at] ?? 0
      if (!isNotNull && draw % 5 === 0) return 'null'
      return quoted(pool[draw % pool.length] ?? '')
    })
    return `(${[String(firstId + row), ...values].join(', ')})`
  })
  return [`insert into t (${['id', ...names].join(', ')}) values ${tuples.join(', ')}`]
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

function castType(type: string): string {
  return type.replace(/ collate .*/, '')
}

/** A query over `t`; in rows that come in a fixed order, or in any. */
export interface RandomQuery {
  readonly sql: string
  readonly isOrdered: boolean
}

export function randomQuery({ columns }: RandomTable): fc.Arbitrary<RandomQuery> {
  const condition = conditionOf(columns)
  const some = fc.subarray([...columns], { minLength: 1, maxLength: 3 })
  const names = (list: readonly RandomColumn[]): string => list.map(({ name }) => name).join(', ')
  const where = fc.option(condition, { freq: 4, nil: undefined })
  const from = (text: string | undefined): string => (text === undefined ? 'from t' : `from t where ${text}`)
  const rows = fc.record({ list: some, where }).map((query) => ({
    sql: `select ${names(query.list)} ${from(query.where)}`,
    isOrdered: false,
  }))
  const direction = fc.constantFrom('', ' desc', ' nulls first', ' desc nulls last')
  const sorted = fc
    .record({
      list: some,
      where,
      key: fc.constantFrom(...columns.filter(({ isOrdered }) => isOrdered)),
      direction,
      limit: fc.nat(8),
      offset: fc.option(fc.nat(3), { nil: undefined }),
    })
    .map(({ list, where: text, key, direction: way, limit, offset }) => ({
      sql: `select ${names(list)} ${from(text)} order by ${key.name}${way}, id limit ${limit}${offset === undefined ? '' : ` offset ${offset}`}`,
      isOrdered: true,
    }))
  const groups = fc.subarray(
    columns.filter(({ isOrdered }) => isOrdered),
    { maxLength: 2 },
  )
  const aggregates = fc.array(aggregateOf(columns), { minLength: 1, maxLength: 4 })
  const grouped = fc.record({ groups, aggregates, where }).map((query) => ({
    sql: `select ${[...query.groups.map(({ name }) => name), ...query.aggregates].join(', ')} ${from(query.where)}${query.groups.length === 0 ? '' : ` group by ${names(query.groups)}`}`,
    isOrdered: false,
  }))
  const distinct = fc.record({ list: some, where }).map((query) => ({
    sql: `select distinct ${names(query.list.filter((column) => column.isOrdered).concat(columns.slice(0, 1)))} ${from(query.where)}`,
    isOrdered: false,
  }))
  const counted = condition.map((text) => ({ sql: `select count(*) ${from(text)}`, isOrdered: false }))
  const joined = fc.record({ where: condition, list: some }).map((query) => ({
    sql: `select ${query.list.map(({ name }) => `x.${name}`).join(', ')} from (select * ${from(query.where)}) x join t y on x.id = y.id + 1`,
    isOrdered: false,
  }))
  const limited = fc.record({ where: condition, limit: fc.nat(5) }).map((query) => ({
    sql: `select count(*) from (select id ${from(query.where)} limit ${query.limit}) x`,
    isOrdered: false,
  }))
  return fc.oneof(rows, sorted, grouped, distinct, counted, joined, limited)
}

function aggregateOf(columns: readonly RandomColumn[]): fc.Arbitrary<string> {
  const of = (fn: string, fits: (column: RandomColumn) => boolean): fc.Arbitrary<string>[] => {
    const fitting = columns.filter(fits)
    return fitting.length === 0 ? [] : [fc.constantFrom(...fitting.map(({ name }) => `${fn}(${name})`))]
  }
  // Sums of floats depend on the order of rows, whoever adds them up.
  const exact = ({ sums, type }: RandomColumn): boolean => sums === true && !type.startsWith('float')
  const extreme = ({ isOrdered, type }: RandomColumn): boolean =>
    isOrdered && !/bool|bytea|uuid|name|jsonb|float|numeric$/.test(type)
  return fc.oneof(
    fc.constantFrom('count(*)', 'count(distinct id)', 'count(*) filter (where id > 3)', 'sum(id + 1)'),
    ...of('count', () => true),
    ...of('sum', exact),
    ...of('avg', exact),
    ...of('min', extreme),
    ...of('max', extreme),
  )
}

function conditionOf(columns: readonly RandomColumn[]): fc.Arbitrary<string> {
  const { condition } = fc.letrec<{ condition: string }>((tie) => ({
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: fc.oneof(...columns.map(testOf)), weight: 4 },
      {
        arbitrary: fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} and ${b})`),
        weight: 2,
      },
      {
        arbitrary: fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} or ${b})`),
        weight: 2,
      },
      { arbitrary: tie('condition').map((text) => `(not ${text})`), weight: 1 },
      {
        arbitrary: fc
          .tuple(tie('condition'), fc.constantFrom('true', 'not true', 'false', 'not false', 'unknown'))
          .map(([text, test]) => `((${text}) is ${test})`),
        weight: 1,
      },
    ),
  }))
  return condition
}

const LIKE_PATTERNS = ['a%', '%b', 'a', '_', '%', 'a\\%', '', '\\', '%ä%', '__']

/** Conditions over one column. */
function testOf(column: RandomColumn): fc.Arbitrary<string> {
  const { name, type, values, isOrdered, isText, isBool } = column
  const value = fc.constantFrom(...values).map((each) => `${quoted(each)}::${castType(type)}`)
  const all: fc.Arbitrary<string>[] = [fc.constantFrom(`${name} is null`, `${name} is not null`)]
  if (isOrdered) {
    const operator = fc.constantFrom('=', '<>', '<', '<=', '>', '>=')
    all.push(
      fc.tuple(operator, value).map(([op, other]) => `${name} ${op} ${other}`),
      fc.tuple(operator, value).map(([op, other]) => `${other} ${op} ${name}`),
      fc
        .tuple(
          fc.constantFrom('in', 'not in'),
          fc.array(fc.oneof(value, fc.constant('null')), { minLength: 1, maxLength: 3 }),
        )
        .map(([op, list]) => `${name} ${op} (${list.join(', ')})`),
      value.map((other) => `${name} is distinct from ${other}`),
      fc.tuple(value, value).map(([low, high]) => `${name} between ${low} and ${high}`),
      fc.constantFrom(`${name} = ${name}`, `${name} is not distinct from late`.replace('late', name)),
    )
  }
  if (isText === true) {
    const pattern = fc.constantFrom(...LIKE_PATTERNS)
    all.push(
      fc.tuple(fc.constantFrom('like', 'not like'), pattern).map(([op, like]) => `${name} ${op} '${like}'`),
      fc.constant(`lower(${name}) = 'a'`),
    )
  }
  if (isBool === true) all.push(fc.constantFrom(name, `${name} is not true`))
  if (/^int/.test(type) && !type.endsWith(']'))
    all.push(
      fc.constantFrom(
        `${name} < 1.5`,
        `${name} = 2::numeric`,
        `${name} > 0.5::float8`,
        `${name}::int8 >= id`,
      ),
    )
  return fc.oneof(...all)
}
