import assert from 'node:assert/strict'
import { compareBytes } from '@orbit-ts/base'
import type { ConformanceSuite } from '../harness/conformance-suite.js'
import { failure, thrown } from '../harness/assertions.js'
import { bytes, commit, contents, get, getMany, range, scan } from '../harness/text.js'

/** Keys at the edges of what bytes can be, in their unsigned order. */
export const EDGE_KEYS: readonly string[] = [
  '',
  '\x00',
  '\x00\x00',
  '\x00\x01',
  '\x01',
  'A',
  'A\x00',
  'A\x00\x00',
  'AA',
  'AB',
  'B',
  '\x7f',
  '\x7f\xff',
  '\x80',
  '\x80\x00',
  '\xc3\xa9',
  '\xfe\xff',
  '\xff',
  '\xff\x00',
  '\xff\xfe',
  '\xff\xff',
  '\xff'.repeat(16),
  '\xff'.repeat(40),
]

export function registerKeys(suite: ConformanceSuite): void {
  registerEdgeKeys(suite)
  registerKeySizes(suite)
}

function registerEdgeKeys(suite: ConformanceSuite): void {
  const data = Object.fromEntries(EDGE_KEYS.map((key, index) => [key, `v${index}`]))
  const ordered = EDGE_KEYS.map((key) => `${key}=${data[key]}`)

  suite.test('the empty key is a key', async ({ provider }) => {
    await commit(provider, { '': 'nothing', a: '1' })
    await using tx = await provider.begin()
    assert.equal(await get(tx, ''), 'nothing')
    assert.deepEqual(await scan(tx), ['=nothing', 'a=1'])
    assert.deepEqual(await scan(tx, range('', '\x00')), ['=nothing'])
    assert.deepEqual(await scan(tx, range(undefined, 'a'), { reverse: true }), ['=nothing'])
    tx.delete(bytes(''))
    assert.equal(await get(tx, ''), undefined)
    await tx.commit()
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('keys sort as unsigned bytes, the shorter first', async ({ provider }) => {
    await commit(provider, data)
    await using tx = await provider.begin()
    assert.deepEqual(await scan(tx), ordered)
    assert.deepEqual(await scan(tx, {}, { reverse: true }), ordered.toReversed())
    assert.deepEqual(
      await getMany(tx, EDGE_KEYS),
      EDGE_KEYS.map((key) => data[key]),
    )
  })

  suite.test('every edge key works as a bound, for committed and for own entries', async ({ provider }) => {
    const committed = EDGE_KEYS.filter((_, index) => index % 2 === 0)
    await commit(provider, Object.fromEntries(committed.map((key) => [key, data[key]])))
    await using tx = await provider.begin()
    for (const key of EDGE_KEYS) if (!committed.includes(key)) tx.put(bytes(key), bytes(data[key] ?? ''))
    for (let from = 0; from < EDGE_KEYS.length; from++) {
      assert.deepEqual(await scan(tx, range(EDGE_KEYS[from])), ordered.slice(from))
      assert.deepEqual(await scan(tx, range(undefined, EDGE_KEYS[from])), ordered.slice(0, from))
      const to = Math.min(from + 3, EDGE_KEYS.length - 1)
      const inside = ordered.slice(from, to)
      assert.deepEqual(await scan(tx, range(EDGE_KEYS[from], EDGE_KEYS[to])), inside)
      assert.deepEqual(
        await scan(tx, range(EDGE_KEYS[from], EDGE_KEYS[to]), { reverse: true }),
        inside.toReversed(),
      )
    }
  })

  suite.test('a key is not the beginning of a longer one', async ({ provider }) => {
    await commit(provider, { A: 'short', 'A\x00': 'long' })
    await commit(provider, { A: undefined })
    await using tx = await provider.begin()
    assert.deepEqual(await getMany(tx, ['A', 'A\x00', 'A\x00\x00']), [undefined, 'long', undefined])
  })
}

function registerKeySizes(suite: ConformanceSuite): void {
  suite.test('keys of the maximal length work and keep their order', async ({ provider, capabilities }) => {
    const length = Math.min(capabilities.keySizeMaxBytes, 65_536)
    const low = new Uint8Array(length).fill(0x61)
    const high = Uint8Array.from(low)
    high[length - 1] = 0x62
    await provider.write([
      { type: 'put', key: high, value: bytes('high') },
      { type: 'put', key: low, value: bytes('low') },
    ])
    await using tx = await provider.begin()
    const found = []
    for await (const chunk of tx.scan({ start: low })) found.push(...chunk)
    assert.deepEqual(
      found.map(({ value }) => Buffer.from(value).toString('latin1')),
      ['low', 'high'],
    )
    assert.ok(found.every(({ key }, index) => compareBytes(key, index === 0 ? low : high) === 0))
    tx.delete(low)
    tx.put(high, bytes('higher'))
    await tx.commit()
    assert.equal(await provider.transact(async (after) => await after.get(low)), undefined)
  })

  suite.test('a key over the limit is refused where it is passed in', async ({ provider, capabilities }) => {
    if (!Number.isFinite(capabilities.keySizeMaxBytes)) return
    const key = new Uint8Array(capabilities.keySizeMaxBytes + 1)
    const value = bytes('1')
    await using tx = await provider.begin()
    tx.put(bytes('a'), value)
    thrown(() => tx.put(key, value), 'KEY_TOO_LARGE')
    thrown(() => tx.insert(key, value), 'KEY_TOO_LARGE')
    thrown(() => tx.delete(key), 'KEY_TOO_LARGE')
    await failure(() => tx.get(key), 'KEY_TOO_LARGE')
    await failure(() => tx.getMany([bytes('a'), key]), 'KEY_TOO_LARGE')
    await tx.commit()
    const batch = [{ type: 'put', key: bytes('b'), value } as const, { type: 'put', key, value } as const]
    await failure(() => provider.write(batch), 'KEY_TOO_LARGE')
    assert.deepEqual(await contents(provider), ['a=1'])
  })

  suite.test('a bound may be longer than any key', async ({ provider, capabilities }) => {
    await commit(provider, { a: '1', b: '2' })
    const long = new Uint8Array(Math.min(capabilities.keySizeMaxBytes + 1, 100_000)).fill(0x61)
    await using tx = await provider.begin()
    const found = []
    for await (const chunk of tx.scan({ start: long })) found.push(...chunk)
    for await (const chunk of tx.scan({ end: long }, { reverse: true })) found.push(...chunk)
    assert.deepEqual(
      found.map(({ key }) => Buffer.from(key).toString('latin1')),
      ['b', 'a'],
    )
  })
}
