import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TestServer } from './test-server.fake.js'
import { bind, execute, fieldsOf, frame, parse, query, sync, type WireClient } from './wire-client.fake.js'

const data = (text: string | Buffer): Buffer => frame('d', Buffer.from(text))
const done = frame('c')
const fail = (reason: string): Buffer => frame('f', reason)

async function withTable(server: TestServer): Promise<WireClient> {
  const client = await server.open()
  await client.answers(query('CREATE TABLE t (id int PRIMARY KEY, name text)'))
  return client
}

describe('COPY over the protocol', () => {
  test('in, however the data is cut', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    assert.deepEqual(
      await client.answers(
        query('COPY t FROM STDIN'),
        data('1\to'),
        data('ne\n2\t\\N'),
        data('\n3\tlast'),
        done,
      ),
      ['G', 'C(COPY 3)', 'Z(I)'],
    )
    assert.deepEqual(
      await client.answers(
        query('COPY t (name, id) FROM STDIN (FORMAT csv, HEADER)'),
        data('name,id\n"a,b",4\n'),
        done,
      ),
      ['G', 'C(COPY 1)', 'Z(I)'],
    )
    assert.deepEqual(await client.rows('SELECT * FROM t ORDER BY id'), ['1,one', '2,∅', '3,last', '4,a,b'])
  })

  test('out, a message for each row, in each format', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    await client.answers(query(`INSERT INTO t VALUES (1, 'a'), (2, NULL)`))
    assert.deepEqual(await client.answers(query('COPY t TO STDOUT')), [
      'H',
      'd(1\ta\n)',
      'd(2\t\\N\n)',
      'c',
      'C(COPY 2)',
      'Z(I)',
    ])
    assert.deepEqual(await client.answers(query('COPY (SELECT * FROM t) TO STDOUT (FORMAT csv, HEADER)')), [
      'H',
      'd(id,name\n)',
      'd(1,a\n)',
      'd(2,\n)',
      'c',
      'C(COPY 2)',
      'Z(I)',
    ])
    client.send(query('COPY t TO STDOUT (FORMAT binary)'))
    const messages = await client.until('Z')
    const parts = messages.filter(({ type }) => type === 'd').map(({ body }) => body)
    assert.deepEqual(
      parts.map(({ length }) => length),
      [19 + 2 + 8 + 5, 2 + 8 + 4, 2],
    )
    await client.answers(query('TRUNCATE t'))
    assert.deepEqual(
      await client.answers(query('COPY t FROM STDIN (FORMAT binary)'), data(Buffer.concat(parts)), done),
      ['G', 'C(COPY 2)', 'Z(I)'],
    )
    assert.deepEqual(await client.rows('SELECT * FROM t ORDER BY id'), ['1,a', '2,∅'])
    await client.answers(query('TRUNCATE t'))
    client.send(query('COPY t TO STDOUT (FORMAT binary)'))
    const empty = (await client.until('Z')).filter(({ type }) => type === 'd')
    assert.deepEqual(
      empty.map(({ body }) => body.length),
      [21],
    )
  })

  test('wrong data copies nothing, and what still comes of it is ignored', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    client.send(query('COPY t FROM STDIN'), data('1\ta\nx\tb\n'), data('3\tc\n'), done, query('SELECT 5'))
    const messages = await client.until('Z')
    const error = messages.find(({ type }) => type === 'E')
    assert.ok(error !== undefined)
    assert.deepEqual(fieldsOf(error), {
      S: 'ERROR',
      V: 'ERROR',
      C: '22P02',
      M: 'invalid input syntax for type integer: "x"',
      W: 'COPY t, line 2, column id: "x"',
    })
    assert.deepEqual(await client.answers(), ['T', 'D(5)', 'C(SELECT 1)', 'Z(I)'])
    assert.deepEqual(await client.rows('SELECT count(*) FROM t'), ['0'])
  })

  test('a client gives up', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    client.send(query('COPY t FROM STDIN'), data('1\ta\n'), fail('no more'))
    const error = (await client.until('Z')).find(({ type }) => type === 'E')
    assert.ok(error !== undefined)
    assert.equal(fieldsOf(error)['C'], '57014')
    assert.equal(fieldsOf(error)['M'], 'COPY from stdin failed: no more')
    assert.deepEqual(await client.rows('SELECT count(*) FROM t'), ['0'])
  })

  test('in the extended protocol', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    client.send(parse('', 'COPY t FROM STDIN'), bind([]), execute(''), data('1\ta\n'), done, sync)
    assert.deepEqual(await client.answers(), ['1', '2', 'G', 'C(COPY 1)', 'Z(I)'])
    client.send(parse('', 'COPY t FROM STDIN'), bind([]), execute(''), data('x\n'), done, sync)
    assert.deepEqual(await client.answers(), ['1', '2', 'G', 'E(22P02)', 'Z(I)'])
    assert.deepEqual(await client.answers(parse('', 'COPY t TO STDOUT'), bind([]), execute(''), sync), [
      '1',
      '2',
      'H',
      'd(1\ta\n)',
      'c',
      'C(COPY 1)',
      'Z(I)',
    ])
  })

  test('files and programs of the server are out of reach', async () => {
    await using server = await TestServer.start()
    const client = await withTable(server)
    for (const target of [`'/etc/passwd'`, `PROGRAM 'id'`])
      assert.deepEqual(await client.answers(query(`COPY t FROM ${target}`)), ['E(42501)', 'Z(I)'])
  })
})
