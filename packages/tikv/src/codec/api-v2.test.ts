import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes, concatBytes, EMPTY_BYTES, hasCode, toHex } from '@orbit-ts/base'
import fc from 'fast-check'
import { Error as RegionError } from '../gen/errorpb.js'
import * as kv from '../gen/kvrpcpb.js'
import { Region } from '../gen/metapb.js'
import { tikvMethods } from '../rpc/methods.js'
import { ApiV2Codec } from './api-v2.js'
import { KeyspacePrefix } from './keyspace-prefix.js'
import { encodeMemcomparable } from './memcomparable.js'

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(concatBytes(...parts))
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const codec = new ApiV2Codec('raw', 4242)
const START = Uint8Array.of(0x72, 0, 16, 146)
const END = Uint8Array.of(0x72, 0, 16, 147)
const BEFORE = Uint8Array.of(0x72, 0, 0, 1)
const AFTER = Uint8Array.of(0x72, 1, 0, 0)
const LEFT = Uint8Array.of(0x72, 0, 16, 146, 100)
const RIGHT = Uint8Array.of(0x72, 0, 16, 146, 200)

const stored = (key: Uint8Array): Uint8Array => (key.length === 0 ? key : encodeMemcomparable(key))
const region = (start: Uint8Array, end: Uint8Array, id = 1n): Region =>
  Region.create({ id, startKey: stored(start), endKey: stored(end) })

const key = fc.uint8Array({ maxLength: 12 })
const keyspace = fc.nat(0xff_ffff)
const mode = fc.constantFrom('raw' as const, 'transaction' as const)

