import { delay, type Env } from '@orbit-ts/base'

/**
 * Waits `ms`; ends early when the caller's `signal` is aborted (`ABORTED`), or `closing`, whose reason is thrown then.
 * Afterwards nothing is left on either, as `AbortSignal.any` would leave on the one that lives as long as the client.
 */
export async function pause(
  env: Env,
  ms: number,
  signal: AbortSignal | undefined,
  closing: AbortSignal | undefined,
): Promise<void> {
  closing?.throwIfAborted()
  if (closing === undefined) return delay(env, ms, signal)
  const either = new AbortController()
  const onAbort = (): void => either.abort(signal?.reason)
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort)
  closing.addEventListener('abort', onAbort)
  try {
    await delay(env, ms, either.signal)
  } catch (error) {
    closing.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    closing.removeEventListener('abort', onAbort)
  }
}
