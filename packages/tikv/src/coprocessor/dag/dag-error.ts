import { hasCode, OrbitError } from '@orbit-ts/base'
import type { Error as ServerError } from '../../gen/tipb.js'

/** A value is out of the range of its type. */
export const MYSQL_OUT_OF_RANGE = 1690

/** A plan that failed on some row. */
export function planError({ code, msg }: ServerError, regionId: bigint): OrbitError {
  return new OrbitError('STORE_REFUSED', `Coprocessor: the plan failed at the server: ${msg}`, {
    method: 'Coprocessor',
    message: msg,
    mysqlErrorNumber: code,
    regionId: String(regionId),
  })
}

/**
 * MySQL's number of what went wrong while a server ran a plan: 1690 for a number out of the range of its type; undefined
 * for any other error, also for a plan that the server cannot run.
 */
export function dagErrorNumber(error: unknown): number | undefined {
  if (!hasCode(error, 'STORE_REFUSED')) return undefined
  const { mysqlErrorNumber } = error.details
  return typeof mysqlErrorNumber === 'number' ? mysqlErrorNumber : undefined
}
