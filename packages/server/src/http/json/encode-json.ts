import { OrbitError } from '@orbit-ts/base'
import { toJson } from './to-json.js'

const MIB = 1024 * 1024

/**
 * The text of an answer.
 * @throws LIMIT_EXCEEDED: it is larger than `sizeMaxMb`
 */
export function encodeJson(value: unknown, sizeMaxMb: number): string {
  const text = JSON.stringify(toJson(value))
  if (Buffer.byteLength(text) <= sizeMaxMb * MIB) return text
  throw new OrbitError(
    'LIMIT_EXCEEDED',
    `the answer is larger than server.response_size_max_mb = ${sizeMaxMb} MiB; ask for fewer records or fields`,
    { limit: 'server.response_size_max_mb', responseSizeMaxMb: sizeMaxMb },
  )
}
