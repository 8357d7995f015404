import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '@orbit-ts/base'
import { parseEndpoint } from './endpoint.js'

describe('parseEndpoint', () => {
  it('takes the scheme from the text, or from what is configured', () => {
    const plain = { url: 'http://pd:2379', address: 'pd:2379', secure: false }
    const secure = { url: 'https://pd:2379', address: 'pd:2379', secure: true }
    assert.deepEqual(parseEndpoint('pd:2379', false), plain)
    assert.deepEqual(parseEndpoint('http://pd:2379/', true), plain)
    assert.deepEqual(parseEndpoint('pd:2379', true), secure)
    assert.deepEqual(parseEndpoint('HTTPS://PD:2379', false), secure)
  })

  it('keeps a port that is written, also the one that its scheme would have', () => {
    for (const [text, address] of [
      ['pd', 'pd:2379'],
      ['http://pd', 'pd:2379'],
      ['http://pd:80', 'pd:80'],
      ['https://pd:443/', 'pd:443'],
      ['10.0.0.1:12379', '10.0.0.1:12379'],
      ['[::1]:2379', '[::1]:2379'],
      ['http://[fe80::1]', '[fe80::1]:2379'],
    ] as const) {
      assert.equal(parseEndpoint(text, false).address, address, text)
    }
  })

  it('refuses what is no plain address', () => {
    const wrong = [
      '',
      ' ',
      'pd 1',
      'redis://pd:1',
      'pd:1/path',
      'pd:1//',
      'user@pd:1',
      'pd:1?a',
      'pd:70000',
      'pd:0',
    ]
    for (const text of wrong) {
      assert.throws(
        () => parseEndpoint(text, false),
        (error) => hasCode(error, 'INVALID_ARGUMENT'),
        JSON.stringify(text),
      )
    }
  })
})
