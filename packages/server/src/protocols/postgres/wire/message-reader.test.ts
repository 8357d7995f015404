import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readMessage, readStartup, type FrontendMessage } from './frontend-messages.js'
import { MessageReader } from './message-reader.js'

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function startup(...parts: (number | string)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`)
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(part)
      return bytes
    }),
  )
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length + 4)
  return Buffer.concat([size, body])
}

function readerAfterStartup(sizeMaxBytes = 1024): MessageReader {
  const reader = new MessageReader(sizeMaxBytes)
  reader.isStartup = false
  return reader
}

describe('MessageReader', () => {
  test('finds messages however their bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('Q', 'P', 'S', 'd'), fc.uint8Array({ maxLength: 40 })), {
          maxLength: 8,
        }),
        fc.array(fc.nat({ max: 30 }), { maxLength: 40 }),
        (messages, cuts) => {
          const stream = Buffer.concat(messages.map(([type, body]) => message(type, Buffer.from(body))))
          const reader = readerAfterStartup()
          const found: [string, Buffer][] = []
          let at = 0
          for (const cut of [...cuts, stream.length]) {
            reader.push(stream.subarray(at, at + cut))
            at += cut
            for (let next = reader.next(); next !== undefined; next = reader.next())
              found.push([String.fromCharCode(next.type), Buffer.from(next.body)])
          }
          assert.deepEqual(
            found,
            messages.map(([type, body]) => [type, Buffer.from(body)]),
          )
          assert.equal(reader.keptBytes, 0)
        },
      ),
    )
  })

  test('refuses lengths that cannot be, before it waits for so many bytes', () => {
    for (const size of [0, 3, -1, 1025, 0x7fffffff]) {
      const reader = readerAfterStartup()
      const head = Buffer.from('Q....')
      head.writeInt32BE(size, 1)
      reader.push(head)
      assert.throws(() => reader.next(), { code: 'PROTOCOL_VIOLATION' }, String(size))
    }
    const reader = new MessageReader(1024)
    reader.push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
    assert.throws(() => reader.next(), /invalid length of startup packet/)
  })
})

describe('frontend messages', () => {
  const read = (type: string, body: Buffer): FrontendMessage =>
    readMessage({ type: type.charCodeAt(0), body })

  test('startup, cancel, TLS', () => {
    const reader = new MessageReader(1024)
    reader.push(startup(196_608, 'user', 'alice', 'database', 'shop', ''))
    const raw = reader.next()
    assert.ok(raw !== undefined)
    assert.deepEqual(readStartup(raw), {
      kind: 'startup',
      minorVersion: 0,
      parameters: new Map([
        ['user', 'alice'],
        ['database', 'shop'],
      ]),
    })
    const body = (bytes: Buffer): Buffer => bytes.subarray(4)
    assert.deepEqual(readStartup({ type: 0, body: body(startup(80_877_103)) }), { kind: 'ssl' })
    assert.deepEqual(readStartup({ type: 0, body: body(startup(80_877_104)) }), { kind: 'gss' })
    assert.deepEqual(readStartup({ type: 0, body: body(startup(80_877_102, 7, 0x01020304)) }), {
      kind: 'cancel',
      processId: 7,
      secret: Buffer.from([1, 2, 3, 4]),
    })
    assert.throws(
      () => readStartup({ type: 0, body: body(startup(131_072)) }),
      /unsupported frontend protocol 2.0/,
    )
  })

  test('extended query', () => {
    assert.deepEqual(read('P', Buffer.from('s\0SELECT $1\0\0\x01\0\0\0\x17', 'latin1')), {
      kind: 'parse',
      name: 's',
      text: 'SELECT $1',
      parameterOids: [23],
    })
    assert.deepEqual(
      read('B', Buffer.from('p\0s\0\0\x01\0\x01\0\x02\0\0\0\x01a\xff\xff\xff\xff\0\x01\0\0', 'latin1')),
      {
        kind: 'bind',
        portal: 'p',
        statement: 's',
        formats: [1],
        values: [Buffer.from('a'), undefined],
        resultFormats: [0],
      },
    )
    assert.deepEqual(read('E', Buffer.from('p\0\0\0\0\x0a', 'latin1')), {
      kind: 'execute',
      portal: 'p',
      rowsMax: 10,
    })
    assert.deepEqual(read('D', Buffer.from('Ss\0')), { kind: 'describe', target: 'statement', name: 's' })
    assert.deepEqual(read('C', Buffer.from('P\0')), { kind: 'close', target: 'portal', name: '' })
  })

  test('whatever comes, it is a message or a violation', () => {
    fc.assert(
      fc.property(fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 64 }), (type, body) => {
        try {
          readMessage({ type, body: Buffer.from(body) })
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'PROTOCOL_VIOLATION')
        }
        try {
          readStartup({ type: 0, body: Buffer.from(body) })
        } catch (error) {
          assert.match((error as { code: string }).code, /^(PROTOCOL_VIOLATION|FEATURE_UNSUPPORTED)$/)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('bytes that are too many, too few or no UTF-8 are violations', () => {
    for (const [type, body] of [
      ['Q', 'SELECT 1'],
      ['Q', 'SELECT 1\0x'],
      ['Q', '\xff\0'],
      ['B', 'p\0s\0\0\x05'],
      ['B', 'p\0s\0\0\0\0\x01\0\0\0\x09ab\0\0'],
      ['B', 'p\0s\0\0\0\0\x01\xff\xff\xff\xfe\0\0'],
      ['D', 'Xs\0'],
      ['S', 'x'],
      ['z', ''],
    ] as const)
      assert.throws(
        () => read(type, Buffer.from(body, 'latin1')),
        { code: 'PROTOCOL_VIOLATION' },
        `${type} ${body}`,
      )
  })
})
