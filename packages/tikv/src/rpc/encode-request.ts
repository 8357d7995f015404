import { OrbitError } from '@orbit-ts/base'
import type { Method } from './method.js'

/** The bytes of a request. Errors: `INVALID_ARGUMENT`, with the codec's own as cause, when it cannot be encoded. */
export function encodeRequest<Request>(method: Method<Request, unknown>, request: Request): Uint8Array {
  try {
    return method.encodeRequest(request)
  } catch (cause) {
    if (cause instanceof OrbitError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    const reason = `the request of ${method.name} cannot be encoded: ${why}`
    throw new OrbitError('INVALID_ARGUMENT', reason, { method: method.name }, { cause })
  }
}
