import { defined, OrbitError, toBinaryString } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'
import { mergedScan } from '../snapshot/merged-scan.js'
import { requireReadable, Snapshot, type SnapshotParts } from '../snapshot/snapshot.js'
import type { KeyValue, ReadOptions, ScanOptions, SnapshotOptions } from '../snapshot/snapshot-options.js'
import type { Timestamp } from '../timestamp.js'
import { hasFlag, KeyFlag } from './buffer/key-flags.js'
import type { TransactionBuffer } from './buffer/transaction-buffer.js'
import type { ReadSet } from './commit/read-set.js'
import { RecordingSnapshot, type SnapshotReads } from './commit/recording-snapshot.js'
import type { TransactionCalls } from './commit/transaction-calls.js'
import type { LockTarget } from './pessimistic/acquire-locks.js'
import type { LockedKey, LockOptions } from './pessimistic/lock-options.js'
import type { PessimisticLocks } from './pessimistic/pessimistic-locks.js'
import type { PipelinedWriter } from './pipelined/pipelined-writer.js'

export interface TransactionReadsOptions {
  readonly parts: SnapshotParts
  readonly calls: TransactionCalls
  readonly buffer: TransactionBuffer
  readonly locks: PessimisticLocks
  readonly writer: PipelinedWriter | undefined
  /** Of a serializable transaction. */
  readonly readSet: ReadSet | undefined
}

/**
 * Reads of a transaction: its own writes, below them the newest versions of keys that it has locked (nobody else can
 * change them), below those its snapshot; for `read-committed` a new snapshot for each read.
 */
export class TransactionReads {
  readonly #options: TransactionReadsOptions
  /** Made for the first read: a transaction that only writes needs none. */
  #ownReads: SnapshotReads | undefined
  #ofLocked: { readonly ts: Timestamp; readonly reads: SnapshotReads } | undefined

  constructor(options: TransactionReadsOptions) {
    requireReadable(options.calls.startTs)
    this.#options = options
  }

