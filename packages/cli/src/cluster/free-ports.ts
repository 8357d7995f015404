import { once } from 'node:events'
import { createServer } from 'node:net'
import { OrbitError } from '@orbit-ts/base'
import { usageError } from '../terminal/report-error.js'

/** Ports in a row that one option asks for. */
export interface WantedPort {
  /** Who listens there: `PD`. */
  readonly what: string
  readonly option: string
  /** 0: any that are free. */
  readonly first: number
  readonly count: number
}

const HOST = '127.0.0.1'
const PORT_MAX = 65_535

/**
 * Finds out whether the ports can be listened on, before anything is started. They are given back at once.
 * @throws CONFIG_INVALID, INVALID_ARGUMENT, naming the option that changes the port
 */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  for (const { what, option, first, count } of wanted) {
    if (first === 0) continue
    if (first + count - 1 > PORT_MAX)
      throw usageError(option, `${count} ports from ${first} on go beyond ${PORT_MAX}; give a lower one`)
    for (let port = first; port < first + count; port++) {
      const refusal = await tryPort(port)
      if (refusal !== undefined)
        throw new OrbitError(
          'CONFIG_INVALID',
          `port ${port}, for ${what}, ${refusal}; choose another with ${option}, 0 for one that is free`,
          { option, port },
        )
    }
  }
}

/** Why nobody can listen there; undefined when one can. */
async function tryPort(port: number): Promise<string | undefined> {
  const probe = createServer().listen({ host: HOST, port })
  try {
    await once(probe, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE') return 'is taken by another program'
    return code === 'EACCES' ? 'is not allowed to this user' : String(error)
  }
  probe.close()
  await once(probe, 'close')
  return undefined
}
