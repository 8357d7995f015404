import { OrbitError } from '@orbit-ts/base'

/** What `promise` gives, or `ABORTED` as soon as the signal is aborted; the work behind the promise goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void =>
      reject(new OrbitError('ABORTED', 'the wait was aborted by its signal', {}, { cause: signal.reason }))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
