import { type OrbitError, toBinaryString, type Env } from '@orbit-ts/base'
import type { TiKVClient } from '@orbit-ts/tikv'
import { Counters } from '../../transaction/counters.js'
import type { EngineLimits } from '../../transaction/local-engine.js'
import { KeyTurns } from './key-turns.js'
import { KeyLeases } from './leases/key-leases.js'
import { Sharers } from './sharers.js'
import { OwnCommits } from './own-commits.js'
import { ShareHistory } from './share-history.js'
import type { TikvOptions } from './options.js'
import type { PushRefusals } from './pushed-rows.js'
import { tikvError } from './tikv-error.js'
import type { TikvKeys } from './tikv-keys.js'

/** How one transaction appears in the deadlocks of others. */
export interface NamedTransaction {
  readonly id: string
  readonly label: string | undefined
}

/** What the transactions and snapshots of one provider have in common. */
export class TikvStore {
  readonly client: TiKVClient
  readonly env: Env
  readonly keys: TikvKeys
  readonly limits: EngineLimits
  readonly sizeMaxBytes: number
  readonly batchSizeMax: number
  readonly counters: Counters
  /** Transactions of this process by their start timestamp. */
  readonly names = new Map<bigint, NamedTransaction>()
  readonly sharers: Sharers
  readonly turns: KeyTurns
  /** The largest version of a commit that was acknowledged: later commits come after it. */
  latestVersion = 0n
  readonly history = new ShareHistory()
  readonly commits = new OwnCommits()
  readonly pushRefusals: PushRefusals = { serializable: 0, ownWrites: 0, plan: 0 }
  readonly leases: KeyLeases

  constructor(client: TiKVClient, env: Env, keys: TikvKeys, options: TikvOptions) {
    this.client = client
    this.env = env
    this.sharers = new Sharers(keys)
    this.turns = new KeyTurns(env)
    this.keys = keys
    const { keyBytesMax, entryBytesMax, transactionBytesMax } = client.config
    this.limits = {
      keySizeMaxBytes: Math.min(keyBytesMax, longestKey(client.config.apiVersion)) - keys.overheadBytes,
      valueSizeMaxBytes: entryBytesMax - keyBytesMax,
    }
    this.sizeMaxBytes = transactionBytesMax
    this.batchSizeMax = options.maxBatchSize
    this.counters = new Counters(env)
    this.leases = new KeyLeases(this)
  }

  /** The error as the storage contract has it, counted. */
  failure(thrown: unknown): OrbitError {
    const error = tikvError(thrown, this.keys, (startTs) => this.#nameOf(startTs))
    if (error.code === 'TRANSACTION_CONFLICT') this.counters.conflicts++
    else if (error.code === 'TRANSACTION_DEADLOCK') this.counters.deadlocks++
    else if (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'COMMIT_UNDETERMINED')
      this.counters.errorCount++
    return error
  }

  #nameOf(startTs: bigint): string {
    const known = this.names.get(startTs)
    if (known === undefined) return String(startTs)
    return known.label === undefined ? known.id : `${known.id} (${known.label})`
  }
}

/** The servers take 8 KiB of a key in its memcomparable form, which has nine bytes for every eight and nine at the end. */
function longestKey(apiVersion: string): number {
  const keyspaceBytes = apiVersion === 'v2' ? 4 : 0
  const groups = Math.floor(8192 / 9)
  return groups * 8 - 1 - keyspaceBytes
}

/** Keys, each once, by binary string. */
export class KeySet {
  readonly #keys = new Map<string, Uint8Array>()

  get size(): number {
    return this.#keys.size
  }

  add(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#keys.set(toBinaryString(key), key)
  }

  has(key: Uint8Array): boolean {
    return this.#keys.has(toBinaryString(key))
  }

  hasId(id: string): boolean {
    return this.#keys.has(id)
  }

  values(): IterableIterator<Uint8Array> {
    return this.#keys.values()
  }

  without(other: { has(id: string): boolean }): Uint8Array[] {
    return [...this.#keys].filter(([id]) => !other.has(id)).map(([, key]) => key)
  }
}
