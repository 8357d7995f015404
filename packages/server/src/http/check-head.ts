import type { IncomingMessage } from 'node:http'
import { OrbitError } from '@orbit-ts/base'

/**
 * Refuses what HTTP/1.1 has a server refuse and Node lets pass: no host, several of them (it would take the first, and a
 * proxy in front of this server perhaps another), and expectations that are not known.
 * @throws INVALID_ARGUMENT
 */
export function checkHead({ httpVersion, rawHeaders, headers }: IncomingMessage): void {
  const hosts = hostsIn(rawHeaders)
  if (hosts > 1) throw invalid('host', `is there ${hosts} times; one is needed`)
  if (hosts === 0 && httpVersion === '1.1') throw invalid('host', 'is missing')
  const { expect } = headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw invalid('expect', 'is not 100-continue, the only expectation there is')
  }
}

/** @param rawHeaders names and values in turn */
function hostsIn(rawHeaders: readonly string[]): number {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts
}

function invalid(field: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `the header ${field} ${reason}`, { field })
}
