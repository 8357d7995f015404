const POLYNOMIAL = 0xc96c5795d7870f42n

const table = Array.from({ length: 256 }, (_, index) => {
  let value = BigInt(index)
  for (let bit = 0; bit < 8; bit++) value = (value & 1n) === 1n ? (value >> 1n) ^ POLYNOMIAL : value >> 1n
  return value
})

/** CRC-64 of the XZ format over the parts one after the other. */
export function crc64(...parts: readonly Uint8Array[]): bigint {
  let crc = 0xffff_ffff_ffff_ffffn
  for (const part of parts) {
    for (const byte of part) crc = (table[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n) ^ (crc >> 8n)
  }
  return crc ^ 0xffff_ffff_ffff_ffffn
}
