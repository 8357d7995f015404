import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ClientFacts } from '@orbit-ts/engine/sql'

/** How a client has come. */
export function clientFacts(socket: Socket): ClientFacts {
  const { remoteAddress, remotePort, localAddress, localPort } = socket
  return {
    ...(remoteAddress === undefined ? {} : { address: plainAddress(remoteAddress) }),
    ...(remotePort === undefined ? {} : { port: remotePort }),
    ...(localAddress === undefined ? {} : { serverAddress: plainAddress(localAddress) }),
    ...(localPort === undefined ? {} : { serverPort: localPort }),
    ...(socket instanceof TLSSocket ? { tls: tlsFacts(socket) } : {}),
  }
}

/** An IPv4 address that came through a socket for both as one; a zone is left out. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
}

function tlsFacts(socket: TLSSocket): NonNullable<ClientFacts['tls']> {
  const cipher = socket.getCipher()
  const certificate = socket.getPeerX509Certificate()
  return {
    version: socket.getProtocol() ?? '',
    cipher: cipher.standardName,
    bits: bitsOf(cipher.standardName),
    ...(certificate === undefined
      ? {}
      : {
          clientName: nameText(certificate.subject),
          serial: BigInt(`0x${certificate.serialNumber}`).toString(),
          issuer: nameText(certificate.issuer),
        }),
  }
}

/** The size of the key that a cipher encrypts with. */
function bitsOf(cipher: string): number {
  if (cipher.includes('CHACHA20')) return 256
  return Number(/AES_?(\d+)/.exec(cipher)?.[1] ?? 0)
}

/** `/C=NO/CN=name`, as OpenSSL writes a name in one line. */
const nameText = (name: string): string =>
  name
    .split('\n')
    .map((part) => `/${part}`)
    .join('')
