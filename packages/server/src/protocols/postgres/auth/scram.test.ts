import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, test } from 'node:test'
import { TestEnv, type Random } from '@orbit-ts/base'
import {
  ScramExchange,
  formatVerifier,
  makeVerifier,
  mockVerifier,
  parseVerifier,
  type Verifier,
} from './scram.js'

const SALT = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The client's side, for an answer to the server's first message. */
function clientFinal(password: string, firstBare: string, serverFirst: string, channel: string): string {
  const [, nonce = '', salt = '', iterations = ''] = /^r=(.*),s=(.*),i=(\d+)$/.exec(serverFirst) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash('sha256').update(clientKey).digest()
  const withoutProof = `c=${channel},r=${nonce}`
  const signature = hmac(storedKey, `${firstBare},${serverFirst},${withoutProof}`)
  const proof = Buffer.from(clientKey.map((byte, at) => byte ^ (signature[at] ?? 0)))
  return `${withoutProof},p=${proof.toString('base64')}`
}

const NO_BINDING = Buffer.from('n,,').toString('base64')
const FIRST = 'n=user,r=rOprNGfwEbeRWgbNEkqO'

async function exchange(channelBinding?: Buffer): Promise<{ scram: ScramExchange; verifier: Verifier }> {
  const verifier = await makeVerifier('pencil', SALT)
  return {
    verifier,
    scram: new ScramExchange({ verifier, channelBinding, random: new TestEnv({ seed: 1 }).random }),
  }
}

describe('SCRAM-SHA-256', () => {
  test('the example of RFC 7677', async () => {
    const nonce = Buffer.from('%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0')
    const verifier = await makeVerifier('pencil', SALT)
    const random: Random = { ...new TestEnv({ seed: 1 }).random, bytes: () => nonce }
    const scram = new ScramExchange({ verifier, channelBinding: undefined, random })
    const serverFirst = scram.first('SCRAM-SHA-256', `n,,${FIRST}`)
    assert.equal(
      serverFirst,
      `r=rOprNGfwEbeRWgbNEkqO${nonce.toString('base64')},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
    )
    // The server's nonce is taken as it is in the RFC, where ours is in base 64: so the keys are compared by what they sign.
    const message =
      'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
    assert.equal(
      hmac(verifier.serverKey, message).toString('base64'),
      '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    )
  })

  test('the right password is answered with the signature of the server', async () => {
    const { scram, verifier } = await exchange()
    const serverFirst = scram.first('SCRAM-SHA-256', `n,,${FIRST}`)
    const final = clientFinal('pencil', FIRST, serverFirst, NO_BINDING)
    const withoutProof = final.slice(0, final.indexOf(',p='))
    const signature = hmac(verifier.serverKey, `${FIRST},${serverFirst},${withoutProof}`).toString('base64')
    assert.equal(scram.final(final), `v=${signature}`)
  })

  test('a wrong password, and one of a user without any, are refused', async () => {
    const { scram } = await exchange()
    const serverFirst = scram.first('SCRAM-SHA-256', `n,,${FIRST}`)
    assert.equal(scram.final(clientFinal('Pencil', FIRST, serverFirst, NO_BINDING)), undefined)
    const mock = new ScramExchange({
      verifier: mockVerifier('nobody', Buffer.from('secret')),
      channelBinding: undefined,
      random: new TestEnv({ seed: 1 }).random,
    })
    assert.equal(
      mock.final(clientFinal('', FIRST, mock.first('SCRAM-SHA-256', `n,,${FIRST}`), NO_BINDING)),
      undefined,
    )
  })

  test('a user without password is always asked with the same salt', () => {
    const secret = Buffer.from('secret')
    assert.deepEqual(mockVerifier('a', secret).salt, mockVerifier('a', secret).salt)
    assert.notDeepEqual(mockVerifier('a', secret).salt, mockVerifier('b', secret).salt)
  })

  test('binds to the channel when both sides can', async () => {
    const binding = Buffer.from('hash of the certificate')
    const header = 'p=tls-server-end-point,,'
    const channel = Buffer.concat([Buffer.from(header), binding]).toString('base64')
    const { scram } = await exchange(binding)
    const serverFirst = scram.first('SCRAM-SHA-256-PLUS', `${header}${FIRST}`)
    assert.ok(scram.final(clientFinal('pencil', FIRST, serverFirst, channel))?.startsWith('v='))
  })

  test('refuses another channel, and a client that was told the server cannot bind', async () => {
    const header = 'p=tls-server-end-point,,'
    const { scram } = await exchange(Buffer.from('ours'))
    const serverFirst = scram.first('SCRAM-SHA-256-PLUS', `${header}${FIRST}`)
    const other = Buffer.from(`${header}theirs`).toString('base64')
    assert.throws(
      () => scram.final(clientFinal('pencil', FIRST, serverFirst, other)),
      /channel binding check failed/,
    )
    const downgraded = await exchange(Buffer.from('ours'))
    assert.throws(
      () => downgraded.scram.first('SCRAM-SHA-256', `y,,${FIRST}`),
      /channel binding negotiation error/,
    )
  })

  test('refuses malformed messages', async () => {
    for (const message of ['', 'n', 'n,,', 'n,,n=user', 'x,,n=user,r=a', 'n,,m=ext,n=user,r=a']) {
      const { scram } = await exchange()
      assert.throws(() => scram.first('SCRAM-SHA-256', message), { code: 'PROTOCOL_VIOLATION' }, message)
    }
    const { scram } = await exchange()
    assert.throws(() => scram.first('SCRAM-SHA-1', `n,,${FIRST}`), { code: 'PROTOCOL_VIOLATION' })
    scram.first('SCRAM-SHA-256', `n,,${FIRST}`)
    for (const message of ['', 'c=biws', 'c=biws,r=other,p=AAAA', 'c=biws,r=x'])
      assert.throws(() => scram.final(message), { code: 'PROTOCOL_VIOLATION' }, message)
  })

  test('verifiers have a text form', async () => {
    const verifier = await makeVerifier('pencil', SALT)
    const text = formatVerifier(verifier)
    assert.match(
      text,
      /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
    )
    assert.deepEqual(parseVerifier(text), verifier)
    for (const bad of ['', 'md5abc', 'SCRAM-SHA-256$4096:a$b:c', 'SCRAM-SHA-256$x:AAAA$AAAA:AAAA'])
      assert.equal(parseVerifier(bad), undefined)
  })
})
