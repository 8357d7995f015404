import { OrbitError, asBuffer, toHex } from '@orbit-ts/base'

const SIZE = 4

/** The partition of a vector, as it is stored under the vector's id. */
export function encodeAssignment(partition: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(SIZE)
  bytes.writeUInt32LE(partition)
  return bytes
}

/** @throws STORAGE_CORRUPT */
export function decodeAssignment(bytes: Uint8Array): number {
  if (bytes.byteLength === SIZE) return asBuffer(bytes).readUInt32LE()
  throw new OrbitError(
    'STORAGE_CORRUPT',
    `${toHex(bytes, 16)} is no number of a partition: ${SIZE} bytes are expected`,
  )
}
