import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode, TestEnv, utf8 } from '@orbit-ts/base'
import { testLocalEngine } from '../engine-contract.test.suite.js'
import { openMemoryEngine } from './open-memory-engine.js'

const env = new TestEnv()

testLocalEngine('memory', () => openMemoryEngine({}, { env }), { persistent: false })

describe('memory engine', () => {
  const put = (key: string, value = ''): { key: Uint8Array; value: Uint8Array } => ({
    key: utf8(key),
    value: utf8(value),
  })
  const remove = (key: string): { key: Uint8Array; value: undefined } => ({
    key: utf8(key),
    value: undefined,
  })

  it('is not persistent', async () => {
    const engine = await openMemoryEngine({}, { env })
    assert.equal(engine.persistent, false)
    assert.deepEqual(engine.stats(), { entries: 0 })
    await engine.close()
    await engine.close()
  })

  it('refuses a batch that would pass max_entries, and changes nothing', async () => {
    const engine = await openMemoryEngine({ maxEntries: 3 }, { env })
    engine.write([put('a'), put('b'), put('c')])
    assert.throws(
      () => engine.write([put('a', 'new'), remove('x'), put('d')]),
      (error: unknown) => hasCode(error, 'STORAGE_FULL') && error.message.includes('max_entries is 3'),
    )
    assert.equal(engine.get(utf8('a'))?.byteLength, 0)
    assert.equal(engine.get(utf8('d')), undefined)
    assert.deepEqual(engine.stats(), { entries: 3, entries_max: 3 })
  })

  it('counts replaced and deleted keys when it is full', async () => {
    const engine = await openMemoryEngine({ maxEntries: 2 }, { env })
    engine.write([put('a'), put('b')])
    engine.write([put('a', '1'), put('b', '2')])
    engine.write([remove('a'), put('c', '3')])
    engine.write([remove('b')])
    assert.deepEqual(engine.stats(), { entries: 1, entries_max: 2 })
    assert.deepEqual(engine.get(utf8('c')), Buffer.from('3'))
  })

  it('copies what it is given', async () => {
    const engine = await openMemoryEngine({}, { env })
    const key = Buffer.from('key')
    const value = Buffer.from('value')
    engine.write([{ key, value }])
    key.fill(0)
    value.fill(0)
    assert.deepEqual(engine.get(utf8('key')), Buffer.from('value'))
    const [entry] = await engine.cursor({}, { reverse: false, keysOnly: false }).next(1)
    assert.deepEqual(entry, { key: Buffer.from('key'), value: Buffer.from('value') })
  })

  it('goes on with a walk after its last key was deleted', async () => {
    const engine = await openMemoryEngine({}, { env })
    engine.write(['a', 'b', 'c', 'd'].map((key) => put(key)))
    for (const reverse of [false, true]) {
      const cursor = engine.cursor({}, { reverse, keysOnly: true })
      const first = await cursor.next(2)
      engine.write([remove('b'), remove('c')])
      const rest = await cursor.next(9)
      const keys = [...first, ...rest].map(({ key }) => Buffer.from(key).toString())
      assert.deepEqual(keys, reverse ? ['d', 'c', 'a'] : ['a', 'b', 'd'])
      engine.write([put('b'), put('c')])
    }
  })

  it('refuses options that do not exist or are out of range', async () => {
    const wrong = (code: 'CONFIG_INVALID' | 'CONFIG_UNKNOWN_KEY') => (error: unknown) => hasCode(error, code)
    await assert.rejects(openMemoryEngine({ maxEntries: 0 }, { env }), wrong('CONFIG_INVALID'))
    await assert.rejects(
      openMemoryEngine(JSON.parse('{"maxEntrys": 1}'), { env }),
      wrong('CONFIG_UNKNOWN_KEY'),
    )
    await assert.rejects(openMemoryEngine(JSON.parse('{"diskBackup": {}}'), { env }), wrong('CONFIG_INVALID'))
  })
})
