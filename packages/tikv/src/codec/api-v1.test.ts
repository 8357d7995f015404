import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_BYTES } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import * as kv from '../gen/kvrpcpb.js'
import { Region } from '../gen/metapb.js'
import { tikvMethods } from '../rpc/methods.js'
import { ApiV1Codec } from './api-v1.js'
import { encodeMemcomparable } from './memcomparable.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const raw = new ApiV1Codec('raw')
const transaction = new ApiV1Codec('transaction')
const k = bytes('k')
const bounds = (region: Region | undefined) => [region?.startKey, region?.endKey]
const storedRegion = (): Region =>
  Region.create({ id: 1n, startKey: encodeMemcomparable(k), endKey: encodeMemcomparable(bytes('m')) })

describe('API V1', () => {
  it('asks clusters of V1TTL as those of V1', () => {
    assert.deepEqual(raw.context, { apiVersion: kv.APIVersion.V1 })
    assert.equal(raw.keyspaceId, undefined)
  })

  it('has the boundaries of raw regions as they are', () => {
    assert.deepEqual(raw.encodeRegionKey(k), k)
    assert.deepEqual(raw.encodeRegionRange({ start: k, end: EMPTY_BYTES }), { start: k, end: EMPTY_BYTES })
    assert.deepEqual(bounds(raw.decodeRegion(Region.create({ startKey: k }))), [k, EMPTY_BYTES])
  })

  it('has the boundaries of transactional regions memcomparable, open ones empty', () => {
    assert.deepEqual(transaction.encodeRegionKey(k), encodeMemcomparable(k))
    const open = { start: EMPTY_BYTES, end: EMPTY_BYTES }
    assert.deepEqual(transaction.encodeRegionRange(open), open)
    assert.deepEqual(bounds(transaction.decodeRegion(storedRegion())), [k, bytes('m')])
    assert.deepEqual(bounds(transaction.decodeRegion(Region.create())), [EMPTY_BYTES, EMPTY_BYTES])
    // Cut by hand: where keys are split as their encodings are, and no region that has no key.
    assert.deepEqual(bounds(transaction.decodeRegion(Region.create({ startKey: k, endKey: bytes('m') }))), [
      k,
      bytes('m'),
    ])
    assert.equal(transaction.decodeRegion(Region.create({ endKey: Uint8Array.of(0) })), undefined)
    assert.equal(
      transaction.decodeRegion(Region.create({ startKey: k, endKey: encodeMemcomparable(k) })),
      undefined,
    )
  })

  it('leaves requests and keys alone', () => {
    const request = kv.GetRequest.create({ key: k })
    assert.equal(transaction.encodeRequest(tikvMethods.kvGet, request), request)
    const response = kv.ScanResponse.create({ pairs: [{ key: k }] })
    assert.deepEqual(transaction.decodeResponse(tikvMethods.kvScan, response).pairs[0]?.key, k)
  })

  it('decodes the regions of region errors', () => {
    const regionError = RegionError.create({
      epochNotMatch: { currentRegions: [storedRegion()] },
      keyNotInRegion: { key: k, regionId: 1n, startKey: encodeMemcomparable(k), endKey: EMPTY_BYTES },
    })
    const decoded = transaction.decodeResponse(
      tikvMethods.kvGet,
      kv.GetResponse.create({ regionError }),
    ).regionError
    assert.deepEqual(bounds(decoded?.epochNotMatch?.currentRegions[0]), [k, bytes('m')])
    const { key, startKey, endKey } = decoded?.keyNotInRegion ?? assert.fail()
    assert.deepEqual([key, startKey, endKey], [k, k, EMPTY_BYTES])
  })

  it('decodes the regions that a split made', () => {
    const response = () => kv.SplitRegionResponse.create({ regions: [storedRegion()], left: storedRegion() })
    const decoded = transaction.decodeResponse(tikvMethods.splitRegion, response())
    assert.deepEqual(bounds(decoded.regions[0]), [k, bytes('m')])
    assert.deepEqual(bounds(decoded.left), [k, bytes('m')])
    assert.deepEqual(raw.decodeResponse(tikvMethods.splitRegion, response()), response())
  })
})
