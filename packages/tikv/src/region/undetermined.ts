/** Errors of `RegionSender.send` before which an answer was lost. Beside the errors: an `OrbitError` does not change. */
const undetermined = new WeakSet<object>()

/** Remembers that an attempt before this error may have been applied by the server. */
export function markUndetermined(error: unknown): void {
  if (typeof error === 'object' && error !== null) undetermined.add(error)
}

/**
 * Whether a write that failed with this error may have been applied all the same: an attempt's answer was lost on the
 * way, or a server could not tell. False for errors that come from elsewhere.
 * Equivalent in client-go: `RegionRequestSender.GetRPCError`.
 */
export function sendFailureIsUndetermined(error: unknown): boolean {
  return typeof error === 'object' && error !== null && undetermined.has(error)
}
