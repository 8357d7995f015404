import { createServer } from 'node:net'
import { OrbitError } from '@orbit-ts/base'
import type { FastifyInstance } from 'fastify'
import type { ServerSettings } from '../config/server-settings.js'

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another server.http_port, or 0 for a free one',
  EACCES: 'the system does not let this process listen there; choose a server.http_port above 1023',
  EADDRNOTAVAIL: 'server.host is no address of this machine',
  ENOTFOUND: 'server.host is no name that can be resolved',
}

/** A host that a client on this machine can use where the server listens on all addresses. */
const REACHABLE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * Finds out whether `listen` can have the address, before a store is opened, and perhaps made, for a server that will
 * not start. The address is given back at once: who asks it meanwhile is better told that nobody is there.
 * @throws CONFIG_INVALID
 */
export async function checkAddress({ host, httpPort }: ServerSettings): Promise<void> {
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen({ host, port: httpPort }, resolve)
    })
    await new Promise((resolve) => probe.close(resolve))
  } catch (error) {
    throw refused(host, httpPort, error)
  }
}

/** Begins to accept connections; returns the URLs. @throws CONFIG_INVALID */
export async function listen(app: FastifyInstance, { host, httpPort }: ServerSettings): Promise<string[]> {
  try {
    await app.listen({ host, port: httpPort })
  } catch (error) {
    throw refused(host, httpPort, error)
  }
  const ports = new Set(
    app.addresses().flatMap((address) => (typeof address === 'string' ? [] : [address.port])),
  )
  return [...ports].map((port) => `http://${forUrl(REACHABLE[host] ?? host)}:${port}`)
}

function refused(host: string, port: number, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = REASONS[code]
  if (reason === undefined) return error
  return new OrbitError(
    'CONFIG_INVALID',
    `cannot listen on ${host}, port ${port}: ${reason}`,
    { host, port, reason: code },
    { cause: error },
  )
}

const forUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)
