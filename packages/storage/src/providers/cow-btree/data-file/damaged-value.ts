import { OrbitError, toHex } from '@orbit-ts/base'

/** @param key without LMDB's prefix */
export function damagedValue(path: string, key: Uint8Array): OrbitError {
  return new OrbitError(
    'STORAGE_CORRUPT',
    `${path} is damaged: key ${toHex(key, 64)} or its value does not match the checksum; restore the whole data directory from a backup`,
    { file: path, key: toHex(key) },
  )
}
