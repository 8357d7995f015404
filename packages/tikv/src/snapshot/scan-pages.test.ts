import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8, type TestEnv } from '@orbit-ts/base'
import fc from 'fast-check'
import { Action } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import { composeTimestamp } from '../timestamp.js'
import { FlagChanges } from '../txn/buffer/key-flags.js'
import { TransactionBuffer } from '../txn/buffer/transaction-buffer.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { FakeRows, FakeStores, lockInfo } from './fake-stores.fake.js'
import { mergedScan } from './merged-scan.js'
import { Snapshot } from './snapshot.js'
import type { KeyValue } from './snapshot-options.js'

const key = fc.stringMatching(/^[a-d]{1,3}$/)
const bound = fc.stringMatching(/^[a-e]{0,2}$/)
const keys = (maxLength: number) => fc.uniqueArray(key, { maxLength })

const scene = fc.record({
  rows: keys(25),
  /** Cuts known from the start, and cuts made before each request. */
  splits: keys(5),
  laterSplits: fc.array(key, { maxLength: 8 }),
  committedLocks: keys(4),
  deletingLocks: keys(4),
  rolledBackLocks: keys(4),
  start: bound,
  end: bound,
  limit: fc.option(fc.nat(20), { nil: undefined }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  ownPuts: keys(8),
  ownDeletes: keys(8),
  ownFlags: keys(4),
})
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never

interface Built {
  readonly env: TestEnv
  readonly snapshot: Snapshot
  readonly expected: Map<string, string>
}

function build(scene: Scene): Built {
  const stores = new FakeStores([...scene.splits].sort().map(utf8))
  const rows = new FakeRows()
  const expected = new Map<string, string>()
  const readTs = composeTimestamp(stores.env.clock.nowMs(), 0)
  rows.serve(stores)
  for (const name of scene.rows) {
    rows.put(utf8(name), utf8(name))
    expected.set(name, name)
  }
  const lock = (name: string, startTs: bigint, value: string | undefined): void =>
    rows.lock(
      lockInfo({ key: utf8(name), lockVersion: startTs, primaryLock: utf8('zz') }),
      value === undefined ? undefined : utf8(value),
    )
  const effects = new Map<string, () => void>()
  for (const name of scene.rolledBackLocks) effects.set(name, () => lock(name, 1n, 'never'))
  for (const name of scene.deletingLocks)
    effects.set(name, () => {
      lock(name, 2n, undefined)
      expected.delete(name)
    })
  for (const name of scene.committedLocks)
    effects.set(name, () => {
      lock(name, 3n, 'locked')
      expected.set(name, 'locked')
    })
  for (const apply of effects.values()) apply()
  const cuts = [...scene.laterSplits]
  stores.on(tikvMethods.kvResolveLock, () => ({}))
  stores.on(tikvMethods.kvCheckTxnStatus, ({ lockTs }) => {
    const cut = cuts.pop()
    if (cut !== undefined) stores.split(utf8(cut))
    return lockTs === 1n ? { action: Action.TTLExpireRollback } : { commitVersion: 10n }
  })
  const core = {
    ...stores.core,
    sender: {
      ...stores.core.sender,
      send: (...args: Parameters<typeof stores.core.sender.send>) => {
        const cut = cuts.pop()
        if (cut !== undefined) stores.split(utf8(cut))
        return stores.core.sender.send(...args)
      },
    } as typeof stores.core.sender,
  }
  const parts = { core, resolver: new LockResolver(core), safePoint: { checkVisible: () => undefined } }
  return { env: stores.env, snapshot: new Snapshot(parts, readTs), expected }
}

/** Lets virtual time pass until the work is done: where regions change often, and locks stay, readers wait a little. */
async function settled<T>(env: TestEnv, work: Promise<T>): Promise<T> {
  let pending = true
  const end = (): void => void (pending = false)
  void work.then(end, end)
  const isPending = (): boolean => pending
  while (isPending()) await env.advance(10)
  return work
}

async function read(chunks: AsyncIterable<KeyValue[]>): Promise<string[]> {
  const rows: string[] = []
  for await (const chunk of chunks) {
    assert.notEqual(chunk.length, 0)
    rows.push(...chunk.map(({ key: found, value }) => `${fromUtf8(found)}=${fromUtf8(value)}`))
  }
  return rows
}

function inRange(expected: Map<string, string>, { start, end, limit }: Scene, reverse: boolean): string[] {
  const rows = [...expected]
    .filter(([name]) => name >= start && (end === '' || name < end))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
  if (reverse) rows.reverse()
  return rows.slice(0, limit ?? rows.length)
}

describe('scan pages', () => {
  it('[S21] are the rows of the range in both directions, whatever regions, splits and locks there are', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const range = { start: utf8(given.start), end: utf8(given.end) }
        for (const reverse of [false, true]) {
          const { env, snapshot, expected } = build(given)
          const { limit, batchSize } = given
          assert.deepEqual(
            await settled(env, read(snapshot.scan(range, { reverse, limit, batchSize }))),
            inRange(expected, given, reverse),
          )
        }
      }),
      { numRuns: 300 },
    )
  })

  it('merge with the writes of a transaction, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(scene, async (given) => {
        const range = { start: utf8(given.start), end: utf8(given.end) }
        for (const reverse of [false, true]) {
          const { env, snapshot, expected } = build(given)
          const buffer = new TransactionBuffer({
            keyBytesMax: 9,
            entryBytesMax: 99,
            transactionBytesMax: 9999,
          })
          for (const name of given.ownPuts) {
            buffer.put(utf8(name), utf8('own'))
            expected.set(name, 'own')
          }
          for (const name of given.ownDeletes) {
            buffer.delete(utf8(name))
            expected.delete(name)
          }
          for (const name of given.ownFlags) buffer.updateFlags(utf8(name), FlagChanges.lockedValueMissing)
          const { limit, batchSize } = given
          assert.deepEqual(
            await settled(
              env,
              read(mergedScan(buffer.view(), snapshot, range, { reverse, limit, batchSize })),
            ),
            inRange(expected, given, reverse),
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})
