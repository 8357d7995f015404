import { createHash, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { TLSSocket, createSecureContext, type SecureContext } from 'node:tls'
import { OrbitError } from '@orbit-ts/base'
import type { SecureSocket } from '../connection.js'
import type { PostgresSettings } from '../postgres-settings.js'

/** What a server needs to speak TLS. */
export interface TlsIdentity {
  readonly context: SecureContext
  readonly channelBinding: Buffer
  readonly asksForCertificate: boolean
}

/** Reads the certificate files. Undefined without any. @throws CONFIG_INVALID naming the file */
export async function loadTls(settings: PostgresSettings): Promise<TlsIdentity | undefined> {
  const { tlsCertFile, tlsKeyFile, tlsCaFile } = settings
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined
  const [cert, key, ca] = await Promise.all([
    read('tls_cert_file', tlsCertFile),
    read('tls_key_file', tlsKeyFile),
    tlsCaFile === undefined ? undefined : read('tls_ca_file', tlsCaFile),
  ])
  try {
    return {
      context: createSecureContext({ cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) }),
      channelBinding: certificateHash(new X509Certificate(cert)),
      asksForCertificate: ca !== undefined,
    }
  } catch (cause) {
    throw new OrbitError(
      'CONFIG_INVALID',
      `postgres.tls_cert_file = "${tlsCertFile}" and tls_key_file = "${tlsKeyFile}" are no certificate and key that fit`,
      { field: 'postgres.tls_cert_file' },
      { cause },
    )
  }
}

/** Answers the client's handshake. @throws protocol_violation when it fails */
export function startTls(identity: TlsIdentity, socket: Socket): Promise<SecureSocket> {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: identity.context,
    requestCert: identity.asksForCertificate,
    rejectUnauthorized: false,
  })
  socket.resume()
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      reject(
        new OrbitError('PROTOCOL_VIOLATION', 'the TLS handshake failed', { sqlState: '08P01' }, { cause }),
      )
    }
    secure.once('error', fail)
    secure.once('close', fail)
    secure.once('secure', () => {
      secure.off('error', fail)
      secure.off('close', fail)
      resolve({
        socket: secure,
        channelBinding: identity.channelBinding,
        certificateName: trustedName(secure),
      })
    })
  })
}

function trustedName(socket: TLSSocket): string | undefined {
  // `authorized` is only set by the client's side; the server's has the error of the check.
  const certificate = socket.getPeerX509Certificate()
  const error = (socket as unknown as { _handle?: { verifyError(): Error | null } })._handle?.verifyError()
  if (certificate === undefined || error !== null) return undefined
  return /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1]
}

/** RFC 5929: the hash function of the signature, SHA-256 where that is weaker. */
function certificateHash(certificate: X509Certificate): Buffer {
  return createHash('sha256').update(certificate.raw).digest()
}

async function read(field: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new OrbitError(
      'CONFIG_INVALID',
      `postgres.${field} = "${path}" cannot be read`,
      { field: `postgres.${field}`, path },
      { cause },
    )
  }
}
