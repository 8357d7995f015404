import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compareBytes, toBinaryString, toHex } from '@orbit-ts/base'
import type { Engines } from './engines.test.suite.js'
import {
  EDGE_KEYS,
  bytes,
  edgeEntries,
  hexEntries,
  numberKey,
  put,
  readAll,
  readRange,
  remove,
  writeEdgeKeys,
} from './entries.test.suite.js'

export function testCursors(engines: Engines): void {
  const ranges: {
    title: string
    range: { start?: Uint8Array; end?: Uint8Array }
    from: number
    to: number
  }[] = [
    { title: 'everything', range: {}, from: 0, to: 12 },
    { title: 'an open end', range: { start: bytes(0x80) }, from: 6, to: 12 },
    { title: 'an open start', range: { end: bytes(0x80) }, from: 0, to: 6 },
    { title: 'both bounds', range: { start: bytes(0x00, 0x01), end: bytes(0xff) }, from: 3, to: 8 },
    {
      title: 'bounds that are no keys',
      range: { start: bytes(0x02), end: bytes(0xff, 0x01) },
      from: 5,
      to: 10,
    },
    { title: 'start at the empty key', range: { start: bytes(), end: bytes(0x00, 0x00) }, from: 0, to: 2 },
    { title: 'end at the empty key', range: { end: bytes() }, from: 0, to: 0 },
    { title: 'after the last key', range: { start: bytes(0xff, 0xff, 0xff, 0x00) }, from: 0, to: 0 },
    { title: 'start equal to end', range: { start: bytes(0x80), end: bytes(0x80) }, from: 0, to: 0 },
    { title: 'start behind end', range: { start: bytes(0xff), end: bytes(0x01) }, from: 0, to: 0 },
  ]

  it('walks ranges forwards and backwards in chunks of any size', () =>
    engines.use(async (engine) => {
      assert.deepEqual(await readRange(engine), [])
      assert.deepEqual(await readRange(engine, {}, { reverse: true }), [])
      await writeEdgeKeys(engine)
      for (const { title, range, from, to } of ranges) {
        for (const count of [1, 3, 12, 1000]) {
          const forward = await readRange(engine, range, { count })
          assert.deepEqual(hexEntries(forward), edgeEntries(from, to), `${title}, ${count} at a time`)
          const backward = await readRange(engine, range, { count, reverse: true })
          const expected = edgeEntries(from, to).toReversed()
          assert.deepEqual(hexEntries(backward), expected, `${title}, ${count} at a time, backwards`)
        }
      }
    }))

  it('leaves values out of a keysOnly walk', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const reverse of [false, true]) {
        const entries = await readRange(engine, {}, { keysOnly: true, reverse, count: 5 })
        const keys = EDGE_KEYS.map((key) => `${toHex(key)}=`)
        assert.deepEqual(hexEntries(entries), reverse ? keys.toReversed() : keys)
      }
    }))

  it('leaves keys out of a walk over values, where it has one', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      for (const { title, range, from, to } of ranges) {
        for (const count of [1, 5, 1000]) {
          for (const reverse of [false, true]) {
            const cursor = engine.valueCursor?.(range, { reverse })
            if (cursor === undefined) continue
            const expected = edgeEntries(from, to).map((entry) => entry.slice(entry.indexOf('=')))
            const found = hexEntries(await readAll(cursor, count))
            assert.deepEqual(
              found,
              reverse ? expected.toReversed() : expected,
              `${title}, ${count} at a time`,
            )
          }
        }
      }
    }))

  it('keeps a walk over values in one state, whatever is written after its first step', () =>
    engines.use(async (engine) => {
      for (const reverse of [false, true]) {
        const all = Array.from({ length: 600 }, (_, i) => i)
        await engine.write(
          all.map((i) => put(numberKey(i), bytes(i >>> 8, i & 0xff, 1))),
          { sync: false },
        )
        const cursor = engine.valueCursor?.({}, { reverse })
        if (cursor === undefined) continue
        const first = await cursor.next(50)
        await engine.write(
          all.map((i) => (i % 3 === 0 ? remove(numberKey(i)) : put(numberKey(i), bytes(2)))),
          { sync: false },
        )
        await engine.write([put(numberKey(700), bytes(3)), put(bytes(), bytes(3))], { sync: false })
        const found = hexEntries([...first, ...(await readAll(cursor, 77))])
        const expected = all.map((i) => `=${toHex(bytes(i >>> 8, i & 0xff, 1))}`)
        assert.deepEqual(found, reverse ? expected.toReversed() : expected)
        await engine.write([remove(numberKey(700)), remove(bytes())], { sync: false })
      }
    }))

  it('lets chunk sizes change on the way and a cursor be closed early', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      const cursor = engine.cursor({}, { reverse: false, keysOnly: false })
      const parts = [await cursor.next(1), await cursor.next(4), await cursor.next(2)]
      assert.deepEqual(
        parts.map((part) => part.length),
        [1, 4, 2],
      )
      assert.deepEqual(hexEntries(parts.flat()), edgeEntries(0, 7))
      await cursor.close()
      await cursor.close()
      const untouched = engine.cursor({}, { reverse: true, keysOnly: false })
      await untouched.close()
    }))

  it('runs many cursors at once', () =>
    engines.use(async (engine) => {
      await writeEdgeKeys(engine)
      const walks = Array.from({ length: 20 }, (_, i) =>
        readRange(engine, {}, { count: 1 + (i % 4), reverse: i % 2 === 1 }),
      )
      for (const [i, entries] of (await Promise.all(walks)).entries()) {
        assert.deepEqual(
          hexEntries(entries),
          i % 2 === 1 ? edgeEntries(0, 12).toReversed() : edgeEntries(0, 12),
        )
      }
    }))

  it('stays in order and misses no untouched key while writes go on', () =>
    engines.use(async (engine) => {
      const keep = (i: number): boolean => i % 3 === 0
      const all = Array.from({ length: 600 }, (_, i) => i)
      await engine.write(
        all.map((i) => put(numberKey(i), bytes(1))),
        { sync: false },
      )
      for (const reverse of [false, true]) {
        const cursor = engine.cursor({}, { reverse, keysOnly: true })
        const seen: Uint8Array[] = []
        for (let round = 0; ; round++) {
          const chunk = await cursor.next(50)
          seen.push(...chunk.map((entry) => entry.key))
          if (chunk.length < 50) break
          const batch = all
            .filter((i) => !keep(i))
            .map((i) => (round % 2 === 0 ? remove(numberKey(i)) : put(numberKey(i), bytes(2))))
          await engine.write(batch, { sync: false })
        }
        await cursor.close()
        const sorted = seen.toSorted((a, b) => (reverse ? compareBytes(b, a) : compareBytes(a, b)))
        assert.deepEqual(seen.map(toBinaryString), sorted.map(toBinaryString))
        assert.equal(new Set(seen.map(toBinaryString)).size, seen.length, 'no key twice')
        const found = new Set(seen.map(toBinaryString))
        assert.ok(all.filter(keep).every((i) => found.has(toBinaryString(numberKey(i)))))
      }
    }))
}
