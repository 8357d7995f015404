import { createServer } from 'node:net'
import { OrbitError } from '@orbit-ts/base'
import type { PostgresSettings } from './postgres-settings.js'

/**
 * Finds out whether the server can have its address, before a store is opened, and perhaps made, for one that will not
 * start. The address is given back at once.
 * @throws CONFIG_INVALID
 */
export async function checkPostgresAddress({ enabled, host, port }: PostgresSettings): Promise<void> {
  if (!enabled) return
  const probe = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject)
      probe.listen({ host, port }, resolve)
    })
    await new Promise((resolve) => probe.close(resolve))
  } catch (error) {
    throw cannotListen(host, port, error)
  }
}

/** Why there are no PostgreSQL clients, and what to do about it. */
export function cannotListen(host: string, port: number, cause: unknown): OrbitError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
  return new OrbitError(
    'CONFIG_INVALID',
    `cannot listen on ${host}, port ${port}, for PostgreSQL clients: ${REASONS[code] ?? code}; choose another postgres.port (--postgres-port), 0 for a free one, or postgres.enabled = false`,
    { field: 'postgres.port', host, port, reason: code },
    { cause },
  )
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there, perhaps a PostgreSQL server',
  EACCES: 'the system does not let this process listen there',
  EADDRNOTAVAIL: 'postgres.host is no address of this machine',
  ENOTFOUND: 'postgres.host is no name that can be resolved',
}
