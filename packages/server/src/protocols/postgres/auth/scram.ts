/**
 * SCRAM-SHA-256, the server's side (RFC 5802, RFC 7677; verifiers in PostgreSQL's form). Channel binding to the
 * certificate (`SCRAM-SHA-256-PLUS`, `tls-server-end-point`) when the connection has TLS.
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '@orbit-ts/base'
import { queryError } from '@orbit-ts/engine/sql'
import { violation } from '../wire/violation.js'

const derive = promisify(pbkdf2)

const KEY_BYTES = 32
const ITERATIONS = 4096
const NONCE_BYTES = 18

export const SCRAM = 'SCRAM-SHA-256'
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS'

/** What is stored instead of a password: `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`. */
export interface Verifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

const VERIFIER = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/

export function parseVerifier(text: string): Verifier | undefined {
  const match = VERIFIER.exec(text)
  if (match === null) return undefined
  const [, iterations, ...rest] = match
  const [salt, storedKey, serverKey] = rest.map((part) => Buffer.from(part, 'base64'))
  if (salt === undefined || storedKey?.length !== KEY_BYTES || serverKey?.length !== KEY_BYTES)
    return undefined
  return { iterations: Number(iterations), salt, storedKey, serverKey }
}

export async function makeVerifier(password: string, salt: Buffer): Promise<Verifier> {
  const salted = await derive(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
  return { iterations: ITERATIONS, salt, storedKey, serverKey: hmac(salted, 'Server Key') }
}

export function formatVerifier({ iterations, salt, storedKey, serverKey }: Verifier): string {
  const [saltText, storedText, serverText] = [salt, storedKey, serverKey].map((part) =>
    part.toString('base64'),
  )
  return `SCRAM-SHA-256$${iterations}:${saltText}$${storedText}:${serverText}`
}

/**
 * What a user without a password is asked with, so that who asks cannot tell such users from others. The salt is the
 * same whenever the same name is asked.
 */
export function mockVerifier(user: string, serverSecret: Buffer): Verifier {
  const salt = createHmac('sha256', serverSecret).update(user).digest().subarray(0, 16)
  // No key hashes to zeros.
  return {
    iterations: ITERATIONS,
    salt,
    storedKey: Buffer.alloc(KEY_BYTES),
    serverKey: Buffer.alloc(KEY_BYTES),
  }
}

export interface ScramOptions {
  readonly verifier: Verifier
  /** The hash of the server's certificate; undefined without TLS. */
  readonly channelBinding: Buffer | undefined
  readonly random: Random
}

/** One exchange: `first`, then `final`. */
export class ScramExchange {
  readonly #verifier: Verifier
  readonly #binding: Buffer | undefined
  readonly #random: Random
  #isPlus = false
  #gs2Header = ''
  #clientFirstBare = ''
  #serverFirst = ''
  #nonce = ''

  constructor({ verifier, channelBinding, random }: ScramOptions) {
    this.#random = random
    this.#verifier = verifier
    this.#binding = channelBinding
  }

  /** @returns the server's first message. @throws protocol_violation */
  first(mechanism: string, message: string): string {
    if (mechanism !== SCRAM && !(mechanism === SCRAM_PLUS && this.#binding !== undefined))
      throw violation(`client selected an invalid SASL authentication mechanism`)
    this.#isPlus = mechanism === SCRAM_PLUS
    const match = /^((?:n|y|p=([a-z-]+)),(?:a=[^,]*)?,)((?:m=)?.*)$/s.exec(message)
    if (match === null) throw violation('malformed SCRAM message')
    const [, header = '', binding, bare = ''] = match
    this.#checkBindingFlag(header, binding)
    if (bare.startsWith('m=')) throw violation('client requires an unsupported SCRAM extension')
    const clientNonce = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?$/s.exec(bare)?.[1]
    if (clientNonce === undefined) throw violation('malformed SCRAM message')
    this.#gs2Header = header
    this.#clientFirstBare = bare
    this.#nonce = clientNonce + Buffer.from(this.#random.bytes(NONCE_BYTES)).toString('base64')
    const { salt, iterations } = this.#verifier
    this.#serverFirst = `r=${this.#nonce},s=${salt.toString('base64')},i=${iterations}`
    return this.#serverFirst
  }

  /** @returns the server's final message, or undefined when the password is wrong. @throws protocol_violation */
  final(message: string): string | undefined {
    const match = /^(c=([A-Za-z0-9+/=]*),r=([^,]*)(?:,[^p][^,]*)*),p=([A-Za-z0-9+/=]+)$/s.exec(message)
    if (match === null) throw violation('malformed SCRAM message')
    const [, withoutProof = '', channel = '', nonce = '', proofText = ''] = match
    if (nonce !== this.#nonce) throw violation('SCRAM nonce does not match')
    if (!Buffer.from(channel, 'base64').equals(this.#expectedChannel()))
      throw queryError('invalid_authorization_specification', 'SCRAM channel binding check failed')
    const authMessage = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`
    const proof = Buffer.from(proofText, 'base64')
    const signature = hmac(this.#verifier.storedKey, authMessage)
    if (proof.length !== KEY_BYTES) return undefined
    // The proof is the client key under the signature.
    const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)))
    const isRight = timingSafeEqual(createHash('sha256').update(clientKey).digest(), this.#verifier.storedKey)
    return isRight ? `v=${hmac(this.#verifier.serverKey, authMessage).toString('base64')}` : undefined
  }

  #checkBindingFlag(header: string, binding: string | undefined): void {
    if (this.#isPlus && binding !== 'tls-server-end-point')
      throw violation(`unsupported SCRAM channel-binding type "${binding ?? ''}"`)
    if (!this.#isPlus && binding !== undefined) throw violation('SCRAM channel binding was not agreed on')
    // `y`: the client could bind, and believes that the server cannot. Somebody in between may have told it so.
    if (header.startsWith('y') && this.#binding !== undefined)
      throw queryError('invalid_authorization_specification', 'SCRAM channel binding negotiation error', {
        detail: 'The client supports SCRAM channel binding but thinks the server does not.',
      })
  }

  #expectedChannel(): Buffer {
    const header = Buffer.from(this.#gs2Header)
    return this.#isPlus && this.#binding !== undefined ? Buffer.concat([header, this.#binding]) : header
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
