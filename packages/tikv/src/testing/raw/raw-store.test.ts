import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, TestEnv, utf8 } from '@orbit-ts/base'
import * as kv from '../../gen/kvrpcpb.js'
import type { Bounds } from '../mvcc/mvcc-state.js'
import { crc64 } from './crc64.js'
import { RawError, RawStore } from './raw-store.js'

const all: Bounds = { start: new Uint8Array(0), end: new Uint8Array(0) }

function filled(apiVersion: kv.APIVersion = kv.APIVersion.V1): { env: TestEnv; store: RawStore } {
  const env = new TestEnv()
  const store = new RawStore(env.clock, apiVersion)
  const pairs = ['a', 'b', 'c', 'd'].map((key) => ({ key: utf8(key), value: utf8(key.toUpperCase()) }))
  store.batchPut(kv.RawBatchPutRequest.create({ pairs }))
  return { env, store }
}

const value = (store: RawStore, key: string, cf = ''): string | undefined => {
  const { notFound, value } = store.get(kv.RawGetRequest.create({ key: utf8(key), cf }))
  return notFound ? undefined : fromUtf8(value)
}

const keys = (pairs: readonly kv.KvPair[]): string => pairs.map(({ key }) => fromUtf8(key)).join('')

const scan = (
  store: RawStore,
  request: Parameters<typeof kv.RawScanRequest.create>[0],
  bounds = all,
): string => keys(store.scan(kv.RawScanRequest.create({ limit: 10, ...request }), bounds).kvs)

const refused = (work: () => unknown, message: RegExp): void => {
  assert.throws(work, (error) => error instanceof RawError && message.test(error.message))
}

