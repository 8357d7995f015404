import { duration, integer, section, union, type SectionInput, type SectionValue } from '@orbit-ts/base'
import type { LocalTransactionsOptions } from '../transaction/local-transactions.js'
import { cowBtreeOptions } from './cow-btree/options.js'
import { lsmTreeOptions } from './lsm-tree/options.js'
import { memoryOptions } from './memory/options.js'
import { rocksdbOptions } from './rocksdb/options.js'
import { tikvOptions } from './tikv/options.js'

/** The section of each kind of provider. A new provider is a line here and one in `OPENERS` of open-provider.ts. */
export const PROVIDER_SECTIONS = {
  rocksdb: rocksdbOptions,
  memory: memoryOptions,
  'cow-btree': cowBtreeOptions,
  'lsm-tree': lsmTreeOptions,
  tikv: tikvOptions,
} as const

export type KnownProviderKind = keyof typeof PROVIDER_SECTIONS

/** `[providers.<name>]`: the word under `type` says which. */
export const providerOptions = union('type', PROVIDER_SECTIONS, {
  aliases: { rocks: 'rocksdb', lmdb: 'cow-btree', cow: 'cow-btree', leveldb: 'lsm-tree', lsm: 'lsm-tree' },
})

export type ParsedProviderOptions = SectionValue<typeof providerOptions>

/** What a program passes to open a provider: `{ kind: 'rocksdb', dataDir: './data' }`. */
export type ProviderOptions = {
  [Kind in KnownProviderKind]: { readonly kind: Kind } & SectionInput<(typeof PROVIDER_SECTIONS)[Kind]>
}[KnownProviderKind]

const MIB = 1024 * 1024

/** `[transactions]`: limits of every local provider. */
export const transactionSettings = section(
  {
    timeoutMs: duration({
      unit: 's',
      key: 'timeout',
      default: '30s',
      minMs: 1,
      doc: 'How long a transaction may live before it is rolled back.',
    }),
    lockWaitMs: duration({
      unit: 's',
      key: 'lock_wait',
      default: '10s',
      minMs: 0,
      doc: 'How long a lock is waited for.',
    }),
    historySizeMaxMb: integer({
      min: 1,
      max: 1024 * 1024,
      unit: 'MiB',
      default: 256,
      doc: 'Memory for old versions that running snapshots need. The oldest snapshot fails with SNAPSHOT_TOO_OLD when it is full.',
    }),
    transactionSizeMaxMb: integer({
      min: 1,
      max: 16 * 1024,
      unit: 'MiB',
      default: 256,
      doc: 'Keys and values that one transaction may write.',
    }),
    transactionReadsMax: integer({
      min: 1,
      default: 1_000_000,
      doc: 'Keys and ranges that one serializable transaction may read.',
    }),
  },
  { doc: 'Limits of transactions on local providers.' },
)

export type TransactionSettings = SectionValue<typeof transactionSettings>

export function localOptionsOf(settings: TransactionSettings): LocalTransactionsOptions {
  return {
    transactionTimeoutMs: settings.timeoutMs,
    lockWaitMs: settings.lockWaitMs,
    historySizeMaxBytes: settings.historySizeMaxMb * MIB,
    transactionSizeMaxBytes: settings.transactionSizeMaxMb * MIB,
    transactionReadsMax: settings.transactionReadsMax,
  }
}
