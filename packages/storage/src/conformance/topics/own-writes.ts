import assert from 'node:assert/strict'
import type { Env } from '@orbit-ts/base'
import type { Transaction } from '../../provider.js'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { choose, whole } from '../harness/dice.js'
import {
  bytes,
  commit,
  contents,
  entryText,
  get,
  getMany,
  range,
  scan,
  scanChunks,
  scanValues,
  withoutKey,
} from '../harness/text.js'

/** A transaction sees its own writes in place of what is committed. */
export function registerOwnWrites(suite: ConformanceSuite): void {
  registerPointReads(suite)
  registerMerging(suite)
  registerOpenScans(suite)
  suite.randomTest('random buffers over random data scan as one map', (fixture, env) =>
    randomMerges(
      fixture.provider.begin.bind(fixture.provider),
      (data) => commit(fixture.provider, data),
      env,
    ),
  )
}

function registerPointReads(suite: ConformanceSuite): void {
  suite.test('get and getMany see puts, overwrites, deletes and inserts', async ({ provider }) => {
    await commit(provider, { a: '1', b: '2', c: '3' })
    await using tx = await provider.begin()
    tx.put(bytes('a'), bytes('one'))
    tx.delete(bytes('b'))
    tx.insert(bytes('d'), bytes('four'))
    assert.equal(await get(tx, 'a'), 'one')
    assert.equal(await get(tx, 'b'), undefined)
    assert.deepEqual(await getMany(tx, ['d', 'c', 'b', 'a']), ['four', '3', undefined, 'one'])
    tx.put(bytes('b'), bytes('again'))
    tx.delete(bytes('d'))
    assert.deepEqual(await getMany(tx, ['b', 'd']), ['again', undefined])
  })

  suite.test('nobody else sees them before the commit, everybody after', async ({ provider }) => {
    await commit(provider, { a: '1' })
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('2'))
    tx.put(bytes('b'), bytes('2'))
    assert.deepEqual(await contents(provider), ['a=1'])
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2', 'b=2'])
  })

  suite.test('the last write of a key wins', async ({ provider }) => {
    const tx = await provider.begin()
    tx.put(bytes('a'), bytes('1'))
    tx.delete(bytes('a'))
    tx.put(bytes('a'), bytes('2'))
    tx.put(bytes('b'), bytes('1'))
    tx.delete(bytes('b'))
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=2'])
  })

  suite.test('deleting a key that is not there is harmless', async ({ provider }) => {
    const tx = await provider.begin()
    tx.delete(bytes('a'))
    assert.deepEqual(await scan(tx), [])
    await tx.commit()
    assert.deepEqual(await contents(provider), [])
  })
}

const MERGED = ['a=own', 'b=own', 'd=4', 'e=5', 'f=own']

async function withMergedBuffer(tx: Transaction): Promise<Transaction> {
  tx.put(bytes('a'), bytes('own'))
  tx.put(bytes('b'), bytes('own'))
  tx.delete(bytes('c'))
  tx.put(bytes('f'), bytes('own'))
  tx.delete(bytes('g'))
  return tx
}

function registerMerging(suite: ConformanceSuite): void {
  const committed = { b: '2', c: '3', d: '4', e: '5' }

  suite.test('scans merge inserts at both edges, overwrites and deletes', async ({ provider }) => {
    await commit(provider, committed)
    await using tx = await withMergedBuffer(await provider.begin())
    for (const chunkSize of [1, 2, 3, 10]) {
      assert.deepEqual(await scan(tx, {}, { chunkSize }), MERGED)
      assert.deepEqual(await scan(tx, {}, { chunkSize, reverse: true }), MERGED.toReversed())
      assert.deepEqual(await scan(tx, range('b', 'f'), { chunkSize }), MERGED.slice(1, 4))
      assert.deepEqual(
        await scan(tx, range('b', 'f'), { chunkSize, reverse: true }),
        MERGED.slice(1, 4).toReversed(),
      )
    }
    assert.deepEqual(await scan(tx, {}, { keysOnly: true }), ['a=', 'b=', 'd=', 'e=', 'f='])
    for (const within of [range('a', 'h'), range('b', 'f'), range('d', 'f'), range('c', 'd'), {}]) {
      for (const options of [{}, { reverse: true }, { chunkSize: 1 }, { limit: 2, reverse: true }]) {
        const expected = (await scan(tx, within, options)).map(withoutKey)
        assert.deepEqual(await scanValues(tx, within, options), expected)
      }
    }
  })

  suite.test('limit counts what is visible', async ({ provider }) => {
    await commit(provider, committed)
    await using tx = await withMergedBuffer(await provider.begin())
    for (let limit = 0; limit <= 6; limit++) {
      assert.deepEqual(await scan(tx, {}, { limit }), MERGED.slice(0, limit))
      assert.deepEqual(
        await scan(tx, {}, { limit, chunkSize: 2, reverse: true }),
        MERGED.toReversed().slice(0, limit),
      )
    }
  })

  suite.test('a range that is deleted whole is empty, with no empty chunk', async ({ provider }) => {
    await commit(provider, committed)
    await using tx = await provider.begin()
    for (const key of Object.keys(committed)) tx.delete(bytes(key))
    assert.deepEqual(await scanChunks(tx, {}, { chunkSize: 2 }), [])
    assert.deepEqual(await scanChunks(tx, {}, { chunkSize: 2, reverse: true }), [])
    tx.put(bytes('e'), bytes('back'))
    assert.deepEqual(await scanChunks(tx, {}, { chunkSize: 2 }), [['e=back']])
    assert.deepEqual(await scan(tx, {}, { limit: 1, chunkSize: 1, reverse: true }), ['e=back'])
  })

  suite.test('a store that is empty but for the buffer scans the buffer', async ({ provider }) => {
    await using tx = await provider.begin()
    for (let i = 0; i < 600; i++) tx.put(bytes(String(i).padStart(3, '0')), bytes(`v${i}`))
    const expected = Array.from({ length: 600 }, (_, i) => `${String(i).padStart(3, '0')}=v${i}`)
    const chunks = await scanChunks(tx)
    assert.deepEqual(chunks.flat(), expected)
    assert.ok(chunks.every((chunk) => chunk.length <= 256))
    assert.deepEqual(await scan(tx, {}, { reverse: true, chunkSize: 7 }), expected.toReversed())
  })
}

