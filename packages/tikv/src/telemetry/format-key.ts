import { toHex } from '@orbit-ts/base'

const SHOWN_BYTES = 64

/** Keys for messages: hexadecimal, long ones cut; or only the length, where keys must not appear in logs. */
export function keyFormatter(redact: boolean): (key: Uint8Array) => string {
  if (redact) return (key) => `<${key.length} bytes>`
  return (key) =>
    key.length <= SHOWN_BYTES ? toHex(key) : `${toHex(key.subarray(0, SHOWN_BYTES))}… (${key.length} bytes)`
}
