import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestServer } from './test-server.fake.js'
import {
  bind,
  cellsOf,
  closeFrame,
  describeFrame,
  execute,
  flush,
  frame,
  parse,
  query,
  sync,
  type WireClient,
} from './wire-client.fake.js'

describe('simple query', () => {
  test('gives rows, tags, errors and where the transaction is', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    assert.deepEqual(await client.answers(query('CREATE TABLE t (id int PRIMARY KEY, name text)')), [
      'C(CREATE TABLE)',
      'Z(I)',
    ])
    assert.deepEqual(await client.answers(query(`INSERT INTO t VALUES (1, 'a'), (2, NULL)`)), [
      'C(INSERT 0 2)',
      'Z(I)',
    ])
    assert.deepEqual(await client.answers(query('SELECT * FROM t ORDER BY id')), [
      'T',
      'D(1,a)',
      'D(2,∅)',
      'C(SELECT 2)',
      'Z(I)',
    ])
    assert.deepEqual(await client.answers(query('')), ['I', 'Z(I)'])
    assert.deepEqual(await client.answers(query('BEGIN')), ['C(BEGIN)', 'Z(T)'])
    assert.deepEqual(await client.answers(query('SELEC')), ['E(42601)', 'Z(E)'])
    assert.deepEqual(await client.answers(query('SELECT 1')), ['E(25P02)', 'Z(E)'])
    assert.deepEqual(await client.answers(query('COMMIT')), ['C(ROLLBACK)', 'Z(I)'])
  })

  test('several statements are one transaction', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    await client.answers(query('CREATE TABLE t (id int PRIMARY KEY)'))
    assert.deepEqual(await client.answers(query('INSERT INTO t VALUES (1); SELECT 1 / 0; SELECT 2')), [
      'C(INSERT 0 1)',
      'T',
      'E(22012)',
      'Z(I)',
    ])
    assert.deepEqual(await client.rows('SELECT count(*) FROM t'), ['0'])
    assert.deepEqual(
      await client.answers(query('INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); SELECT 1 / 0')),
      ['C(INSERT 0 1)', 'N(25P01)', 'C(COMMIT)', 'C(INSERT 0 1)', 'T', 'E(22012)', 'Z(I)'],
    )
  })
})

