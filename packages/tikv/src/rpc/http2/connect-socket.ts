import { connect, isIP, type Socket } from 'node:net'
import {
  checkServerIdentity,
  connect as connectTls,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { OrbitError } from '@orbit-ts/base'
import { GrpcStatus } from '../grpc-status.js'
import { rpcError } from '../rpc-error.js'
import type { Address } from './parse-address.js'

export interface TlsTerms {
  readonly context: SecureContext | undefined
  readonly serverName: string | undefined
  readonly verifyCn: readonly string[]
}

/** Starts to connect; the caller listens for what becomes of it. */
export function connectSocket(address: Address, tls: TlsTerms | undefined): Socket | TLSSocket {
  const { host, port } = address
  if (tls === undefined) return connect({ host, port, noDelay: true })
  const name = tls.serverName ?? host
  return connectTls({
    host,
    port,
    // TLS knows no server names that are IP addresses.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    ...(tls.context === undefined ? {} : { secureContext: tls.context }),
    ALPNProtocols: ['h2'],
    checkServerIdentity: (_, certificate) =>
      checkServerIdentity(name, certificate) ?? checkCommonName(tls.verifyCn, certificate),
  }).setNoDelay(true)
}

function checkCommonName(allowed: readonly string[], certificate: PeerCertificate): Error | undefined {
  const names = [certificate.subject.CN ?? ''].flat()
  if (allowed.length === 0 || names.some((name) => allowed.includes(name))) return undefined
  const found = names.join(', ')
  return new Error(`the common name of its certificate is "${found}", not one of ${allowed.join(', ')}`)
}

/** Failures of the network, not of certificates. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

const PLAIN_HINT = ' (if the server wants TLS, configure tls)'
const NO_GRPC_HINT =
  ' (the server does not speak gRPC without TLS: if it wants TLS, configure tls; else check the address)'
const SECURE_HINT = ' (the server may have refused the client certificate, or not speak TLS)'

/** What a failure to connect means: `RPC_TLS` when TLS refused, else `UNAVAILABLE`. */
export function connectError(cause: Error, address: string, secure: boolean): OrbitError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const isNetwork = NETWORK_CODES.has(code) || code.startsWith('ERR_HTTP2')
  if (secure && !isNetwork) {
    const reason = `${address}: TLS was refused: ${tlsReason(code, cause.message)}`
    return new OrbitError('RPC_TLS', reason, { address, tlsCode: code }, { cause })
  }
  const hint = hintFor(code, secure)
  return rpcError(GrpcStatus.UNAVAILABLE, `cannot connect: ${cause.message}${hint}`, address, { cause })
}

function hintFor(code: string, secure: boolean): string {
  const isProtocol = code.startsWith('ERR_HTTP2')
  if (code !== '' && code !== 'ECONNRESET' && !isProtocol) return ''
  if (secure) return SECURE_HINT
  return isProtocol ? NO_GRPC_HINT : PLAIN_HINT
}

function tlsReason(code: string, message: string): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || (code === 'EPROTO' && message.includes('wrong version'))) {
    return 'the server does not speak TLS on this port'
  }
  return code === '' || message.includes(code) ? message : `${message} (${code})`
}
