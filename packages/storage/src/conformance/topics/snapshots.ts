import assert from 'node:assert/strict'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure } from '../harness/assertions.js'
import {
  bytes,
  commit,
  contents,
  entryText,
  get,
  getMany,
  range,
  scan,
  scanValues,
  withoutKey,
} from '../harness/text.js'

export function registerSnapshots(suite: ConformanceSuite): void {
  if (!suite.expected.snapshots) return
  registerStability(suite)
  registerScans(suite)
  registerClosing(suite)
}

function registerStability(suite: ConformanceSuite): void {
  suite.test('later commits do not show', async ({ provider }) => {
    await commit(provider, { a: '1', b: '1', c: '1' })
    await using snapshot = await provider.snapshot()
    await commit(provider, { a: '2', b: undefined, d: '2', '': '2' })
    await provider.transact(async (tx) => tx.insert(bytes('e'), bytes('3')))
    assert.deepEqual(await getMany(snapshot, ['', 'a', 'b', 'c', 'd', 'e']), [
      undefined,
      '1',
      '1',
      '1',
      undefined,
      undefined,
    ])
    assert.equal(await get(snapshot, 'a'), '1')
    assert.deepEqual(await scan(snapshot), ['a=1', 'b=1', 'c=1'])
    assert.deepEqual(await scan(snapshot, {}, { reverse: true }), ['c=1', 'b=1', 'a=1'])
    assert.deepEqual(await contents(provider), ['=2', 'a=2', 'c=1', 'd=2', 'e=3'])
  })

  suite.test('each of several snapshots keeps its own moment', async ({ provider }) => {
    const snapshots = [await provider.snapshot()]
    for (const value of ['1', '2', '3', '4']) {
      await commit(provider, { a: value, [`k${value}`]: value, [`k${Number(value) - 1}`]: undefined })
      snapshots.push(await provider.snapshot())
    }
    const seen = await Promise.all(snapshots.map((snapshot) => scan(snapshot)))
    assert.deepEqual(seen, [[], ['a=1', 'k1=1'], ['a=2', 'k2=2'], ['a=3', 'k3=3'], ['a=4', 'k4=4']])
    for (const snapshot of snapshots.splice(0, 3)) await snapshot.close()
    await commit(provider, { a: undefined, k4: undefined })
    assert.deepEqual(await Promise.all(snapshots.map((snapshot) => scan(snapshot))), seen.slice(3))
    for (const snapshot of snapshots) await snapshot.close()
  })

  suite.test('a key deleted and put again keeps its old value in an old snapshot', async ({ provider }) => {
    await commit(provider, { a: 'old' })
    await using snapshot = await provider.snapshot()
    await commit(provider, { a: undefined })
    await using between = await provider.snapshot()
    await commit(provider, { a: 'new' })
    assert.deepEqual(await scan(snapshot), ['a=old'])
    assert.deepEqual(await scan(between), [])
  })

  suite.test('version is that of the latest commit it shows', async ({ provider }) => {
    const first = await commit(provider, { a: '1' })
    await using snapshot = await provider.snapshot()
    const second = await commit(provider, { a: '2' })
    await using later = await provider.snapshot()
    assert.ok(snapshot.version >= first && snapshot.version < second)
    assert.ok(later.version >= second)
  })

  suite.test('an open transaction does not show', async ({ provider }) => {
    await using tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    await using snapshot = await provider.snapshot()
    await tx.commit()
    assert.deepEqual(await scan(snapshot), [])
  })
}

