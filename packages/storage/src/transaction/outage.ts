import { OrbitError, hasCode } from '@orbit-ts/base'

/** The deadline that ended a unit of work: its transaction's own, or that of the caller who gave `signal`. */
export function deadlineOf(error: unknown, signal: AbortSignal | undefined): OrbitError | undefined {
  if (hasCode(error, 'TRANSACTION_TIMEOUT')) return error
  const reason: unknown = signal?.reason
  return hasCode(error, 'ABORTED') && hasCode(reason, 'TRANSACTION_TIMEOUT') ? reason : undefined
}

/** Whether the error is one of {@link outageUntil}: there is no time left for another attempt. */
export function isDeadlineOver(error: OrbitError): boolean {
  return error.code === 'STORAGE_UNAVAILABLE' && error.details['deadline'] !== undefined
}

/** A deadline passed because the store could not be reached: that is what the caller has to know. */
export function outageUntil(deadline: OrbitError, outage: OrbitError): OrbitError {
  return new OrbitError(
    'STORAGE_UNAVAILABLE',
    `${outage.reason}; this went on until ${deadline.reason}`,
    { ...outage.details, deadline: deadline.code, timeoutMs: deadline.details['timeoutMs'] },
    { cause: outage },
  )
}

/** Runs attempts that tell `failed` why they are repeated. A deadline that ends them in an outage is told as the outage. */
export async function namingOutage<T>(
  signal: AbortSignal | undefined,
  run: (failed: (error: unknown) => void) => Promise<T>,
): Promise<T> {
  let outage: OrbitError | undefined
  try {
    return await run((error) => {
      outage = hasCode(error, 'STORAGE_UNAVAILABLE') ? error : undefined
    })
  } catch (error) {
    const deadline = deadlineOf(error, signal)
    throw outage === undefined || deadline === undefined ? error : outageUntil(deadline, outage)
  }
}
