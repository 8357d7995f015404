import assert from 'node:assert/strict'
import type { Reader, StorageProvider } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import {
  bytes,
  commit,
  entryText,
  get,
  getMany,
  range,
  scan,
  scanChunks,
  scanValues,
  withoutKey,
} from '../harness/text.js'

interface OpenReader {
  readonly reader: Reader
  close(): Promise<void>
}

/** Reads of committed data, through a transaction and, where there are some, through a snapshot. */
export function registerReader(suite: ConformanceSuite): void {
  suite.group('transaction', () => {
    registerWith(suite, async (provider) => {
      const tx = await provider.begin()
      return { reader: tx, close: () => tx.rollback() }
    })
  })
  if (!suite.expected.snapshots) return
  suite.group('snapshot', () => {
    registerWith(suite, async (provider) => {
      const snapshot = await provider.snapshot()
      return { reader: snapshot, close: () => snapshot.close() }
    })
  })
}

function registerWith(
  suite: ConformanceSuite,
  open: (provider: StorageProvider) => Promise<OpenReader>,
): void {
  const test = (name: string, data: Record<string, string>, body: (reader: Reader) => Promise<void>): void =>
    suite.test(name, async ({ provider }) => {
      if (Object.keys(data).length > 0) await commit(provider, data)
      const { reader, close } = await open(provider)
      try {
        await body(reader)
      } finally {
        await close()
      }
    })
  registerPoints(test)
  registerRanges(test)
  registerScanOptions(test)
}

type RegisterRead = (
  name: string,
  data: Record<string, string>,
  body: (reader: Reader) => Promise<void>,
) => void

const LETTERS = { a: '1', b: '2', c: '3', d: '4', e: '5' }

function registerPoints(test: RegisterRead): void {
  test('an empty store has nothing', {}, async (reader) => {
    assert.equal(await get(reader, 'a'), undefined)
    assert.deepEqual(await getMany(reader, ['a', 'b']), [undefined, undefined])
    assert.deepEqual(await scan(reader), [])
    assert.deepEqual(await scan(reader, {}, { reverse: true }), [])
  })

  test('get gives the value, or undefined', LETTERS, async (reader) => {
    assert.equal(await get(reader, 'b'), '2')
    assert.equal(await get(reader, 'bb'), undefined)
    assert.equal(await get(reader, ''), undefined)
  })

  test('an empty value is a value', { a: '' }, async (reader) => {
    assert.equal(await get(reader, 'a'), '')
    assert.deepEqual(await getMany(reader, ['a', 'b']), ['', undefined])
    assert.deepEqual(await scan(reader), ['a='])
  })

  test(
    'getMany keeps the order of its keys, repeats repeated ones and leaves gaps',
    LETTERS,
    async (reader) => {
      const values = await getMany(reader, ['d', 'x', 'a', 'd', '', 'a'])
      assert.deepEqual(values, ['4', undefined, '1', '4', undefined, '1'])
      assert.deepEqual(await getMany(reader, []), [])
    },
  )

  test('many reads at once do not disturb each other', LETTERS, async (reader) => {
    const reads = Array.from({ length: 50 }, (_, i) => get(reader, 'abcde'[i % 5] ?? ''))
    const scans = Array.from({ length: 5 }, () => scan(reader, {}, { chunkSize: 1 }))
    assert.deepEqual(
      await Promise.all(reads),
      Array.from({ length: 50 }, (_, i) => String((i % 5) + 1)),
    )
    for (const entries of await Promise.all(scans))
      assert.deepEqual(entries, ['a=1', 'b=2', 'c=3', 'd=4', 'e=5'])
  })
}

