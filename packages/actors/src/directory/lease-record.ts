import { OrbitError } from '@orbit-ts/base'

/** Stored as JSON: entries are small, and people read them. @throws STORAGE_CORRUPT */
export function decodeRecord<T>(bytes: Uint8Array, what: string): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as T
  } catch (cause) {
    throw new OrbitError('STORAGE_CORRUPT', `${what}: the stored entry is not readable`, {}, { cause })
  }
}

export function encodeRecord(record: object): Uint8Array {
  return Buffer.from(JSON.stringify(record))
}

/** @throws INVALID_ARGUMENT */
export function checkText(field: string, value: unknown, bytesMax: number): void {
  if (
    typeof value === 'string' &&
    value.length > 0 &&
    !/\p{Surrogate}/u.test(value) &&
    Buffer.byteLength(value) <= bytesMax
  )
    return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value} is not a text of 1 to ${bytesMax} UTF-8 bytes`,
    { field },
  )
}

/** @throws INVALID_ARGUMENT */
export function checkTtl(ttlMs: unknown): void {
  if (typeof ttlMs === 'number' && Number.isInteger(ttlMs) && ttlMs >= 1) return
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `ttlMs: ${String(ttlMs)} is not a whole number of milliseconds, 1 or more`,
    {
      field: 'ttlMs',
    },
  )
}

/** @throws INVALID_ARGUMENT */
export function checkVersion(field: string, version: unknown): void {
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1) return
  throw new OrbitError('INVALID_ARGUMENT', `${field}: ${String(version)} is not a version`, { field })
}