function registerScans(suite: ConformanceSuite): void {
  for (const reverse of [false, true]) {
    suite.test(
      `commits during a ${reverse ? 'reverse ' : ''}scan change nothing of it`,
      async ({ provider }) => {
        await commit(provider, { b: '1', d: '1', f: '1', h: '1' })
        await using snapshot = await provider.snapshot()
        const seen: string[] = []
        for await (const chunk of snapshot.scan({}, { chunkSize: 1, reverse })) {
          seen.push(...chunk.map(entryText))
          if (seen.length === 1)
            await commit(provider, { a: '2', c: '2', d: undefined, f: '2', g: '2', i: '2' })
          if (seen.length === 2) await commit(provider, { d: '3', f: undefined, h: undefined })
        }
        const expected = ['b=1', 'd=1', 'f=1', 'h=1']
        assert.deepEqual(seen, reverse ? expected.reverse() : expected)
      },
    )

    suite.test(
      `nor of a ${reverse ? 'reverse ' : ''}scan of values, begun before or after them`,
      async ({ provider }) => {
        await commit(provider, { b: 'b1', d: 'd1', f: 'f1', h: 'h1' })
        await using snapshot = await provider.snapshot()
        const expected = ['=b1', '=d1', '=f1', '=h1']
        if (reverse) expected.reverse()
        const options = { chunkSize: 1, reverse, valuesOnly: true }
        for (const change of ['2', '3']) {
          const seen: string[] = []
          for await (const chunk of snapshot.scan(range('a', 'z'), options)) {
            seen.push(...chunk.map(entryText))
            if (seen.length === 1)
              await commit(provider, { a: change, c: change, d: undefined, f: change, i: change })
            if (seen.length === 2) await commit(provider, { b: undefined, d: change, h: change })
          }
          assert.deepEqual(seen, expected)
        }
        assert.deepEqual(await scanValues(snapshot, range('d', 'g'), { reverse }), expected.slice(1, 3))
        assert.deepEqual(await scanValues(snapshot, range('j', 'z'), { reverse }), [])
      },
    )
  }

  suite.test('ranges and limits of an old snapshot count what it shows', async ({ provider }) => {
    await commit(provider, { b: '1', d: '1', f: '1' })
    await using snapshot = await provider.snapshot()
    await commit(provider, { a: '2', b: undefined, c: '2', d: '2', e: '2', f: undefined })
    for (const chunkSize of [1, 2, 10]) {
      assert.deepEqual(await scan(snapshot, {}, { limit: 2, chunkSize }), ['b=1', 'd=1'])
      assert.deepEqual(await scan(snapshot, {}, { limit: 2, chunkSize, reverse: true }), ['f=1', 'd=1'])
      assert.deepEqual(await scan(snapshot, range('b', 'f'), { chunkSize }), ['b=1', 'd=1'])
      assert.deepEqual(await scan(snapshot, range('b', 'f'), { chunkSize, reverse: true }), ['d=1', 'b=1'])
    }
    assert.deepEqual(await scan(snapshot, {}, { keysOnly: true }), ['b=', 'd=', 'f='])
    for (const within of [{}, range('b', 'g'), range('a', 'c')]) {
      for (const options of [{}, { limit: 2, reverse: true }, { chunkSize: 1 }]) {
        const expected = (await scan(snapshot, within, options)).map(withoutKey)
        assert.deepEqual(await scanValues(snapshot, within, options), expected)
      }
    }
  })
}

function registerClosing(suite: ConformanceSuite): void {
  suite.test('a closed snapshot reads nothing, and closing it again is harmless', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2' })
    const snapshot = await provider.snapshot()
    const iterator = snapshot.scan({}, { chunkSize: 1 })[Symbol.asyncIterator]()
    await iterator.next()
    await snapshot.close()
    await failure(() => snapshot.get(bytes('a')), 'STORAGE_CLOSED')
    await failure(() => snapshot.getMany([bytes('a')]), 'STORAGE_CLOSED')
    await failure(() => scan(snapshot), 'STORAGE_CLOSED')
    await failure(() => iterator.next(), 'STORAGE_CLOSED')
    await snapshot.close()
    await snapshot[Symbol.asyncDispose]()
  })

  suite.test('closing one of two at the same version leaves the other', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const [first, second] = [await provider.snapshot(), await provider.snapshot()]
    await first.close()
    await first.close()
    await commit(provider, { a: '2' })
    assert.deepEqual(await scan(second), ['a=1'])
    await second.close()
  })
}
