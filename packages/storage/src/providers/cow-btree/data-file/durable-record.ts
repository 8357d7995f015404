/**
 * The file `durable`: which state of the data file is known to be on stable storage.
 *
 * It has two slots that are written in turn, so that a crash while one is written leaves the other. A slot is
 *
 *     "OrbitDur"  sequence u64  boot identity 64 bytes  meta 144 bytes  crc u32
 *
 * Numbers are little-endian; the crc is the CRC32C of what is before it.
 */
import { crc32c } from '@node-rs/crc32'
import { META_BYTES, parseMeta, type Meta } from './meta-page.js'

export const DURABLE_FILE = 'durable'
/** Slots lie in sectors of their own, so that a torn write harms one. */
export const SLOT_BYTES = 4096

const MAGIC = 'OrbitDur'
const BOOT_AT = 16
const BOOT_BYTES = 64
const META_AT = BOOT_AT + BOOT_BYTES
const CRC_AT = META_AT + META_BYTES

export interface DurableRecord {
  readonly sequence: bigint
  readonly boot: string
  readonly meta: Meta
}

export function encodeDurableRecord({ sequence, boot, meta }: DurableRecord): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES)
  slot.write(MAGIC, 0, 'latin1')
  slot.writeBigUInt64LE(sequence, 8)
  slot.write(boot, BOOT_AT, BOOT_BYTES, 'latin1')
  meta.bytes.copy(slot, META_AT)
  slot.writeUInt32LE(crc32c(slot.subarray(0, CRC_AT)), CRC_AT)
  return slot
}

/** The newer of the whole slots; undefined when there is none. */
export function decodeDurableRecord(file: Buffer): DurableRecord | undefined {
  const slots = [decodeSlot(file, 0), decodeSlot(file, SLOT_BYTES)].filter((slot) => slot !== undefined)
  return slots.toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1))[0]
}

function decodeSlot(file: Buffer, at: number): DurableRecord | undefined {
  if (file.byteLength < at + CRC_AT + 4) return undefined
  const slot = file.subarray(at, at + CRC_AT + 4)
  if (slot.toString('latin1', 0, 8) !== MAGIC) return undefined
  if (crc32c(slot.subarray(0, CRC_AT)) !== slot.readUInt32LE(CRC_AT)) return undefined
  const meta = parseMeta(Buffer.from(slot.subarray(META_AT, CRC_AT)))
  if (meta === undefined) return undefined
  const boot = slot.toString('latin1', BOOT_AT, META_AT).replace(/\0+$/, '')
  return { sequence: slot.readBigUInt64LE(8), boot, meta }
}
