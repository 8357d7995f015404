import { createHash } from 'node:crypto'

/** Ids from here on are of names that were first used without being declared. */
const OPEN_ID_MIN = 2 ** 52

/**
 * The id of a label or type that is not declared, which an open graph accepts. It follows from the name, so that
 * nothing has to be stored, or fought over, when a name is first used. Records carry the name as well.
 */
export function openId(name: string): number {
  const digest = createHash('sha256').update(name).digest()
  // 52 bits below the mark, which makes a safe integer.
  return OPEN_ID_MIN + digest.readUIntBE(0, 6) * 16 + (digest.readUInt8(6) >>> 4)
}

export function isOpenId(id: number): boolean {
  return id >= OPEN_ID_MIN
}
