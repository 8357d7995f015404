import type { IncomingHttpHeaders } from 'node:http'
import { OrbitError } from '@orbit-ts/base'
import { isLoopback } from '../../config/resolve-access.js'

/**
 * Refuses what a web page may have a browser on this machine send to a server without tokens: a request under a host
 * name that the page's owner has pointed at this machine, and one from a page of another origin.
 * @throws HOST_NOT_ALLOWED
 */
export function checkSameMachine(headers: IncomingHttpHeaders): void {
  const { host, origin } = headers
  if (host === undefined) return
  if (!isLoopback(hostName(host))) {
    throw refused(`the host "${host.slice(0, 100)}" is not a loopback address`, 'host')
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    throw refused(`the origin "${origin.slice(0, 100)}" is another one`, 'origin')
  }
}

/** Without the port, and without the brackets of an IPv6 address. */
function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

function refused(reason: string, field: string): OrbitError {
  return new OrbitError(
    'HOST_NOT_ALLOWED',
    `${reason}; to reach this server under other names set server.auth_tokens and send a token`,
    { field },
  )
}
