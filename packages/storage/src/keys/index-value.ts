/**
 * Values of relational index entries, as TiDB stores them: what TiKV's index scan reads the handle from.
 *
 *     integer handle   unique: the handle, eight bytes, not sorting     other: the character 0
 *     other handle     unique: 00 7d 01 7f {length, 2 bytes} {handle}   other: 00 7d 01
 */
import { OrbitError, toHex } from '@orbit-ts/base'
import type { Handle } from './handle.js'

const INT_HANDLE_SIZE = 8
const VERSION_FLAG = 0x7d
const COMMON_HANDLE_FLAG = 0x7f
const COMMON_HANDLE_START = 6

const NOTHING = Uint8Array.of(0x30)
const NOTHING_COMMON = Uint8Array.of(0, VERSION_FLAG, 1)

/** The value of an entry. `inKey`: the entry's key ends with the handle, so that the value need not hold it. */
export function encodeIndexValue(handle: Handle, inKey: boolean): Uint8Array {
  if (handle instanceof Uint8Array) return inKey ? NOTHING_COMMON : commonHandleValue(handle)
  if (inKey) return NOTHING
  const value = Buffer.allocUnsafe(INT_HANDLE_SIZE)
  value.writeBigInt64BE(BigInt(handle))
  return value
}

function commonHandleValue(handle: Uint8Array): Uint8Array {
  const value = Buffer.allocUnsafe(COMMON_HANDLE_START + handle.length)
  value.set(NOTHING_COMMON)
  value[3] = COMMON_HANDLE_FLAG
  value.writeUInt16BE(handle.length, 4)
  value.set(handle, COMMON_HANDLE_START)
  return value
}

/**
 * The handle in the value of a unique entry; undefined when the value says that the key holds it.
 * @throws STORAGE_CORRUPT
 */
export function decodeIndexValue(value: Uint8Array): Handle | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes.length === INT_HANDLE_SIZE) return narrow(bytes.readBigInt64BE())
  if (bytes.equals(NOTHING) || bytes.equals(NOTHING_COMMON)) return undefined
  const fits =
    bytes.length > COMMON_HANDLE_START &&
    bytes.subarray(0, 3).equals(NOTHING_COMMON) &&
    bytes[3] === COMMON_HANDLE_FLAG &&
    bytes.length === COMMON_HANDLE_START + bytes.readUInt16BE(4)
  if (!fits) throw new OrbitError('STORAGE_CORRUPT', `${toHex(value, 64)} is no value of an index entry`)
  return bytes.subarray(COMMON_HANDLE_START)
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