describe('extended query', () => {
  const open = async (server: TestServer): Promise<WireClient> => {
    const client = await server.open()
    await client.answers(query('CREATE TABLE t (id int PRIMARY KEY, name text)'))
    await client.answers(query(`INSERT INTO t SELECT n, 'n' || n FROM generate_series(1, 5) n`))
    return client
  }

  test('parse, describe, bind, execute, close', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    assert.deepEqual(
      await client.answers(
        parse('s', 'SELECT id, name FROM t WHERE id > $1 ORDER BY id'),
        describeFrame('S', 's'),
        bind(['3'], { portal: 'p', statement: 's' }),
        describeFrame('P', 'p'),
        execute('p'),
        closeFrame('P', 'p'),
        closeFrame('S', 's'),
        sync,
      ),
      ['1', 't', 'T', '2', 'T', 'D(4,n4)', 'D(5,n5)', 'C(SELECT 2)', '3', '3', 'Z(I)'],
    )
    assert.deepEqual(await client.answers(bind([], { statement: 's' }), sync), ['E(26000)', 'Z(I)'])
    assert.deepEqual(await client.answers(closeFrame('S', 'never'), closeFrame('P', 'never'), sync), [
      '3',
      '3',
      'Z(I)',
    ])
  })

  test('the descriptions name types, tables and columns', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    client.send(parse('', 'SELECT id, name, $1::numeric(6,2) FROM t'), describeFrame('S', ''), sync)
    const messages = await client.until('Z')
    const parameters = messages.find(({ type }) => type === 't')
    assert.deepEqual(parameters?.body, Buffer.from([0, 1, 0, 0, 6, 164]))
    const columns = messages.find(({ type }) => type === 'T')?.body ?? Buffer.alloc(0)
    assert.equal(columns.readInt16BE(0), 3)
    const [table] = await client.rows(`SELECT 't'::regclass::oid`)
    const afterName = 2 + 'id\0'.length
    assert.equal(String(columns.readUInt32BE(afterName)), table)
    assert.deepEqual(
      {
        column: columns.readInt16BE(afterName + 4),
        type: columns.readInt32BE(afterName + 6),
        length: columns.readInt16BE(afterName + 10),
        modifier: columns.readInt32BE(afterName + 12),
        format: columns.readInt16BE(afterName + 16),
      },
      { column: 1, type: 23, length: 4, modifier: -1, format: 0 },
    )
  })

  test('portals give as many rows as are asked for', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    assert.deepEqual(await client.answers(query('BEGIN')), ['C(BEGIN)', 'Z(T)'])
    assert.deepEqual(
      await client.answers(
        parse('', 'SELECT id FROM t ORDER BY id'),
        bind([], { portal: 'a' }),
        bind([], { portal: 'b' }),
        execute('a', 2),
        execute('b', 1),
        execute('a', 2),
        sync,
      ),
      ['1', '2', '2', 'D(1)', 'D(2)', 's', 'D(1)', 's', 'D(3)', 'D(4)', 's', 'Z(T)'],
    )
    // They outlive Sync and other statements inside of the transaction.
    assert.deepEqual(await client.answers(query(`UPDATE t SET name = 'x' WHERE id = 5`)), [
      'C(UPDATE 1)',
      'Z(T)',
    ])
    assert.deepEqual(await client.answers(execute('a', 5), execute('b', 4), execute('b', 1), sync), [
      'D(5)',
      'C(SELECT 1)',
      'D(2)',
      'D(3)',
      'D(4)',
      'D(5)',
      's',
      'C(SELECT 0)',
      'Z(T)',
    ])
    await client.answers(query('COMMIT'))
    assert.deepEqual(await client.answers(execute('b', 1), sync), ['E(34000)', 'Z(I)'])
  })

  test('a portal of a failed transaction gives nothing more', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    await client.answers(query('BEGIN'))
    await client.answers(
      parse('', 'SELECT id FROM t ORDER BY id'),
      bind([], { portal: 'a' }),
      execute('a', 1),
      sync,
    )
    assert.deepEqual(await client.answers(query('SELECT 1 / 0')), ['T', 'E(22012)', 'Z(E)'])
    assert.deepEqual(await client.answers(execute('a', 1), sync), ['E(25P02)', 'Z(E)'])
    assert.deepEqual(await client.answers(query('ROLLBACK')), ['C(ROLLBACK)', 'Z(I)'])
  })

  test('what is no query runs once', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    assert.deepEqual(
      await client.answers(
        parse('', 'DELETE FROM t WHERE id = 1'),
        describeFrame('S', ''),
        bind([]),
        describeFrame('P', ''),
        execute(''),
        execute(''),
        sync,
      ),
      ['1', 't', 'n', '2', 'n', 'C(DELETE 1)', 'E(55000)', 'Z(I)'],
    )
    assert.deepEqual(await client.rows('SELECT count(*) FROM t'), ['5'])
    assert.deepEqual(await client.answers(parse('', ''), bind([]), execute(''), sync), [
      '1',
      '2',
      'I',
      'Z(I)',
    ])
  })

  test('after an error everything is skipped up to Sync, and undone', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    assert.deepEqual(
      await client.answers(
        parse('', 'DELETE FROM t WHERE id = $1'),
        bind(['1']),
        execute(''),
        bind(['x']),
        execute(''),
        parse('', 'SELECT 1'),
        flush,
        sync,
      ),
      ['1', '2', 'C(DELETE 1)', 'E(22P02)', 'Z(I)'],
    )
    assert.deepEqual(await client.rows('SELECT count(*) FROM t'), ['5'])
    // Pipelined: the error of one part leaves the others alone.
    client.send(
      ...[parse('', 'SELECT 1'), bind([]), execute(''), sync],
      ...[parse('', 'SELECT nothing'), bind([]), execute(''), sync],
      ...[parse('', 'SELECT 3'), bind([]), execute(''), sync],
    )
    assert.deepEqual(await client.answers(), ['1', '2', 'D(1)', 'C(SELECT 1)', 'Z(I)'])
    assert.deepEqual(await client.answers(), ['E(42703)', 'Z(I)'])
    assert.deepEqual(await client.answers(), ['1', '2', 'D(3)', 'C(SELECT 1)', 'Z(I)'])
  })

  test('an error of the messages alone fails the transaction too', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    for (const wrong of [
      [execute('nothing')],
      [bind([], { statement: 'nothing' })],
      [parse('', 'SELECT 1; SELECT 2')],
      [parse('', 'SELECT $1::int'), bind(['x'])],
      [parse('', 'SELECT nothing')],
    ]) {
      await client.answers(query('BEGIN'))
      assert.equal((await client.answers(...wrong, sync)).at(-1), 'Z(E)')
      assert.deepEqual(await client.answers(query('ROLLBACK')), ['C(ROLLBACK)', 'Z(I)'])
    }
  })

  test('Flush sends what is there without ending the batch', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    client.send(parse('', 'SELECT 7'), bind([]), execute(''), flush)
    assert.deepEqual(
      (await client.until('C')).map(({ type }) => type),
      ['1', '2', 'D', 'C'],
    )
    assert.deepEqual(await client.answers(sync), ['Z(I)'])
  })

  test('a statement of PREPARE is one of the protocol, and a cursor is a portal', async () => {
    await using server = await TestServer.start()
    const client = await open(server)
    await client.answers(query('PREPARE byId (int) AS SELECT name FROM t WHERE id = $1'))
    assert.deepEqual(await client.answers(bind(['2'], { statement: 'byid' }), execute(''), sync), [
      '2',
      'D(n2)',
      'C(SELECT 1)',
      'Z(I)',
    ])
    assert.deepEqual(await client.answers(parse('byid', 'SELECT 1'), sync), ['E(42P05)', 'Z(I)'])
    await client.answers(query('BEGIN'), query('DECLARE c CURSOR FOR SELECT id FROM t'))
    await client.answers()
    assert.deepEqual(await client.answers(describeFrame('P', 'c'), sync), ['T', 'Z(T)'])
  })

  test('the function call protocol is refused by name', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    assert.deepEqual(await client.answers(frame('F', Buffer.alloc(10))), ['E(0A000)', 'Z(I)'])
    assert.deepEqual(await client.answers(query('SELECT 1')), ['T', 'D(1)', 'C(SELECT 1)', 'Z(I)'])
  })
})

