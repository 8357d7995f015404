/**
 * One random sequence of commands, run against a provider and the reference store side by side.
 *
 * Invariants:
 * 1. Every transaction reads as soon as it has begun, so that its snapshot is the same whether a provider takes it at
 *    the beginning or at the first read.
 * 2. One command runs at a time: interleaved, not concurrent, so the model knows every outcome.
 */
import assert from 'node:assert/strict'
import type { Env } from '@orbit-ts/base'
import type { IsolationLevel, Savepoint, Snapshot, StorageProvider, Transaction } from '../../provider.js'
import { failure, succeeds, thrown } from '../harness/assertions.js'
import { chance, choose, whole } from '../harness/dice.js'
import {
  bytes,
  commit,
  contents,
  get,
  getMany,
  range,
  scan,
  scanValues,
  withoutKey,
} from '../harness/text.js'
import { ReferenceStore, type ScanRequest, type State, scanState } from './reference-store.js'
import { ReferenceTransaction } from './reference-transaction.js'

const KEYS: readonly string[] = ['', '\x00', 'a', 'a\x00', 'ab', 'b', '\xff', '\xff\xff']
const TRANSACTIONS_MAX = 4
const SNAPSHOTS_MAX = 3

interface OpenTransaction {
  readonly name: string
  readonly tx: Transaction
  readonly model: ReferenceTransaction
  readonly savepoints: Map<number, Savepoint>
}

interface OpenSnapshot {
  readonly name: string
  readonly snapshot: Snapshot
  readonly state: State
}

export interface ModelRunOptions {
  readonly provider: StorageProvider
  readonly env: Env
  /** What is done, for the report of a failure. */
  readonly trace: string[]
  readonly isolationLevels: readonly IsolationLevel[]
  readonly snapshots: boolean
  /** Of transactions and blind writes. */
  readonly durability: { readonly durability?: 'os' }
  readonly reopen: (() => Promise<StorageProvider>) | undefined
}

export class ModelRun {
  #provider: StorageProvider
  readonly #options: ModelRunOptions
  readonly #env: Env
  readonly #store = new ReferenceStore()
  #transactions: OpenTransaction[] = []
  #snapshots: OpenSnapshot[] = []
  #names = 0
  #lastVersion = 0n

  constructor(options: ModelRunOptions) {
    this.#options = options
    this.#provider = options.provider
    this.#env = options.env
  }

