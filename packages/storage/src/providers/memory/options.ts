import { duration, integer, nested, oneOf, section, string, type SectionValue } from '@orbit-ts/base'

export const diskBackupOptions = section(
  {
    path: string({
      doc: 'The file that holds the backup. It is in a format of its own, whatever its extension.',
    }),
    syncIntervalMs: duration({
      unit: 's',
      key: 'sync_interval',
      default: '5m',
      minMs: 100,
      doc: 'How often the backup is written when something has changed. It is also written when the store closes.',
    }),
    compression: oneOf(['none', 'gzip', 'lz4', 'zstd'], {
      default: 'none',
      doc: 'How new backups are compressed. A backup is read whatever it was compressed with.',
    }),
  },
  {
    doc: 'A copy on disk that is loaded again at the next start. Writes after the last copy are lost in a crash.',
  },
)

/** `[providers.<name>]` with `type = "Memory"`. */
export const memoryOptions = section({
  maxEntries: integer({
    min: 1,
    optional: true,
    doc: 'A batch that would make more entries than this fails with STORAGE_FULL. Default: no limit.',
  }),
  diskBackup: nested(diskBackupOptions, { optional: true }),
})

export type MemoryOptions = SectionValue<typeof memoryOptions>
export type DiskBackupOptions = SectionValue<typeof diskBackupOptions>
export type BackupCompression = DiskBackupOptions['compression']