/** A value of every type, in the text form that the server writes. */
const VALUES: readonly (readonly [type: string, text: string])[] = [
  ['bool', 't'],
  ['"char"', 'x'],
  ['int2', '-32768'],
  ['int4', '2147483647'],
  ['int8', '-9223372036854775808'],
  ['float4', '1.5'],
  ['float8', '-2.2250738585072014e-308'],
  ['float8', 'NaN'],
  ['numeric', '-12345678901234567890.000100'],
  ['numeric', 'Infinity'],
  ['text', 'a\u00e4\u{1F600}'],
  ['varchar(10)', 'abc'],
  ['char(5)', 'ab   '],
  ['name', 'a_name'],
  ['bytea', '\\x00ff10'],
  ['date', '2024-02-29'],
  ['date', 'infinity'],
  ['time', '23:59:59.999999'],
  ['timetz', '12:00:00+05:30'],
  ['timestamp', '1999-12-31 23:59:59.5'],
  ['timestamptz', '2024-02-29 12:30:00+00'],
  ['interval', '1 year 2 mons -3 days +04:05:06.7'],
  ['uuid', '12345678-1234-5678-1234-567812345678'],
  ['json', '{"a" : [1, null]}'],
  ['jsonb', '{"a": [1, null], "b": {"c": "d"}}'],
  ['int4[]', '{1,NULL,3}'],
  ['text[]', '{a,"b,c",NULL,"NULL"}'],
  ['int4[]', '{{1,2},{3,4}}'],
  ['oid', '4294967295'],
  ['regclass', 'pg_class'],
  ['vector(3)', '[1,2.5,-3]'],
  ['int2vector', '1 2 3'],
  ['xid', '7'],
]

describe('the formats of types', () => {
  test('what is sent as text comes back as binary, and the other way round', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    for (const [type, text] of VALUES) {
      const run = async (value: Buffer | string, format: 0 | 1, resultFormat: 0 | 1): Promise<Buffer> => {
        client.send(
          parse('', `SELECT $1::${type}`),
          bind([value], { format, resultFormat }),
          execute(''),
          sync,
        )
        const row = (await client.until('Z')).find((message) => message.type === 'D')
        assert.ok(row !== undefined, `${type} ${text}`)
        return cellsOf(row)[0] ?? Buffer.from('null')
      }
      assert.equal((await run(text, 0, 0)).toString(), text, type)
      const binary = await run(text, 0, 1)
      assert.deepEqual(await run(binary, 1, 1), binary, type)
      assert.equal((await run(binary, 1, 0)).toString(), text, type)
    }
  })

  test('a null is a null in both formats', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    for (const format of [0, 1] as const) {
      assert.deepEqual(
        await client.answers(
          parse('', 'SELECT $1::int'),
          bind([null], { format, resultFormat: format }),
          execute(''),
          sync,
        ),
        ['1', '2', 'D(∅)', 'C(SELECT 1)', 'Z(I)'],
      )
    }
  })

  test('binary values of another size are refused', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    for (const type of [
      'int2',
      'int4',
      'int8',
      'float8',
      'uuid',
      'timestamptz',
      'bool',
      'int4[]',
      'numeric',
      'jsonb',
    ]) {
      const answers = await client.answers(
        parse('', `SELECT $1::${type}`),
        bind([Buffer.alloc(3, 9)], { format: 1 }),
        sync,
      )
      assert.match(answers[1] ?? '', /^E\((22P03|08P01|22P02|42804|2202E|54000|22003)\)$/, type)
      assert.equal(answers[2], 'Z(I)')
    }
  })

  test('texts that are none are refused, and the connection goes on', async () => {
    await using server = await TestServer.start()
    const client = await server.open()
    for (const bytes of [Buffer.from('a\0b'), Buffer.from([0xff, 0xfe]), Buffer.from([0xed, 0xa0, 0x80])])
      for (const format of [0, 1] as const)
        assert.deepEqual(
          await client.answers(parse('', 'SELECT $1::text'), bind([bytes], { format }), sync),
          ['1', 'E(22021)', 'Z(I)'],
        )
  })
})
