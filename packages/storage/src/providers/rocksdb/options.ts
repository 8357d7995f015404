import { integer, oneOf, section, string, type SectionValue } from '@orbit-ts/base'

/** `[providers.<name>]` with `type = "RocksDB"`. */
export const rocksdbOptions = section({
  dataDir: string({ doc: 'The directory of the store. It is created when it does not exist.' }),
  binding: oneOf(['auto', 'nxtedition', 'holepunch'], {
    default: 'auto',
    doc: 'The native library: "nxtedition" is fast and built for Linux on x64 (glibc) and macOS on arm64; "holepunch" is built for Linux, macOS and Windows on x64 and arm64. "auto" takes the first that loads here and honours the options.',
  }),
  compression: oneOf(['none', 'zstd', 'snappy', 'lz4'], {
    default: 'none',
    words: { true: 'zstd', false: 'none', off: 'none', zstandard: 'zstd' },
    doc: 'How new files are compressed; true means zstd. "zstd" needs the binding "nxtedition", also to read such files later. No binding has snappy or lz4.',
  }),
  blockCacheMb: integer({
    min: 0,
    max: 1024 * 1024,
    unit: 'MiB',
    optional: true,
    doc: 'Memory for blocks read from files. Default: 256 with the binding "nxtedition"; "holepunch" has a fixed 32, or 0.',
  }),
  writeBufferMb: integer({
    min: 1,
    max: 4096,
    unit: 'MiB',
    default: 64,
    doc: 'Size of one write buffer. Two are in memory at most; up to six when it is not 64 and the binding is "nxtedition", which then needs compression = "zstd".',
  }),
  maxBackgroundJobs: integer({ min: 1, max: 256, default: 4, doc: 'Threads that flush and compact.' }),
  bloomBitsPerKey: integer({
    min: 0,
    max: 50,
    default: 10,
    aliases: ['bloom_filter_bits_per_key'],
    doc: 'Bits per key of the Bloom filters, which spare reads for keys that are not there. 0: none.',
  }),
  durability: oneOf(['sync', 'os'], {
    default: 'sync',
    aliases: ['sync_mode'],
    doc: '"sync": a commit is acknowledged when it is on stable storage. "os": when the operating system has it.',
  }),
})

export type RocksdbOptions = SectionValue<typeof rocksdbOptions>
export type RocksdbCompression = RocksdbOptions['compression']