  async run(commands: number): Promise<void> {
    for (let index = 0; index < commands; index++) await this.#command()
    for (const open of this.#transactions.splice(0)) await open.tx.rollback()
    for (const open of this.#snapshots.splice(0)) await open.snapshot.close()
    assert.deepEqual(await contents(this.#provider), scanState(this.#latest(), EVERYTHING))
    assert.equal(this.#provider.metrics().transactionsActive, 0)
  }

  async #command(): Promise<void> {
    const dice = this.#env.random.float()
    if (dice < 0.12 || this.#transactions.length === 0) await this.#begin()
    else if (dice < 0.17) await this.#write()
    else if (dice < 0.27 && this.#options.snapshots) await this.#snapshotCommand()
    else if (dice < 0.28 && this.#options.reopen !== undefined) await this.#reopen(this.#options.reopen)
    else await this.#transactionCommand(choose(this.#env, this.#transactions))
  }

  async #begin(): Promise<void> {
    if (this.#transactions.length >= TRANSACTIONS_MAX) return
    const isolation = choose(this.#env, this.#options.isolationLevels)
    const tx = await this.#provider.begin({ ...this.#options.durability, isolation })
    const model = new ReferenceTransaction(this.#store, isolation)
    const open = { name: this.#name('t'), tx, model, savepoints: new Map<number, Savepoint>() }
    this.#note(`${open.name} = begin ${isolation}`)
    this.#transactions.push(open)
    await this.#get(open, choose(this.#env, KEYS))
  }

  async #transactionCommand(open: OpenTransaction): Promise<void> {
    const dice = this.#env.random.float()
    if (dice < 0.15) await this.#get(open, choose(this.#env, KEYS))
    else if (dice < 0.2) await this.#getMany(open)
    else if (dice < 0.4) await this.#scan(open)
    else if (dice < 0.7) this.#change(open)
    else if (dice < 0.76) this.#savepoint(open)
    else if (dice < 0.82) this.#rollbackTo(open)
    else if (dice < 0.86) await this.#refresh(open)
    else if (dice < 0.95) await this.#commit(open)
    else await this.#rollback(open)
  }

  async #get(open: OpenTransaction, key: string): Promise<void> {
    this.#note(`${open.name}.get ${JSON.stringify(key)}`)
    assert.equal(await get(open.tx, key), open.model.get(key))
  }

  async #getMany({ name, tx, model }: OpenTransaction): Promise<void> {
    const keys = Array.from({ length: 1 + whole(this.#env, 4) }, () => choose(this.#env, KEYS))
    this.#note(`${name}.getMany ${JSON.stringify(keys)}`)
    assert.deepEqual(
      await getMany(tx, keys),
      keys.map((key) => model.get(key)),
    )
  }

  async #scan({ name, tx, model }: OpenTransaction): Promise<void> {
    const request = this.#scanRequest()
    const chunkSize = 1 + whole(this.#env, 4)
    this.#note(`${name}.scan ${JSON.stringify({ ...request, chunkSize })}`)
    const { reverse, limit } = request
    const [within, options] = [range(request.start, request.end), { reverse, limit, chunkSize }]
    const expected = model.scan(request)
    assert.deepEqual(await scanValues(tx, within, options), expected.map(withoutKey))
    assert.deepEqual(await scan(tx, within, options), expected)
  }

  #change({ name, tx, model }: OpenTransaction): void {
    const key = choose(this.#env, KEYS)
    const value = this.#name('v')
    const dice = this.#env.random.float()
    if (dice < 0.45) {
      this.#note(`${name}.put ${JSON.stringify(key)} ${value}`)
      tx.put(bytes(key), bytes(value))
      model.set(key, value)
    } else if (dice < 0.8) {
      this.#note(`${name}.delete ${JSON.stringify(key)}`)
      tx.delete(bytes(key))
      model.set(key, undefined)
    } else {
      this.#note(`${name}.insert ${JSON.stringify(key)} ${value}`)
      if (model.insert(key, value)) tx.insert(bytes(key), bytes(value))
      else thrown(() => tx.insert(bytes(key), bytes(value)), 'KEY_EXISTS')
    }
  }

  async #refresh({ name, tx, model }: OpenTransaction): Promise<void> {
    this.#note(`${name}.refresh`)
    await tx.refresh()
    model.refresh()
  }

  #savepoint({ name, tx, model, savepoints }: OpenTransaction): void {
    const savepoint = tx.savepoint()
    this.#note(`${name}.savepoint ${savepoint.id}`)
    savepoints.set(savepoint.id, savepoint)
    model.savepoint(savepoint.id)
  }

  #rollbackTo({ name, tx, model, savepoints }: OpenTransaction): void {
    if (savepoints.size === 0) return
    const id = choose(this.#env, [...savepoints.keys()])
    const savepoint = savepoints.get(id) ?? { id }
    this.#note(`${name}.rollbackTo ${id}`)
    if (model.savepointIds.includes(id)) {
      tx.rollbackTo(savepoint)
      model.rollbackTo(id)
    } else {
      thrown(() => tx.rollbackTo(savepoint), 'INVALID_ARGUMENT')
    }
  }

  async #commit(open: OpenTransaction): Promise<void> {
    this.#forget(open)
    const { name, tx, model } = open
    const outcomes = model.outcomes()
    this.#note(`${name}.commit → ${outcomes.join(' or ')}`)
    const failures = outcomes.filter((outcome) => outcome !== 'commits')
    const committing = tx.commit()
    if (!outcomes.includes('commits')) {
      await failure(() => committing, ...failures)
      return
    }
    if (!(await succeeds(() => committing, ...failures))) return
    const { version } = await committing
    if (model.effects.size === 0) assert.equal(version, 0n)
    else this.#applied(model.effects, version)
  }

  async #rollback(open: OpenTransaction): Promise<void> {
    this.#forget(open)
    this.#note(`${open.name}.rollback`)
    await open.tx.rollback()
  }

  async #write(): Promise<void> {
    const writes = new Map<string, string | undefined>()
    for (let count = 1 + whole(this.#env, 3); count > 0; count--) {
      writes.set(choose(this.#env, KEYS), chance(this.#env, 0.7) ? this.#name('w') : undefined)
    }
    this.#note(`write ${JSON.stringify([...writes])}`)
    this.#applied(writes, await commit(this.#provider, Object.fromEntries(writes), this.#options.durability))
  }

  async #snapshotCommand(): Promise<void> {
    const dice = this.#env.random.float()
    if (this.#snapshots.length === 0 || (dice < 0.3 && this.#snapshots.length < SNAPSHOTS_MAX)) {
      await this.#openSnapshot()
      return
    }
    const open = choose(this.#env, this.#snapshots)
    if (dice < 0.85) await this.#readSnapshot(open)
    else {
      this.#note(`${open.name}.close`)
      this.#snapshots = this.#snapshots.filter((other) => other !== open)
      await open.snapshot.close()
    }
  }

  async #openSnapshot(): Promise<void> {
    const open = { name: this.#name('s'), snapshot: await this.#provider.snapshot(), state: this.#latest() }
    this.#note(`${open.name} = snapshot`)
    this.#snapshots.push(open)
  }

  async #readSnapshot({ name, snapshot, state }: OpenSnapshot): Promise<void> {
    const request = this.#scanRequest()
    const key = choose(this.#env, KEYS)
    const chunkSize = 1 + whole(this.#env, 4)
    this.#note(`${name}.get ${JSON.stringify(key)}, scan ${JSON.stringify({ ...request, chunkSize })}`)
    assert.equal(await get(snapshot, key), state.get(key))
    const { reverse, limit } = request
    const [within, options] = [range(request.start, request.end), { reverse, limit, chunkSize }]
    const expected = scanState(state, request)
    assert.deepEqual(await scan(snapshot, within, options), expected)
    assert.deepEqual(await scanValues(snapshot, within, options), expected.map(withoutKey))
  }

  async #reopen(reopen: () => Promise<StorageProvider>): Promise<void> {
    this.#note('reopen')
    this.#transactions = []
    this.#snapshots = []
    this.#provider = await reopen()
  }

  #scanRequest(): ScanRequest {
    return {
      start: choose(this.#env, [undefined, ...KEYS]),
      end: choose(this.#env, [undefined, ...KEYS]),
      reverse: chance(this.#env, 0.5),
      limit: chance(this.#env, 0.5) ? Infinity : whole(this.#env, 5),
    }
  }

  #applied(writes: ReadonlyMap<string, string | undefined>, version: bigint): void {
    assert.ok(version > this.#lastVersion, `version ${version} after ${this.#lastVersion}`)
    this.#lastVersion = version
    this.#store.apply(writes)
  }

  #latest(): State {
    return this.#store.at(this.#store.latest)
  }

  #forget(open: OpenTransaction): void {
    this.#transactions = this.#transactions.filter((other) => other !== open)
  }

  #name(letter: string): string {
    return `${letter}${++this.#names}`
  }

  #note(step: string): void {
    this.#options.trace.push(step)
  }
}

const EVERYTHING: ScanRequest = { start: undefined, end: undefined, reverse: false, limit: Infinity }
