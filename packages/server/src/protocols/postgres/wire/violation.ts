import { queryError } from '@orbit-ts/engine/sql'
import type { OrbitError } from '@orbit-ts/base'

/** What ends a connection: its client does not speak the protocol. */
export function violation(message: string): OrbitError {
  return queryError('protocol_violation', message)
}