function registerRanges(test: RegisterRead): void {
  test('a range holds its start and not its end', LETTERS, async (reader) => {
    assert.deepEqual(await scan(reader, range('b', 'd')), ['b=2', 'c=3'])
    assert.deepEqual(await scan(reader, range('b', 'd'), { reverse: true }), ['c=3', 'b=2'])
  })

  test('a bound left out is open', LETTERS, async (reader) => {
    assert.deepEqual(await scan(reader, range('d')), ['d=4', 'e=5'])
    assert.deepEqual(await scan(reader, range(undefined, 'c')), ['a=1', 'b=2'])
    assert.deepEqual(await scan(reader), ['a=1', 'b=2', 'c=3', 'd=4', 'e=5'])
    assert.deepEqual(await scan(reader, range('d'), { reverse: true }), ['e=5', 'd=4'])
    assert.deepEqual(await scan(reader, range(undefined, 'c'), { reverse: true }), ['b=2', 'a=1'])
    assert.deepEqual(await scan(reader, {}, { reverse: true }), ['e=5', 'd=4', 'c=3', 'b=2', 'a=1'])
  })

  test('bounds need not be keys', LETTERS, async (reader) => {
    assert.deepEqual(await scan(reader, range('aa', 'dz')), ['b=2', 'c=3', 'd=4'])
    assert.deepEqual(await scan(reader, range('aa', 'dz'), { reverse: true }), ['d=4', 'c=3', 'b=2'])
    assert.deepEqual(await scan(reader, range('f')), [])
    assert.deepEqual(await scan(reader, range('f'), { reverse: true }), [])
    assert.deepEqual(await scan(reader, range(undefined, 'Z')), [])
    assert.deepEqual(await scan(reader, range(undefined, 'Z'), { reverse: true }), [])
  })

  test('a range that ends where or before it starts is empty', LETTERS, async (reader) => {
    for (const reverse of [false, true]) {
      assert.deepEqual(await scan(reader, range('b', 'b'), { reverse }), [])
      assert.deepEqual(await scan(reader, range('d', 'b'), { reverse }), [])
      assert.deepEqual(await scan(reader, range(undefined, ''), { reverse }), [])
    }
  })
}

