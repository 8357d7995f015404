import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { configFromCode } from '@orbit-ts/base'
import { configSchema, type OrbitConfigInput } from './orbit-config.js'
import { isLoopback, resolveAccess } from './resolve-access.js'

const access = (server: OrbitConfigInput['server']): ReturnType<typeof resolveAccess> =>
  resolveAccess(configFromCode(configSchema, { server }).server)

describe('resolveAccess', () => {
  it('needs no token on a loopback address, and takes those that are given', () => {
    assert.deepEqual(access({}), { tokens: [], loopback: true })
    assert.deepEqual(access({ authTokens: ['abc', 'd.e~f/g+h=='] }), {
      tokens: ['abc', 'd.e~f/g+h=='],
      loopback: true,
    })
  })

  it('knows the loopback addresses', () => {
    for (const host of ['127.0.0.1', '127.8.8.8', '::1', 'localhost'])
      assert.equal(isLoopback(host), true, host)
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.evil.com', '::ffff:7f00:1', 'orbit']) {
      assert.equal(isLoopback(host), false, host)
    }
  })

  it('refuses any other address without a token', () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'orbit.example']) {
      assert.throws(() => access({ host }), {
        code: 'CONFIG_INVALID',
        reason: `server.host = "${host}" can be reached from other machines, so server.auth_tokens or server.auth_tokens_file is required; or listen on 127.0.0.1`,
      })
      assert.deepEqual(access({ host, authTokens: ['abc'] }), { tokens: ['abc'], loopback: false })
    }
  })

  it('reads tokens from a file, one a line', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'orbit-tokens-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'tokens')
    writeFileSync(file, 'one\r\n\n two \n')
    assert.deepEqual(access({ host: '0.0.0.0', authTokens: ['zero'], authTokensFile: file }).tokens, [
      'zero',
      'one',
      'two',
    ])
    writeFileSync(file, '\n')
    assert.throws(() => access({ authTokensFile: file }), {
      reason: `server.auth_tokens_file = "${file}" has no token`,
    })
    writeFileSync(file, 'good\nnot good\n')
    assert.throws(() => access({ authTokensFile: file }), {
      code: 'CONFIG_INVALID',
      reason: `server.auth_tokens_file = "${file}", line 2, is no bearer token: letters, digits and -._~+/ are accepted, then any number of =`,
    })
    const missing = join(folder, 'missing')
    assert.throws(() => access({ authTokensFile: missing }), {
      reason: `server.auth_tokens_file = "${missing}" cannot be read (ENOENT)`,
    })
  })

  it('refuses a token that no request could carry, without showing it', () => {
    for (const token of ['with blank', 'ü', 'a\n', '=']) {
      assert.throws(() => access({ authTokens: ['fine', token] }), {
        code: 'CONFIG_INVALID',
        reason:
          'server.auth_tokens, item 2, is no bearer token: letters, digits and -._~+/ are accepted, then any number of =',
      })
    }
  })
})