describe('RawStore', () => {
  it('tells an empty value from none', () => {
    const { store } = filled()
    store.put(kv.RawPutRequest.create({ key: utf8('e') }))
    assert.equal(value(store, 'e'), '')
    assert.equal(value(store, 'f'), undefined)
    store.delete(kv.RawDeleteRequest.create({ key: utf8('e') }))
    assert.equal(value(store, 'e'), undefined)
  })

  it('keeps column families apart, and knows no others', () => {
    const { store } = filled()
    store.put(kv.RawPutRequest.create({ key: utf8('a'), value: utf8('w'), cf: 'write' }))
    assert.equal(value(store, 'a'), 'A')
    assert.equal(value(store, 'a', 'default'), 'A')
    assert.equal(value(store, 'a', 'write'), 'w')
    refused(() => value(store, 'a', 'other'), /invalid cf name: other/)
    refused(() => value(filled(kv.APIVersion.V2).store, 'a', 'default'), /deprecated/)
  })

  it('scans both ways within its bounds', () => {
    const { store } = filled()
    assert.equal(scan(store, { startKey: utf8('b') }), 'bcd')
    assert.equal(scan(store, { startKey: utf8('b'), endKey: utf8('d') }), 'bc')
    assert.equal(scan(store, { limit: 2 }), 'ab')
    assert.equal(scan(store, { startKey: utf8('d'), endKey: utf8('b'), reverse: true }), 'cb')
    assert.equal(scan(store, { startKey: utf8('z'), reverse: true, limit: 2 }), 'dc')
    assert.equal(scan(store, { reverse: true }), '')
    assert.equal(scan(store, {}, { start: utf8('b'), end: utf8('d') }), 'bc')
    assert.equal(
      scan(store, { startKey: utf8('z'), reverse: true }, { start: utf8('b'), end: utf8('d') }),
      'cb',
    )
    const [pair] = store.scan(kv.RawScanRequest.create({ limit: 1, keyOnly: true }), all).kvs
    assert.equal(pair?.value.length, 0)
  })

  it('scans ranges one after the other, an open one up to the next', () => {
    const { store } = filled()
    const ranges = [{ startKey: utf8('a') }, { startKey: utf8('c'), endKey: utf8('d') }]
    const request = { ranges, eachLimit: 10 }
    assert.equal(keys(store.batchScan(kv.RawBatchScanRequest.create(request), all).kvs), 'abc')
    assert.equal(
      keys(store.batchScan(kv.RawBatchScanRequest.create({ ...request, eachLimit: 1 }), all).kvs),
      'ac',
    )
    const turned = { ranges: [{ startKey: utf8('c'), endKey: utf8('b') }], eachLimit: 1 }
    refused(() => store.batchScan(kv.RawBatchScanRequest.create(turned), all), /Invalid KeyRanges/)
  })

  it('forgets what has expired', async () => {
    const { env, store } = filled(kv.APIVersion.V1TTL)
    store.put(kv.RawPutRequest.create({ key: utf8('t'), value: utf8('v'), ttl: 2n }))
    const ttl = (key: string): kv.RawGetKeyTTLResponse =>
      store.keyTtl(kv.RawGetKeyTTLRequest.create({ key: utf8(key) }))
    assert.equal(ttl('t').ttl, 2n)
    assert.equal(ttl('a').ttl, 0n)
    await env.advance(1000)
    assert.equal(ttl('t').ttl, 1n)
    assert.equal(value(store, 't'), 'v')
    await env.advance(1000)
    assert.equal(ttl('t').notFound, true)
    assert.equal(value(store, 't'), undefined)
    assert.equal(scan(store, {}), 'abcd')
  })

  it('takes one ttl for all pairs, or one each', () => {
    const { store } = filled(kv.APIVersion.V1TTL)
    const pairs = ['x', 'y'].map((key) => ({ key: utf8(key), value: utf8('v') }))
    const ttlOf = (key: string): bigint => store.keyTtl(kv.RawGetKeyTTLRequest.create({ key: utf8(key) })).ttl
    store.batchPut(kv.RawBatchPutRequest.create({ pairs, ttls: [7n] }))
    assert.deepEqual([ttlOf('x'), ttlOf('y')], [7n, 7n])
    store.batchPut(kv.RawBatchPutRequest.create({ pairs, ttls: [8n, 9n] }))
    assert.deepEqual([ttlOf('x'), ttlOf('y')], [8n, 9n])
    refused(
      () => store.batchPut(kv.RawBatchPutRequest.create({ pairs, ttls: [1n, 2n, 3n] })),
      /length of ttls/,
    )
  })

  it('has no ttl with API V1', () => {
    const { store } = filled()
    refused(() => store.put(kv.RawPutRequest.create({ key: utf8('t'), ttl: 2n })), /ttl is not enabled/)
    refused(() => store.keyTtl(kv.RawGetKeyTTLRequest.create({ key: utf8('a') })), /non-ttl/)
  })

  it('swaps only what is as expected, and tells what was there', () => {
    const { store } = filled()
    const swap = (request: Parameters<typeof kv.RawCASRequest.create>[0]): kv.RawCASResponse =>
      store.compareAndSwap(kv.RawCASRequest.create(request))
    const wrong = swap({ key: utf8('a'), previousValue: utf8('x'), value: utf8('n') })
    assert.equal(wrong.succeed, false)
    assert.equal(fromUtf8(wrong.previousValue), 'A')
    assert.equal(swap({ key: utf8('a'), previousNotExist: true, value: utf8('n') }).succeed, false)
    assert.equal(swap({ key: utf8('a'), previousValue: utf8('A'), value: utf8('n') }).succeed, true)
    assert.equal(value(store, 'a'), 'n')
    const fresh = swap({ key: utf8('z'), previousNotExist: true, value: utf8('n') })
    assert.equal(fresh.succeed, true)
    assert.equal(fresh.previousNotExist, true)
    assert.equal(swap({ key: utf8('y'), previousValue: utf8(''), value: utf8('n') }).succeed, false)
    assert.equal(swap({ key: utf8('z'), previousValue: utf8('n'), delete: true }).succeed, true)
    assert.equal(value(store, 'z'), undefined)
  })

  it('deletes ranges of one column family', () => {
    const { store } = filled()
    store.put(kv.RawPutRequest.create({ key: utf8('b'), cf: 'lock' }))
    store.deleteRange(kv.RawDeleteRangeRequest.create({ startKey: utf8('b'), endKey: utf8('d') }))
    assert.equal(scan(store, {}), 'ad')
    assert.equal(value(store, 'b', 'lock'), '')
  })

  it('sums up checksums so that halves make the whole', () => {
    // The check value of this CRC for the digits 1 to 9.
    assert.equal(crc64(utf8('123456789')), 0x995dc9bbdf1939fan)
    const { store } = filled()
    const sum = (...ranges: [string, string][]): kv.RawChecksumResponse => {
      const request = {
        ranges: ranges.map(([startKey, endKey]) => ({ startKey: utf8(startKey), endKey: utf8(endKey) })),
      }
      return store.checksum(kv.RawChecksumRequest.create(request), all)
    }
    const whole = sum(['', ''])
    const [left, right] = [sum(['', 'c']), sum(['c', ''])]
    assert.equal(whole.checksum, left.checksum ^ right.checksum)
    assert.equal(whole.totalKvs, 4n)
    assert.equal(whole.totalBytes, 8n)
    assert.equal(sum(['a', 'b']).checksum, crc64(utf8('a'), utf8('A')))
  })
})
