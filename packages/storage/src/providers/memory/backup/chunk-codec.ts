import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { OrbitError } from '@orbit-ts/base'
import type { BackupCompression } from '../options.js'

/** Compresses and restores one chunk of a backup. */
export interface ChunkCodec {
  encode(raw: Uint8Array): Promise<Uint8Array>
  decode(stored: Uint8Array, rawBytes: number): Promise<Uint8Array>
}

type ZstdCall = (
  data: Uint8Array,
  options: { maxOutputLength?: number },
  done: (error: Error | null, result: Buffer) => void,
) => void

/** Present since Node.js 22.15 and 23.8; not in the type definitions of older ones. */
interface ZstdOfNode {
  readonly zstdCompress?: ZstdCall
  readonly zstdDecompress?: ZstdCall
}

/**
 * @param zstd for tests: what this Node.js brings
 * @throws STORAGE_UNSUPPORTED: this Node.js has no zstd
 */
export async function chunkCodec(
  compression: BackupCompression,
  zstd: ZstdOfNode = zlib as ZstdOfNode,
): Promise<ChunkCodec> {
  switch (compression) {
    case 'none':
      return { encode: (raw) => Promise.resolve(raw), decode: (stored) => Promise.resolve(stored) }
    case 'gzip':
      return gzipCodec()
    case 'lz4':
      return lz4Codec()
    case 'zstd':
      return zstdCodec(zstd)
  }
}

function gzipCodec(): ChunkCodec {
  const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip)
  const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip)
  return {
    encode: (raw) => gzip(raw, {}),
    decode: (stored, rawBytes) => gunzip(stored, { maxOutputLength: Math.max(1, rawBytes) }),
  }
}

async function lz4Codec(): Promise<ChunkCodec> {
  const { default: lz4 } = await import('lz4-napi')
  return { encode: (raw) => lz4.compressFrame(raw), decode: (stored) => lz4.decompressFrame(stored) }
}

function zstdCodec({ zstdCompress, zstdDecompress }: ZstdOfNode): ChunkCodec {
  if (zstdCompress === undefined || zstdDecompress === undefined) {
    throw new OrbitError(
      'STORAGE_UNSUPPORTED',
      `disk_backup.compression "zstd" needs Node.js 22.15 or later, and this is ${process.version}: use "lz4" or "gzip", or a newer Node.js`,
      { compression: 'zstd', nodeVersion: process.version },
    )
  }
  const compress = promisify(zstdCompress)
  const decompress = promisify(zstdDecompress)
  return {
    encode: (raw) => compress(raw, {}),
    decode: (stored, rawBytes) => decompress(stored, { maxOutputLength: Math.max(1, rawBytes) }),
  }
}
