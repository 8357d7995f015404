import { boolean, integer, oneOf, OrbitError, section, string, type SectionValue } from '@orbit-ts/base'

const MIB = 1024 * 1024

/** `[providers.<name>]` with `type = "LsmTree"`. */
export const lsmTreeOptions = section({
  dataDir: string({ doc: 'The directory of the store. It is created when it does not exist.' }),
  writeBufferMb: integer({
    min: 1,
    max: 1024,
    unit: 'MiB',
    default: 16,
    aliases: ['memtable_size_mb'],
    doc: 'Size of one write buffer, which is also the size of the log read again after a crash. Two are in memory at most.',
  }),
  blockCacheMb: integer({
    min: 1,
    max: 4095,
    unit: 'MiB',
    default: 64,
    doc: 'Memory for decompressed blocks read from files.',
  }),
  compression: boolean({
    default: true,
    aliases: ['enable_compression'],
    doc: 'Compress new files with Snappy.',
  }),
  verifyAtOpen: boolean({
    default: true,
    doc: 'Compare every block with its checksum when the store is opened, which reads all its files once. LevelDB itself does not notice an altered block.',
  }),
  enableBloomFilters: boolean({ default: true, doc: 'LevelDB has them always: only true is accepted.' }),
  bloomFilterBitsPerKey: integer({
    default: 10,
    aliases: ['bloom_bits_per_key'],
    doc: 'LevelDB has 10: nothing else is accepted.',
  }),
  maxLevels: integer({ default: 7, doc: 'LevelDB has 7: nothing else is accepted.' }),
  levelSizeMultiplier: integer({ default: 10, doc: 'LevelDB has 10: nothing else is accepted.' }),
  compactionThreshold: integer({
    default: 4,
    doc: 'Files in the first level that start a compaction. LevelDB has 4: nothing else is accepted.',
  }),
  durability: oneOf(['sync', 'os'], {
    default: 'sync',
    aliases: ['sync_mode'],
    doc: '"sync": a commit is acknowledged when it is on stable storage. "os": when the operating system has it.',
  }),
})

export type LsmTreeOptions = SectionValue<typeof lsmTreeOptions>

/** What LevelDB, as its binding builds it, has compiled in. */
const FIXED = [
  ['enableBloomFilters', 'enable_bloom_filters', true],
  ['bloomFilterBitsPerKey', 'bloom_filter_bits_per_key', 10],
  ['maxLevels', 'max_levels', 7],
  ['levelSizeMultiplier', 'level_size_multiplier', 10],
  ['compactionThreshold', 'compaction_threshold', 4],
] as const

/** @throws STORAGE_UNSUPPORTED: an option asks for something else than what LevelDB does */
export function refuseWhatLevelDbCannot(options: LsmTreeOptions): void {
  for (const [name, key, fixed] of FIXED) {
    if (options[name] === fixed) continue
    throw new OrbitError(
      'STORAGE_UNSUPPORTED',
      `${key} = ${String(options[name])}: the lsm-tree engine is LevelDB, where this is always ${String(fixed)}; leave ${key} out, or use the rocksdb engine, which has more settings`,
      { field: key, value: options[name], fixed },
    )
  }
}

export function toBytes(mebibytes: number): number {
  return mebibytes * MIB
}