function registerOpenScans(suite: ConformanceSuite): void {
  const committed = { b: '2', d: '4', f: '6' }

  for (const reverse of [false, true]) {
    suite.test(
      `a ${reverse ? 'reverse ' : ''}scan under way sees the writes as of its start`,
      async ({ provider }) => {
        await commit(provider, committed)
        await using tx = await provider.begin()
        tx.put(bytes('c'), bytes('before'))
        const savepoint = tx.savepoint()
        tx.put(bytes('e'), bytes('before'))
        const seen: string[] = []
        for await (const chunk of tx.scan({}, { chunkSize: 1, reverse })) {
          seen.push(...chunk.map(entryText))
          if (seen.length > 1) continue
          tx.rollbackTo(savepoint)
          tx.put(bytes('a'), bytes('late'))
          tx.put(bytes('c'), bytes('late'))
          tx.delete(bytes('d'))
          tx.put(bytes('g'), bytes('late'))
        }
        const expected = ['b=2', 'c=before', 'd=4', 'e=before', 'f=6']
        assert.deepEqual(seen, reverse ? expected.reverse() : expected)
        assert.deepEqual(await scan(tx), ['a=late', 'b=2', 'c=late', 'f=6', 'g=late'])
      },
    )
  }

  suite.test(
    'a scan under way does not see keys that its own loop writes behind or ahead',
    async ({ provider }) => {
      await commit(provider, committed)
      const tx = await provider.begin()
      for await (const chunk of tx.scan({}, { chunkSize: 1 })) {
        for (const { key } of chunk) {
          tx.delete(key)
          tx.put(Buffer.concat([key, bytes('+')]), bytes('moved'))
        }
      }
      await tx.commit()
      assert.deepEqual(await contents(provider), ['b+=moved', 'd+=moved', 'f+=moved'])
    },
  )
}

async function randomMerges(
  begin: () => Promise<Transaction>,
  store: (data: Record<string, string>) => Promise<unknown>,
  env: Env,
): Promise<void> {
  const keys = ['', 'a', 'aa', 'b', 'b\x00', 'c', 'd', 'e', '\xff']
  const model = new Map<string, string>()
  for (const key of keys) if (env.random.float() < 0.6) model.set(key, 'old')
  if (model.size > 0) await store(Object.fromEntries(model))
  await using tx = await begin()
  for (let round = 0; round < 30; round++) {
    const key = choose(env, keys)
    if (env.random.float() < 0.5) {
      tx.put(bytes(key), bytes(`new${round}`))
      model.set(key, `new${round}`)
    } else {
      tx.delete(bytes(key))
      model.delete(key)
    }
    const [start, end] = [choose(env, [undefined, ...keys]), choose(env, [undefined, ...keys])]
    const options = { reverse: env.random.float() < 0.5, limit: whole(env, 10), chunkSize: 1 + whole(env, 4) }
    const inside = [...model]
      .filter(([name]) => name >= (start ?? '') && (end === undefined || name < end))
      .map(([name, value]) => `${name}=${value}`)
    inside.sort((a, b) => (a.split('=', 1).join() < b.split('=', 1).join() ? -1 : 1))
    if (options.reverse) inside.reverse()
    const expected = inside.slice(0, options.limit)
    assert.deepEqual(await scan(tx, range(start, end), options), expected)
    assert.deepEqual(await scanValues(tx, range(start, end), options), expected.map(withoutKey))
  }
}
