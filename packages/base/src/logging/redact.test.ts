import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSecretKey, redact } from './redact.js'

describe('isSecretKey', () => {
  it('knows the names of secrets, however they are spelt', () => {
    for (const key of [
      'password',
      'dbPassword',
      'Authorization',
      'proxy-authorization',
      'access_token',
      'secret',
      'secret_access_key',
      'accessKeyId',
      'account_key',
      'client_key',
      'set-cookie',
      'x-api-key',
      'bearerTokens',
    ]) {
      assert.equal(isSecretKey(key), true, key)
    }
  })

  it('leaves ordinary names alone', () => {
    for (const key of [
      'key',
      'keys',
      'tokenCount',
      'secretary',
      'primaryKey',
      'author',
      'passwordLengthMin',
    ]) {
      assert.equal(isSecretKey(key), false, key)
    }
  })
})

describe('redact', () => {
  it('masks at any depth, in lists too, and leaves its argument as it was', () => {
    const fields = {
      a: 1,
      headers: { authorization: 'Bearer x' },
      list: [{ token: 't', id: 2 }],
      secret: ['x'],
    }
    const before = structuredClone(fields)
    assert.deepEqual(redact(fields), {
      a: 1,
      headers: { authorization: '***' },
      list: [{ token: '***', id: 2 }],
      secret: '***',
    })
    assert.deepEqual(fields, before)
  })

  it('keeps what is absent, and instances of classes', () => {
    const error = new Error('x')
    const fields = redact({ password: undefined, token: null, error })
    assert.deepEqual(fields, { password: undefined, token: null, error })
    assert.equal(fields['error'], error)
  })

  it('ends for an object that contains itself', () => {
    const loop: Record<string, unknown> = { name: 'loop' }
    loop['self'] = loop
    assert.match(JSON.stringify(redact(loop)), /"self":"…"/)
  })
})
