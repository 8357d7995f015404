import { crc32c } from '@node-rs/crc32'

/** The CRC32C of `bytes` as LevelDB stores it: rotated and shifted, so that a checksum of checksums stays strong. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
