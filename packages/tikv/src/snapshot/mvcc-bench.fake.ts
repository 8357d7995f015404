import { fromUtf8, silentLogger, utf8 } from '@orbit-ts/base'
import type { RegionVersion } from '../region/region-request.js'
import { tikvMethods as methods } from '../rpc/methods.js'
import type { Bounds } from '../testing/mvcc/mvcc-state.js'
import { MvccStore } from '../testing/mvcc/mvcc-store.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { TxnSafePoint } from '../txn/lock/safe-point.js'
import { DirectWriter } from './direct-writer.fake.js'
import { FakeStores } from './fake-stores.fake.js'
import { Snapshot } from './snapshot.js'
import type { KeyValue, ScanOptions, SnapshotOptions } from './snapshot-options.js'

/** Three regions (below b, below n, the rest) over one data set that follows TiKV's rules for each command. */
export class MvccBench extends DirectWriter {
  readonly stores: FakeStores
  readonly resolver: LockResolver
  readonly safePoint: TxnSafePoint

  constructor(stores: FakeStores = new FakeStores([utf8('b'), utf8('n')])) {
    const mvcc = new MvccStore({ env: stores.env })
    super(mvcc, () => stores.env.clock.nowMs())
    this.stores = stores
    this.resolver = new LockResolver(stores.core)
    this.safePoint = new TxnSafePoint({
      env: stores.env,
      logger: silentLogger,
      gc: { getState: () => Promise.resolve({ txnSafePoint: 0n, gcSafePoint: 0n, barriers: [] }) },
      intervalMs: 10_000,
      signal: stores.core.closing,
    })
    const bounds = ({ startKey, endKey }: RegionVersion): Bounds => ({ start: startKey, end: endKey })
    stores.on(methods.kvGet, (request) => mvcc.get(request))
    stores.on(methods.kvBatchGet, (request) => mvcc.batchGet(request))
    stores.on(methods.kvScan, (request, region) => mvcc.scan(request, bounds(region)))
    stores.on(methods.kvScanLock, (request, region) => mvcc.scanLock(request, bounds(region)))
    stores.on(methods.kvCheckTxnStatus, (request) => mvcc.checkTxnStatus(request))
    stores.on(methods.kvCheckSecondaryLocks, (request) => mvcc.checkSecondaryLocks(request))
    stores.on(methods.kvResolveLock, (request, region) => mvcc.resolveLock(request, bounds(region)))
    stores.on(methods.kvPessimisticRollback, (request, region) =>
      mvcc.pessimisticRollback(request, bounds(region)),
    )
  }

  snapshot(readTs = this.tso(), options: SnapshotOptions = {}): Snapshot {
    return new Snapshot(
      { core: this.stores.core, resolver: this.resolver, safePoint: this.safePoint },
      readTs,
      options,
    )
  }

  /** The values of keys at a timestamp, with nothing kept from earlier reads. */
  async values(
    keys: readonly string[],
    readTs = this.tso(),
    options: SnapshotOptions = {},
  ): Promise<unknown[]> {
    const found = await this.stores.finish(this.snapshot(readTs, options).batchGet(keys.map(utf8)))
    return found.map((value) => (value === undefined ? undefined : fromUtf8(value)))
  }

  async value(key: string, readTs = this.tso(), options: SnapshotOptions = {}): Promise<string | undefined> {
    const found = await this.stores.finish(this.snapshot(readTs, options).get(utf8(key)))
    return found === undefined ? undefined : fromUtf8(found)
  }

  async rows(options: ScanOptions = {}, readTs = this.tso()): Promise<string[]> {
    const collect = async (chunks: AsyncIterable<KeyValue[]>): Promise<string[]> => {
      const rows: string[] = []
      for await (const chunk of chunks)
        rows.push(...chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
      return rows
    }
    const range = { start: utf8(''), end: utf8('') }
    return this.stores.finish(collect(this.snapshot(readTs).scan(range, options)))
  }
}
