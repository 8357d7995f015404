import assert from 'node:assert/strict'
import { constants } from 'node:http2'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import fc from 'fast-check'
import { GrpcStatus } from '../grpc-status.js'
import {
  decodeMessage,
  encodeMessage,
  formatTimeout,
  metadataOf,
  parseTimeout,
  refusedHeaders,
  statusIn,
  statusOfReset,
} from './grpc-wire.js'
import { parseAddress } from './parse-address.js'

describe('grpc-timeout', () => {
  it('is written in at most eight digits, never shorter than asked', () => {
    assert.equal(formatTimeout(0), '0m')
    assert.equal(formatTimeout(0.1), '1m')
    assert.equal(formatTimeout(30_000), '30000m')
    assert.equal(formatTimeout(99_999_999), '99999999m')
    assert.equal(formatTimeout(100_000_001), '100001S')
    assert.equal(formatTimeout(Infinity), '99999999H')
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (ms) => {
        const written = formatTimeout(ms)
        assert.match(written, /^\d{1,8}[mSH]$/)
        assert.ok((parseTimeout(written) ?? 0) >= Math.min(ms, 99_999_999 * 3_600_000))
      }),
    )
  })

  it('is read in every unit, and nothing else is', () => {
    const read = ['1H', '1M', '1S', '1m', '1000u', '1000000n'].map(parseTimeout)
    assert.deepEqual(read, [3_600_000, 60_000, 1000, 1, 1, 1])
    assert.equal(parseTimeout(undefined), undefined)
    for (const bad of ['', '1', 'm', '123456789m', '-1m', '1x', '1 m']) {
      assert.throws(() => parseTimeout(bad), /is not a grpc-timeout/)
    }
  })
})

describe('grpc-message', () => {
  it('comes back as it went, in printable ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const written = encodeMessage(text)
        assert.match(written, /^[\x20-\x7e]*$/)
        assert.equal(decodeMessage(written), text)
      }),
    )
    assert.equal(encodeMessage('100 % größer\n'), '100 %25 gr%C3%B6%C3%9Fer%0A')
  })

  it('keeps what is not validly encoded', () => {
    assert.equal(decodeMessage('50% off %zz'), '50% off %zz')
  })
})

describe('gRPC statuses', () => {
  it('are read from trailers', () => {
    assert.deepEqual(statusIn({ 'grpc-status': '5', 'grpc-message': 'no%20key' }), {
      status: 5,
      message: 'no key',
    })
    assert.deepEqual(statusIn({ 'grpc-status': 'x' }), { status: GrpcStatus.UNKNOWN, message: '' })
    assert.equal(statusIn({}), undefined)
  })

  it('are derived from HTTP', () => {
    const of = (status: number) => refusedHeaders({ ':status': String(status) })?.status
    assert.deepEqual([400, 401, 403, 404, 429, 502, 503, 504, 500].map(of), [
      GrpcStatus.INTERNAL,
      GrpcStatus.UNAUTHENTICATED,
      GrpcStatus.PERMISSION_DENIED,
      GrpcStatus.UNIMPLEMENTED,
      GrpcStatus.UNAVAILABLE,
      GrpcStatus.UNAVAILABLE,
      GrpcStatus.UNAVAILABLE,
      GrpcStatus.UNAVAILABLE,
      GrpcStatus.UNKNOWN,
    ])
    assert.deepEqual(refusedHeaders({ ':status': '200', 'content-type': 'text/html' }), {
      status: GrpcStatus.UNKNOWN,
      message: 'the server answered with content type text/html',
    })
    assert.equal(refusedHeaders({ ':status': '200', 'content-type': 'application/grpc+proto' }), undefined)
  })

  it('are derived from resets', () => {
    assert.equal(statusOfReset(constants.NGHTTP2_REFUSED_STREAM), GrpcStatus.UNAVAILABLE)
    assert.equal(statusOfReset(constants.NGHTTP2_CANCEL), GrpcStatus.CANCELLED)
    assert.equal(statusOfReset(constants.NGHTTP2_ENHANCE_YOUR_CALM), GrpcStatus.RESOURCE_EXHAUSTED)
    assert.equal(statusOfReset(constants.NGHTTP2_INADEQUATE_SECURITY), GrpcStatus.PERMISSION_DENIED)
    assert.equal(statusOfReset(constants.NGHTTP2_PROTOCOL_ERROR), GrpcStatus.INTERNAL)
  })

  it('leave the headers of the caller alone', () => {
    const headers = { ':path': '/a', te: 'trailers', 'grpc-timeout': '1S', 'tikv-forwarded-host': 'a:1' }
    assert.deepEqual(metadataOf(headers), { 'tikv-forwarded-host': 'a:1' })
  })
})

describe('parseAddress', () => {
  it('takes hosts, IPv6 and URLs', () => {
    const parse = (text: string): unknown[] => Object.values(parseAddress(text))
    assert.deepEqual(parse('tikv-1:20160'), ['tikv-1', 20160, false, 'tikv-1:20160'])
    assert.deepEqual(parse('http://pd:2379/'), ['pd', 2379, false, 'pd:2379'])
    assert.deepEqual(parse('https://pd:2379'), ['pd', 2379, true, 'pd:2379'])
    assert.deepEqual(parse('[::1]:20160'), ['::1', 20160, false, '[::1]:20160'])
  })

  it('refuses what is no address', () => {
    for (const text of [
      '',
      'host',
      'host:',
      'host:0',
      'host:65536',
      ':1',
      '::1:2',
      'ftp://a:1',
      'a b:1',
      'a:1/x',
    ]) {
      assert.throws(
        () => parseAddress(text),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
        text,
      )
    }
  })
})