function registerScanOptions(test: RegisterRead): void {
  test('a chunk size that no memory could hold is only an upper bound', LETTERS, async (reader) => {
    for (const chunkSize of [Infinity, 1e12]) {
      assert.deepEqual(await scan(reader, range('b'), { chunkSize, limit: 3 }), ['b=2', 'c=3', 'd=4'])
      assert.equal((await scan(reader, {}, { chunkSize, reverse: true })).length, 5)
    }
  })

  test('limit counts from the side where the scan begins', LETTERS, async (reader) => {
    assert.deepEqual(await scan(reader, {}, { limit: 2 }), ['a=1', 'b=2'])
    assert.deepEqual(await scan(reader, {}, { limit: 2, reverse: true }), ['e=5', 'd=4'])
    assert.deepEqual(await scan(reader, range('b', 'd'), { limit: 9 }), ['b=2', 'c=3'])
    assert.deepEqual(await scan(reader, {}, { limit: 0 }), [])
    assert.deepEqual(await scan(reader, {}, { limit: 0, reverse: true }), [])
  })

  test('keysOnly leaves the values out', LETTERS, async (reader) => {
    assert.deepEqual(await scan(reader, range('b', 'd'), { keysOnly: true }), ['b=', 'c='])
    assert.deepEqual(await scan(reader, range('b', 'd'), { keysOnly: true, reverse: true }), ['c=', 'b='])
  })

  test('valuesOnly leaves the keys out', LETTERS, async (reader) => {
    assert.deepEqual(await scanValues(reader, range('b', 'd')), ['=2', '=3'])
    assert.deepEqual(await scanValues(reader, range('b', 'd'), { reverse: true }), ['=3', '=2'])
    assert.deepEqual(await scanValues(reader), ['=1', '=2', '=3', '=4', '=5'])
    assert.deepEqual(await scanValues(reader, range('c'), { reverse: true }), ['=5', '=4', '=3'])
    assert.deepEqual(await scanValues(reader, range('d', 'b')), [])
    assert.deepEqual(await scanValues(reader, range('x', 'z')), [])
  })

  test('valuesOnly goes with limit and chunkSize', LETTERS, async (reader) => {
    for (const within of [range('a', 'f'), {}]) {
      for (const reverse of [false, true]) {
        for (const chunkSize of [1, 2, 5, 6]) {
          for (const limit of [0, 1, 2, 4, 5, 9]) {
            const options = { reverse, chunkSize, limit }
            const chunks = await scanChunks(reader, within, { ...options, valuesOnly: true })
            assert.deepEqual(chunks.flat(), (await scan(reader, within, options)).map(withoutKey))
            assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.length <= chunkSize))
          }
        }
      }
    }
  })

  test('a valuesOnly scan may be left early', LETTERS, async (reader) => {
    const seen: string[] = []
    for await (const chunk of reader.scan(range('a', 'f'), { chunkSize: 2, valuesOnly: true })) {
      seen.push(...chunk.map(entryText))
      break
    }
    assert.deepEqual(seen, ['=1', '=2'])
    assert.deepEqual(await scanValues(reader, range('d', 'f')), ['=4', '=5'])
  })

  test('chunks are never empty and never larger than chunkSize', LETTERS, async (reader) => {
    for (const chunkSize of [1, 2, 3, 4, 5, 6]) {
      for (const reverse of [false, true]) {
        const chunks = await scanChunks(reader, {}, { chunkSize, reverse })
        const expected = ['a=1', 'b=2', 'c=3', 'd=4', 'e=5']
        assert.deepEqual(chunks.flat(), reverse ? expected.reverse() : expected)
        assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.length <= chunkSize))
      }
    }
  })

  test('chunkSize and limit go together', LETTERS, async (reader) => {
    const chunks = await scanChunks(reader, {}, { chunkSize: 2, limit: 3 })
    assert.deepEqual(chunks.flat(), ['a=1', 'b=2', 'c=3'])
    assert.deepEqual(await scan(reader, {}, { chunkSize: 2, limit: 4, reverse: true }), [
      'e=5',
      'd=4',
      'c=3',
      'b=2',
    ])
  })

  const numbered = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [String(i).padStart(4, '0'), `v${i}`]),
  )
  test('a scan longer than the default chunk gives every entry once, in order', numbered, async (reader) => {
    const expected = Object.entries(numbered).map(([key, value]) => `${key}=${value}`)
    expected.sort()
    const chunks = await scanChunks(reader)
    assert.ok(chunks.every((chunk) => chunk.length <= 256))
    assert.deepEqual(chunks.flat(), expected)
    assert.deepEqual(await scanValues(reader, range('', 'a')), expected.map(withoutKey))
    assert.deepEqual(await scan(reader, {}, { reverse: true }), expected.reverse())
    assert.deepEqual(await scanValues(reader, range('', 'a'), { reverse: true }), expected.map(withoutKey))
  })

  test('a scan may be left early, and another one begins anew', LETTERS, async (reader) => {
    for (let round = 0; round < 3; round++) {
      const seen: string[] = []
      for await (const chunk of reader.scan({}, { chunkSize: 1 })) {
        seen.push(...chunk.map(entryText))
        if (seen.length === 2) break
      }
      assert.deepEqual(seen, ['a=1', 'b=2'])
    }
    const iterator = reader.scan(range('c'), { chunkSize: 1 })[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).done, false)
    await iterator.return?.()
    assert.equal((await iterator.next()).done, true)
  })

  test('several scans of one reader may be open at once', LETTERS, async (reader) => {
    const pairs: string[] = []
    for await (const [outer] of reader.scan(range('a', 'c'), { chunkSize: 1 })) {
      for await (const [inner] of reader.scan(range('d'), { chunkSize: 1, reverse: true })) {
        pairs.push(
          `${outer === undefined ? '' : entryText(outer)} ${inner === undefined ? '' : entryText(inner)}`,
        )
      }
    }
    assert.deepEqual(pairs, ['a=1 e=5', 'a=1 d=4', 'b=2 e=5', 'b=2 d=4'])
  })

  test('the bytes that come back do not change while others write', LETTERS, async (reader) => {
    const value = await reader.get(bytes('a'))
    for await (const chunk of reader.scan({})) assert.equal(chunk.length, 5)
    assert.equal(value === undefined ? undefined : Buffer.from(value).toString('latin1'), '1')
  })
}
