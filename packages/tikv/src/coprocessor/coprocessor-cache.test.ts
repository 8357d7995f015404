import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Request } from '../gen/coprocessor.js'
import { bytes, range } from '../raw/client-bench.fake.js'
import { CoprocessorCache, type CachedAnswer } from './coprocessor-cache.js'

const answer = (fields: Partial<CachedAnswer> = {}): CachedAnswer => ({
  dataVersion: 9n,
  regionId: 1n,
  startTs: 100n,
  data: bytes('data'),
  range: undefined,
  ...fields,
})
const slow = { processMs: 5, pageIndex: 0 }
const request = (fields: Parameters<typeof Request.fromPartial>[0]) => Request.fromPartial(fields)
const open = (capacityBytes = 10_000): CoprocessorCache => new CoprocessorCache({ capacityBytes })

describe('the coprocessor cache', () => {
  it('gives an answer to readers of the same region that are not older', () => {
    const cache = open()
    assert.equal(cache.offer('k', answer(), slow), true)
    assert.deepEqual(cache.get('k', 1n, 100n), answer())
    assert.deepEqual(cache.get('k', 1n, 200n), answer())
    assert.equal(cache.get('k', 1n, 99n), undefined)
    assert.equal(cache.get('k', 2n, 200n), undefined)
    assert.equal(cache.get('other', 1n, 200n), undefined)
  })

  it('keeps answers that are worth it only', () => {
    const cache = open(30_000_000)
    const rows: [Partial<CachedAnswer>, number, number, boolean][] = [
      [{}, 5, 0, true],
      [{}, 4.9, 0, false],
      [{}, 1.7, 1, true],
      [{}, 1.6, 1, false],
      [{}, 5, 50, true],
      [{}, 5, 51, false],
      [{ data: bytes('') }, 5, 0, false],
      [{ data: new Uint8Array(10 * 1024 * 1024) }, 5, 0, true],
      [{ data: new Uint8Array(10 * 1024 * 1024 + 1) }, 5, 0, false],
      [{ dataVersion: 0n }, 5, 0, false],
    ]
    for (const [fields, processMs, pageIndex, kept] of rows)
      assert.equal(
        cache.offer('k', answer(fields), { processMs, pageIndex }),
        kept,
        `${processMs} ${pageIndex}`,
      )
  })

  it('forgets the least recently used answers beyond its capacity', () => {
    const data = new Uint8Array(744)
    const cache = open(3005)
    for (const key of ['aa', 'bb', 'cc']) cache.offer(key, answer({ data }), slow)
    assert.deepEqual([cache.size, cache.bytes], [2, 2004])
    cache.get('bb', 1n, 100n)
    cache.offer('dd', answer({ data: new Uint8Array(745) }), slow)
    assert.equal(cache.get('cc', 1n, 100n), undefined)
    assert.notEqual(cache.get('bb', 1n, 100n), undefined)
    assert.equal(cache.offer('ee', answer({ data: new Uint8Array(4000) }), slow), false)
    cache.offer('bb', answer({ data: bytes('x') }), slow)
    assert.deepEqual([cache.size, cache.bytes], [2, 1003 + 259])
  })

  it('does not hold on to the message that brought an answer', () => {
    const cache = open()
    const message = new Uint8Array(1000).fill(1)
    cache.offer('k', answer({ data: message.subarray(0, 4) }), slow)
    message.fill(2)
    const kept = cache.get('k', 1n, 100n)
    assert.deepEqual([kept?.data, kept?.data.buffer.byteLength], [Uint8Array.of(1, 1, 1, 1), 4])
  })

  it('tells requests apart by what they ask for', () => {
    const cache = open()
    const requests = [
      { tp: 103n, data: bytes('ab'), ranges: [range('a', 'b')] },
      { tp: 104n, data: bytes('ab'), ranges: [range('a', 'b')] },
      { tp: 103n, data: bytes('a'), ranges: [range('ba', 'b')] },
      { tp: 103n, data: bytes('ab'), ranges: [range('a', 'bc')] },
      { tp: 103n, data: bytes('ab'), ranges: [range('a', ''), range('b', '')] },
      { tp: 103n, data: bytes('ab'), ranges: [range('a', 'b')], pagingSize: 5n },
    ]
    assert.equal(new Set(requests.map((one) => cache.keyOf(request(one)))).size, requests.length)
    const other = request({ ...requests[0], startTs: 7n, context: { regionId: 5n } })
    assert.equal(cache.keyOf(other), cache.keyOf(request(requests[0] ?? {})))
  })

  it('takes nothing of more than 500 ranges, nor without capacity', () => {
    const of = (count: number) => request({ ranges: Array.from({ length: count }, () => range('a', 'b')) })
    assert.notEqual(open().keyOf(of(500)), undefined)
    assert.equal(open().keyOf(of(501)), undefined)
    assert.equal(open(0).keyOf(of(1)), undefined)
  })
})