  get #own(): SnapshotReads {
    this.#ownReads ??= this.#snapshotAt(this.#options.calls.startTs)
    return this.#ownReads
  }

  async get(key: Uint8Array, options: ReadOptions): Promise<Uint8Array | undefined> {
    const { buffer, locks, writer } = this.#options
    if (writer !== undefined) return (await writer.batchGet([key], this.#own, options))[0]
    const own = buffer.get(key)
    if (own !== undefined && own.kind !== 'flags') return own.value
    if (locks.isLocked(key)) return this.#newest().get(key, options)
    return (await this.#current(options)).get(key, options)
  }

  async batchGet(keys: readonly Uint8Array[], options: ReadOptions): Promise<(Uint8Array | undefined)[]> {
    const { buffer, locks, writer } = this.#options
    if (writer !== undefined) return writer.batchGet(keys, this.#own, options)
    const values: (Uint8Array | undefined)[] = []
    const locked: number[] = []
    const others: number[] = []
    for (const [at, key] of keys.entries()) {
      const own = buffer.get(key)
      const isWrite = own !== undefined && own.kind !== 'flags'
      values.push(isWrite ? own.value : undefined)
      if (!isWrite) (locks.isLocked(key) ? locked : others).push(at)
    }
    if (others.length > 0) await fill(values, keys, others, await this.#current(options), options)
    if (locked.length > 0) await fill(values, keys, locked, this.#newest(), options)
    return values
  }

  /** Locks the keys; gives one row for each, in their order. Values are without the transaction's own writes. */
  async lock(
    keys: readonly Uint8Array[],
    options: LockOptions,
    signal: AbortSignal | undefined,
  ): Promise<readonly LockedKey[]> {
    const { buffer, locks, readSet } = this.#options
    const locked = await locks.lock(keys, options, signal)
    const targets = new Map(locked.map((target) => [toBinaryString(target.key), target]))
    const values = await this.#valuesOf(keys, targets, options.returnValues === true, { signal })
    return keys.map((key, at) => {
      const flags = buffer.get(key)?.flags ?? 0
      const isLocked = hasFlag(flags, KeyFlag.Locked)
      const exists = isLocked ? hasFlag(flags, KeyFlag.LockedValueExists) : false
      // That a key is absent is not kept by a lock when it was not locked for that reason.
      if (!isLocked) readSet?.addKey(key, undefined)
      return { key, locked: isLocked, exists, value: values?.[at] }
    })
  }

  async #valuesOf(
    keys: readonly Uint8Array[],
    targets: ReadonlyMap<string, LockTarget>,
    wanted: boolean,
    options: ReadOptions,
  ): Promise<(Uint8Array | undefined)[] | undefined> {
    if (!wanted) return undefined
    const before: number[] = []
    const values = keys.map((key, at) => {
      const target = targets.get(toBinaryString(key))
      if (target === undefined) before.push(at)
      return target?.value
    })
    if (before.length > 0) await fill(values, keys, before, this.#newest(), options)
    return values
  }

  async *scan(range: KeyRange, options: ScanOptions): AsyncGenerator<KeyValue[], void, undefined> {
    const { readSet, writer } = this.#options
    if (readSet !== undefined && options.sampleStep !== undefined && options.sampleStep !== 1) {
      throw new OrbitError(
        'STORAGE_UNSUPPORTED',
        'sampleStep is not there for a serializable transaction; scan without it, or begin one with isolation "snapshot"',
        { field: 'sampleStep' },
      )
    }
    if (writer?.hasFlushed === true) {
      throw new OrbitError(
        'STORAGE_UNSUPPORTED',
        'a pipelined transaction that has flushed writes cannot scan: the servers do not show them in order; scan before it writes, or read single keys',
      )
    }
    const buffer = writer?.buffer ?? this.#options.buffer
    const below = await this.#current(options)
    if (buffer.writeCount === 0) yield* below.scan(range, options)
    else yield* mergedScan(buffer.view(), below, range, options)
  }

  async #current({ signal }: ReadOptions): Promise<SnapshotReads> {
    const { calls } = this.#options
    if (calls.options.isolation !== 'read-committed') return this.#own
    return this.#snapshotAt(await calls.core.pd.getTimestamp({ signal }))
  }

  #newest(): SnapshotReads {
    const { locks, calls } = this.#options
    const ts = locks.forUpdateTs
    if (ts <= calls.startTs) return this.#own
    if (this.#ofLocked?.ts !== ts) this.#ofLocked = { ts, reads: this.#snapshotAt(ts) }
    return this.#ofLocked.reads
  }

  #snapshotAt(ts: Timestamp): SnapshotReads {
    const { parts, readSet, calls } = this.#options
    const snapshot = new Snapshot(parts, ts, snapshotOptions(calls))
    return readSet === undefined ? snapshot : new RecordingSnapshot(snapshot, readSet)
  }
}

function snapshotOptions({ options, details, startTs }: TransactionCalls): SnapshotOptions {
  const { replicaRead, staleRead, labels, storeIds, leaderOnly, busyThresholdMs, notFillCache, taskId } =
    options
  const { readTimeoutMs, scanBatchSize, cacheBytesMax, priority, interceptors } = options
  const { resourceGroup, resourceGroupTag, requestSource, traceId, pipelined } = options
  return {
    replicaRead,
    staleRead,
    labels,
    storeIds,
    leaderOnly,
    busyThresholdMs,
    notFillCache,
    taskId,
    readTimeoutMs,
    scanBatchSize,
    cacheBytesMax,
    priority,
    interceptors,
    resourceGroup,
    resourceGroupTag,
    requestSource,
    traceId,
    details,
    ignoreLocksOf: pipelined === undefined || pipelined === false ? undefined : [startTs],
  }
}

async function fill(
  values: (Uint8Array | undefined)[],
  keys: readonly Uint8Array[],
  places: readonly number[],
  below: SnapshotReads,
  options: ReadOptions,
): Promise<void> {
  const read = await below.batchGet(
    places.map((at) => defined(keys[at], 'a key')),
    options,
  )
  for (const [index, at] of places.entries()) values[at] = read[index]
}
