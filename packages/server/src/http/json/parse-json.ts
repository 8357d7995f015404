import { OrbitError } from '@orbit-ts/base'

/** Arrays and objects inside one another. Stored documents may have 100 levels; a request wraps them in a few more. */
export const JSON_DEPTH_MAX = 128

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * The JSON value in a request body.
 * @throws INVALID_ARGUMENT: not UTF-8, not JSON, nested too deep, or with a key `__proto__`, which code that copies
 *   objects may take for something else than data
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw invalid('is empty; it must be JSON')
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? `is not JSON: ${error.message}` : 'is not valid UTF-8')
  }
  checkTree(value, 1)
  return value
}

function checkTree(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > JSON_DEPTH_MAX) throw invalid(`is nested deeper than ${JSON_DEPTH_MAX} levels`)
  if (Array.isArray(value)) {
    for (const item of value) checkTree(item, depth + 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') throw invalid('has a key "__proto__", which is not accepted')
    checkTree(item, depth + 1)
  }
}

function invalid(reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `the request body ${reason}`, { field: 'body' })
}
