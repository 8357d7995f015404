import { toBinaryString } from '@orbit-ts/base'

/** The engine key that holds the number of the latest commit; hidden from every reader. */
export const VERSION_KEY: Uint8Array = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.from('orbit.version')])

export const VERSION_ID: string = toBinaryString(VERSION_KEY)

export function isVersionKey(key: Uint8Array): boolean {
  return key.byteLength === VERSION_KEY.byteLength && Buffer.compare(key, VERSION_KEY) === 0
}

export function encodeVersion(seq: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(seq))
  return bytes
}

export function decodeVersion(bytes: Uint8Array): number {
  return Number(Buffer.from(bytes).readBigUInt64BE())
}