describe('API V2', () => {
  it('puts mode and keyspace before keys', () => {
    const rows: ['raw' | 'transaction', number, string, string][] = [
      ['raw', 0, '72000000', '72000001'],
      ['raw', 4242, '72001092', '72001093'],
      ['raw', 0xff_fffe, '72fffffe', '72ffffff'],
      ['transaction', 0xff, '780000ff', '78000100'],
      ['transaction', 0xffff, '7800ffff', '78010000'],
      ['raw', 0xff_ffff, '72ffffff', '73000000'],
    ]
    for (const [of, id, start, end] of rows) {
      const prefix = new KeyspacePrefix(of, id)
      assert.deepEqual([toHex(prefix.start), toHex(prefix.end)], [start, end])
    }
  })

  it('refuses ids that three bytes do not hold', () => {
    for (const id of [-1, 0x100_0000, 0xffff_ffff, 1.5, Number.NaN]) {
      assert.throws(
        () => new ApiV2Codec('raw', id),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
      )
    }
  })

  it('tells the servers the version and the keyspace', () => {
    assert.deepEqual(codec.context, { apiVersion: kv.APIVersion.V2, keyspaceId: 4242 })
  })

  it('makes open bounds those of the keyspace', () => {
    const a = bytes('a')
    const z = bytes('z')
    const encoded = (start: Uint8Array, end: Uint8Array) => {
      const request = kv.RawDeleteRangeRequest.create({ startKey: start, endKey: end })
      const { startKey, endKey } = codec.encodeRequest(tikvMethods.rawDeleteRange, request)
      return [startKey, endKey]
    }
    assert.deepEqual(encoded(EMPTY_BYTES, EMPTY_BYTES), [START, END])
    assert.deepEqual(encoded(EMPTY_BYTES, z), [START, joined(START, z)])
    assert.deepEqual(encoded(a, EMPTY_BYTES), [joined(START, a), END])
    assert.deepEqual(encoded(a, z), [joined(START, a), joined(START, z)])
  })

  it('turns the bounds of a reverse scan round', () => {
    const request = kv.RawScanRequest.create({ reverse: true })
    const { startKey, endKey } = codec.encodeRequest(tikvMethods.rawScan, request)
    assert.deepEqual([startKey, endKey], [END, START])
  })

  it('leaves a primary key out of a commit that names none', () => {
    const request = kv.CommitRequest.create({ keys: [bytes('k')] })
    assert.equal(codec.encodeRequest(tikvMethods.kvCommit, request).primaryKey.length, 0)
  })

  it('cuts regions to the keyspace', () => {
    const rows: [Uint8Array, Uint8Array, number[], number[]][] = [
      [EMPTY_BYTES, EMPTY_BYTES, [], []],
      [BEFORE, AFTER, [], []],
      [START, END, [], []],
      [BEFORE, LEFT, [], [100]],
      [START, LEFT, [], [100]],
      [LEFT, RIGHT, [100], [200]],
      [RIGHT, END, [200], []],
      [RIGHT, AFTER, [200], []],
      [RIGHT, EMPTY_BYTES, [200], []],
    ]
    for (const [start, end, userStart, userEnd] of rows) {
      const decoded = codec.decodeRegion(region(start, end))
      assert.deepEqual(
        [decoded?.startKey, decoded?.endKey],
        [Uint8Array.from(userStart), Uint8Array.from(userEnd)],
      )
    }
  })

  it('has no region outside the keyspace', () => {
    const rows: [Uint8Array, Uint8Array][] = [
      [EMPTY_BYTES, BEFORE],
      [EMPTY_BYTES, START],
      [BEFORE, START],
      [END, AFTER],
      [END, EMPTY_BYTES],
      [AFTER, EMPTY_BYTES],
    ]
    for (const [start, end] of rows) assert.equal(codec.decodeRegion(region(start, end)), undefined)
  })

  it('takes boundaries that are not memcomparable as what they split', () => {
    const raw = (startKey: Uint8Array, endKey: Uint8Array) =>
      codec.decodeRegion(Region.create({ startKey, endKey }))
    assert.deepEqual(raw(LEFT, RIGHT)?.startKey, Uint8Array.of(100))
    assert.equal(raw(bytes('a'), bytes('b')), undefined)
  })

  it('[S70] leaves regions of other keyspaces out of EpochNotMatch and decodes the others', () => {
    const currentRegions = [
      region(EMPTY_BYTES, START, 1n),
      region(BEFORE, LEFT, 2n),
      region(LEFT, RIGHT, 3n),
      region(RIGHT, EMPTY_BYTES, 4n),
      region(END, EMPTY_BYTES, 5n),
    ]
    const response = kv.RawGetResponse.create({
      regionError: RegionError.create({ epochNotMatch: { currentRegions } }),
    })
    const decoded = codec.decodeResponse(tikvMethods.rawGet, response)
    const regions = decoded.regionError?.epochNotMatch?.currentRegions ?? []
    assert.deepEqual(
      regions.map(({ id, startKey, endKey }) => [id, [...startKey], [...endKey]]),
      [
        [2n, [], [100]],
        [3n, [100], [200]],
        [4n, [200], []],
      ],
    )
  })

  it('refuses an answer with a key of another keyspace', () => {
    const response = kv.RawScanResponse.create({ kvs: [{ key: AFTER, value: bytes('v') }] })
    assert.throws(
      () => codec.decodeResponse(tikvMethods.rawScan, response),
      (error) => hasCode(error, 'PROTOCOL_VIOLATION'),
    )
  })

  it('leaves waits of other keyspaces out', () => {
    const response = kv.GetLockWaitInfoResponse.create({
      entries: [
        { key: LEFT, txn: 1n },
        { key: AFTER, txn: 2n },
        { key: EMPTY_BYTES, txn: 3n },
      ],
    })
    const { entries } = codec.decodeResponse(tikvMethods.getLockWaitInfo, response)
    assert.deepEqual(
      entries.map(({ key: of, txn }) => [[...of], txn]),
      [
        [[100], 1n],
        [[], 3n],
      ],
    )
  })

  it('gives back the keys it was given, in their order', () => {
    fc.assert(
      fc.property(mode, keyspace, key, key, (of, id, a, b) => {
        const prefix = new KeyspacePrefix(of, id)
        assert.deepEqual(prefix.decode(prefix.encode(a)), a)
        const order = compareBytes(prefix.encode(a), prefix.encode(b))
        assert.equal(Math.sign(order), Math.sign(compareBytes(a, b)))
      }),
    )
  })

  it('[S70] keeps two keyspaces disjoint: no key and no bound of one is in the range of the other', () => {
    fc.assert(
      fc.property(mode, keyspace, mode, keyspace, key, (modeA, a, modeB, b, of) => {
        if (modeA === modeB && a === b) return
        const [one, other] = [new KeyspacePrefix(modeA, a), new KeyspacePrefix(modeB, b)]
        const { start, end } = one.encodeRange({ start: EMPTY_BYTES, end: EMPTY_BYTES })
        const foreign = other.encode(of)
        assert.ok(compareBytes(foreign, start) < 0 || compareBytes(foreign, end) >= 0)
        assert.equal(other.clamp(start, end), undefined)
        assert.equal(one.has(foreign), false)
      }),
    )
  })

  it('cuts any region to what a key by key test says', () => {
    const bound = fc.oneof(
      key,
      key.map((of) => joined(START, of)),
      fc.constantFrom(START, END, BEFORE, AFTER),
    )
    fc.assert(
      fc.property(bound, bound, key, (start, end, of) => {
        if (end.length > 0 && compareBytes(start, end) >= 0) return
        const full = joined(START, of)
        const isInside = compareBytes(start, full) <= 0 && (end.length === 0 || compareBytes(full, end) < 0)
        const decoded = codec.decodeRegion(region(start, end))
        const isDecodedInside =
          decoded !== undefined &&
          compareBytes(decoded.startKey, of) <= 0 &&
          (decoded.endKey.length === 0 || compareBytes(of, decoded.endKey) < 0)
        assert.equal(isDecodedInside, isInside)
      }),
    )
  })
})
