import { fromUtf8, utf8 } from '@orbit-ts/base'
import { CommitRequest, Op, PrewriteRequest, type KeyError } from '../gen/kvrpcpb.js'
import type { MvccStore } from '../testing/mvcc/mvcc-store.js'
import { composeTimestamp, type Timestamp } from '../timestamp.js'

export type Writes = Readonly<Record<string, string | undefined>>

export interface PrewriteOptions {
  readonly primary?: string
  readonly ttlMs?: number
  readonly asyncCommit?: boolean
  /** Keys of the transaction that are prewritten by other requests, or never. */
  readonly allKeys?: readonly string[]
  readonly txnSize?: number
}

/** Transactions of other clients, written behind the client's back and ended where a test wants them to. */
export class DirectWriter {
  readonly mvcc: MvccStore
  readonly #nowMs: () => number
  #logical = 0

  constructor(mvcc: MvccStore, nowMs: () => number) {
    this.mvcc = mvcc
    this.#nowMs = nowMs
  }

  /** A timestamp of the present. */
  tso(): Timestamp {
    return composeTimestamp(Math.floor(this.#nowMs()), ++this.#logical)
  }

  /** Gives the minimum commit timestamp. */
  async prewrite(startTs: Timestamp, writes: Writes, options: PrewriteOptions = {}): Promise<Timestamp> {
    const { errors, minCommitTs } = await this.tryPrewrite(startTs, writes, options)
    if (errors.length > 0) throw new Error(`prewrite refused: ${Object.keys(writes).join()}`)
    return minCommitTs
  }

  async tryPrewrite(
    startTs: Timestamp,
    writes: Writes,
    options: PrewriteOptions = {},
  ): Promise<{ errors: KeyError[]; minCommitTs: Timestamp }> {
    const keys = Object.keys(writes)
    const primary = options.primary ?? keys[0] ?? ''
    const secondaries = (options.allKeys ?? keys).filter((key) => key !== primary)
    const asyncCommit = {
      useAsyncCommit: true,
      secondaries: secondaries.map(utf8),
      maxCommitTs: this.tso() + (1n << 50n),
    }
    return this.mvcc.prewrite(
      PrewriteRequest.fromPartial({
        mutations: Object.entries(writes).map(([key, value]) => ({
          op: value === undefined ? Op.Del : Op.Put,
          key: utf8(key),
          value: utf8(value ?? ''),
        })),
        primaryLock: utf8(primary),
        startVersion: startTs,
        lockTtl: BigInt(options.ttlMs ?? 3000),
        txnSize: BigInt(options.txnSize ?? keys.length),
        minCommitTs: startTs + 1n,
        ...(options.asyncCommit === true ? asyncCommit : {}),
      }),
    )
  }

  async commit(startTs: Timestamp, keys: readonly string[], commitTs = this.tso()): Promise<Timestamp> {
    const error = await this.tryCommit(startTs, keys, commitTs)
    if (error !== undefined) throw new Error(`commit refused: ${keys.join()}`)
    return commitTs
  }

  async tryCommit(
    startTs: Timestamp,
    keys: readonly string[],
    commitTs: Timestamp,
  ): Promise<KeyError | undefined> {
    const request = { startVersion: startTs, keys: keys.map(utf8), commitVersion: commitTs }
    return (await this.mvcc.commit(CommitRequest.fromPartial(request))).error
  }

  /** A whole transaction; gives its commit timestamp. */
  async write(writes: Writes): Promise<Timestamp> {
    const startTs = this.tso()
    await this.prewrite(startTs, writes)
    return this.commit(startTs, Object.keys(writes))
  }

  /** Keys that hold a lock. */
  locks(): string[] {
    return [...this.mvcc.state.data.ascending(utf8(''))]
      .filter(([, { lock }]) => lock !== undefined)
      .map(([key]) => fromUtf8(key))
  }
}
