import {
  boolean,
  duration,
  integer,
  oneOf,
  OrbitError,
  section,
  string,
  type SectionValue,
} from '@orbit-ts/base'

/** `[providers.<name>]` with `type = "CowBTree"`. */
export const cowBtreeOptions = section({
  dataDir: string({ doc: 'The directory of the store. It is created when it does not exist.' }),
  mapSizeMb: integer({
    min: 1,
    max: 16 * 1024 * 1024,
    unit: 'MiB',
    default: 64 * 1024,
    doc: 'How much the data may take, counted in pages in use; a batch that would pass it fails with STORAGE_FULL. The file may be larger by pages that wait to be used again.',
  }),
  flushIntervalMs: duration({
    unit: 'ms',
    default: '1s',
    minMs: 1,
    doc: 'How long a commit that did not ask for durability "sync" may wait until it is on stable storage all the same.',
  }),
  verifyAtOpen: boolean({
    default: true,
    doc: 'Walk the whole tree when the store is opened, which reads its file once. LMDB itself checks nothing and may crash on a damaged file.',
  }),
  enableSnapshots: boolean({
    default: true,
    doc: 'Snapshots come with copy-on-write: only true is accepted.',
  }),
  maxKeysPerNode: integer({ optional: true, doc: 'Refused: LMDB fills a page of fixed size.' }),
  walBufferSize: integer({ optional: true, doc: 'Refused: LMDB has no write-ahead log.' }),
  snapshotInterval: integer({ optional: true, doc: 'Refused: every commit is a snapshot in LMDB.' }),
  durability: oneOf(['sync', 'os'], {
    default: 'sync',
    aliases: ['sync_mode'],
    doc: '"sync": a commit is acknowledged when it is on stable storage. "os": when the operating system has it.',
  }),
})

export type CowBtreeOptions = SectionValue<typeof cowBtreeOptions>

const REFUSED = [
  ['maxKeysPerNode', 'max_keys_per_node', 'fills pages of the system’s page size with as many keys as fit'],
  [
    'walBufferSize',
    'wal_buffer_size',
    'has no write-ahead log: pages in use are never overwritten, so nothing has to be replayed',
  ],
  [
    'snapshotInterval',
    'snapshot_interval',
    'makes every commit a snapshot; how often commits reach stable storage is set with flush_interval_ms',
  ],
] as const

/** @throws STORAGE_UNSUPPORTED: an option asks for something else than what LMDB does */
export function refuseWhatLmdbCannot(options: CowBtreeOptions): void {
  for (const [name, key, why] of REFUSED) {
    if (options[name] === undefined) continue
    throw unsupported(key, options[name], `the cow-btree engine is LMDB, which ${why}; leave ${key} out`)
  }
  if (options.enableSnapshots) return
  throw unsupported(
    'enable_snapshots',
    false,
    'the cow-btree engine is LMDB, where snapshots are always there and cost nothing; leave enable_snapshots out',
  )
}

function unsupported(key: string, value: unknown, why: string): OrbitError {
  return new OrbitError('STORAGE_UNSUPPORTED', `${key} = ${String(value)}: ${why}`, { field: key, value })
}
