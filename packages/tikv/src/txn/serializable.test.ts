import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, OrbitError } from '@orbit-ts/base'
import { CommitResponse, type CommitRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import type { KeyValue } from '../snapshot/snapshot-options.js'
import { bytes, code, put, text, TransactionFixture } from './transaction-fixture.fake.js'
import type { Transaction } from './transaction.js'
import type { TransactionIsolation } from './transaction-options.js'

const SERIALIZABLE = { isolation: 'serializable' } as const
const ALL = { start: new Uint8Array(), end: new Uint8Array() }

async function rows(
  scan: AsyncIterable<KeyValue[]>,
  max = Infinity,
): Promise<(readonly [string | undefined, string | undefined])[]> {
  const found: (readonly [string | undefined, string | undefined])[] = []
  for await (const page of scan) {
    found.push(...page.map(({ key, value }) => [text(key), text(value)] as const))
    if (found.length >= max) break
  }
  return found
}

/** Two transactions, begun at once, that each read both keys and then write one of them. */
async function writeSkew(fixture: TransactionFixture, isolation: TransactionIsolation): Promise<string[]> {
  const { txn } = fixture.client
  await fixture.write({ a: '1', b: '1' })
  const both = await fixture.run(Promise.all([txn.begin({ isolation }), txn.begin({ isolation })]))
  for (const transaction of both) {
    await fixture.run(transaction.batchGet([bytes('a'), bytes('b')]))
  }
  const [first, second] = both
  put(first, { a: '0' })
  put(second, { b: '0' })
  return fixture.run(() =>
    Promise.all(
      both.map(async (transaction) => {
        try {
          await transaction.commit()
          return 'committed'
        } catch (error) {
          return error instanceof OrbitError ? error.code : String(error)
        }
      }),
    ),
  )
}

describe('serializable transactions', () => {
  it('prevent write skew, which snapshot isolation allows', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b')] })
    assert.deepEqual(await writeSkew(fixture, 'snapshot'), ['committed', 'committed'])
    const outcomes = await writeSkew(fixture, 'serializable')
    assert.deepEqual(outcomes.sort(), ['TRANSACTION_CONFLICT', 'committed'])
    await fixture.run(fixture.client.settle())
    assert.deepEqual(fixture.locks, [])
  })

  it('commit after a conflict when they run again', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ n: '0' })
    const add = (): Promise<void> =>
      fixture.client.txn.run(
        async (transaction) => {
          const n = Number(text(await transaction.get(bytes('n'))))
          put(transaction, { [`log-${n}`]: 'x', n: String(n + 1) })
        },
        { ...SERIALIZABLE, attemptsMax: 100 },
      )
    await fixture.run(() => Promise.all(Array.from({ length: 8 }, add)))
    assert.equal(await fixture.read('n'), '8')
  })

  it('notice rows that appear in a range they scanned', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('row-5')] })
    await fixture.write({ 'row-1': 'x', 'row-9': 'x' })
    for (const reverse of [false, true]) {
      const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
      const range = { start: bytes('row-'), end: bytes('row.') }
      const before = await fixture.run(rows(transaction.scan(range, { reverse, keysOnly: true })))
      put(transaction, { count: String(before.length) })
      await fixture.write({ [`row-6-${reverse}`]: 'phantom' })
      await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    }
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('count'), undefined)
  })

  it('are not disturbed by what lies beyond the part of a range that they read', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '1', b: '2', c: '3', d: '4' })
    const limited = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    assert.equal((await fixture.run(rows(limited.scan(ALL, { limit: 2 })))).length, 2)
    const stopped = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    assert.equal((await fixture.run(rows(stopped.scanReverse(ALL, { batchSize: 1 }), 2))).length, 2)
    await fixture.write({ bb: 'between' })
    put(limited, { x: 'limited' })
    put(stopped, { y: 'stopped' })
    await fixture.run(limited.commit())
    await assert.rejects(fixture.run(stopped.commit()), code('TRANSACTION_CONFLICT'))
    assert.equal(await fixture.read('x'), 'limited')
  })

  it('may read what they write, and do not compare their own rows', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '1', c: '3' })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    put(transaction, { a: 'new', b: 'own' })
    transaction.delete(bytes('c'))
    assert.deepEqual(await fixture.run(rows(transaction.scan(ALL))), [
      ['a', 'new'],
      ['b', 'own'],
    ])
    assert.equal(text(await fixture.run(transaction.get(bytes('b')))), 'own')
    const { onePc, asyncCommit } = await fixture.run(transaction.commit())
    assert.deepEqual({ onePc, asyncCommit }, { onePc: false, asyncCommit: false })
    assert.equal(await fixture.read('a'), 'new')
    assert.equal(await fixture.read('c'), undefined)
  })

  it('that only read never conflict', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '1' })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    assert.equal(text(await fixture.run(transaction.get(bytes('a')))), '1')
    await fixture.write({ a: '2' })
    assert.equal((await fixture.run(transaction.commit())).commitTs, undefined)
  })

  it('give way to the lock of an older transaction on what they read', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '1' })
    const writer = await fixture.run(fixture.client.txn.begin({ onePc: false, asyncCommit: false }))
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    await fixture.run(transaction.get(bytes('a')))
    put(transaction, { b: '2' })
    put(writer, { a: 'writing' })
    const hang = fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 1000 })
    const writing = writer.commit()
    await fixture.pass(50)
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    hang.remove()
    await fixture.run(writing)
    assert.equal(await fixture.read('a'), 'writing')
  })

  it('move a younger transaction that has locked what they read behind their commit timestamp', async () => {
    await using fixture = await TransactionFixture.start()
    await fixture.write({ a: '1' })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    await fixture.run(transaction.get(bytes('a')))
    await fixture.run(rows(transaction.scan({ start: bytes('a'), end: bytes('b') })))
    put(transaction, { b: '2' })
    const writer = await fixture.run(fixture.client.txn.begin({ onePc: false, asyncCommit: false }))
    put(writer, { a: 'writing' })
    const hang = fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 1000 }, { times: 1 })
    const writing = writer.commit()
    await fixture.pass(50)
    const { commitTs = 0n } = await fixture.run(transaction.commit())
    hang.remove()
    const { commitTs: writerTs = 0n } = await fixture.run(writing)
    assert.ok(writerTs > commitTs)
    assert.equal(await fixture.read('a'), 'writing')
  })

  it('give way to a younger transaction whose commit they cannot move', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('b')] })
    await fixture.write({ a: '1' })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    await fixture.run(transaction.get(bytes('b')))
    put(transaction, { c: '2' })
    const writer = await fixture.run(fixture.client.txn.begin({ onePc: false, asyncCommit: false }))
    put(writer, { a: 'writing', b: 'writing' })
    // Its primary, `a`, is not there yet when the other key is locked.
    const hang = fixture.cluster.faults.add(
      { method: 'KvPrewrite', where: hasKey('a') },
      { kind: 'delay', ms: 1000 },
    )
    const writing = writer.commit()
    await fixture.pass(50)
    await assert.rejects(fixture.run(transaction.commit()), code('TRANSACTION_CONFLICT'))
    hang.remove()
    await fixture.run(writing)
    assert.equal(await fixture.read('b'), 'writing')
  })

  it('force writers behind their commit timestamp between the check and the commit', async () => {
    for (const writer of [
      { onePc: true },
      { asyncCommit: true, onePc: false },
      { asyncCommit: false, onePc: false },
    ]) {
      await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
      await fixture.write({ a: '1' })
      const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
      await fixture.run(transaction.get(bytes('a')))
      put(transaction, { z: '2' })
      fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 500 }, { times: 1 })
      const committing = transaction.commit()
      await fixture.pass(100)
      assert.equal(fixture.requests(tikvMethods.kvCommit).length > 0, true)
      const late = await fixture.run(fixture.client.txn.begin({ ...writer, causalConsistency: true }))
      put(late, { a: 'late' })
      const { commitTs: lateTs = 0n } = await fixture.run(late.commit())
      const { commitTs = 0n } = await fixture.run(committing)
      assert.ok(lateTs > commitTs)
    }
  })

  it('check again when a reader moves their commit', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    await fixture.write({ a: '1' })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    await fixture.run(transaction.get(bytes('a')))
    put(transaction, { z: '2' })
    fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 500 }, { times: 1 })
    fixture.cluster.faults.add(
      { method: 'KvCommit' },
      {
        kind: 'answer',
        response: ({ request }) => {
          // The only method that the filter lets through.
          const { startVersion, commitVersion, keys } = request as CommitRequest
          const [key = new Uint8Array()] = keys
          const facts = {
            startTs: startVersion,
            attemptedCommitTs: commitVersion,
            minCommitTs: commitVersion + 1n,
            key,
          }
          return CommitResponse.fromPartial({ error: { commitTsExpired: facts } })
        },
      },
      { times: 1 },
    )
    const committing = transaction.commit()
    const refused = assert.rejects(committing, code('TRANSACTION_CONFLICT'))
    await fixture.pass(100)
    await fixture.run(fixture.client.txn.run(async (other) => put(other, { a: 'changed' })))
    await fixture.run(refused)
    await fixture.run(fixture.client.settle())
    assert.equal(await fixture.read('z'), undefined)
    assert.deepEqual(fixture.locks, [])
  })

  it('remember only so much', async () => {
    await using fixture = await TransactionFixture.start()
    const transaction = await fixture.run(
      fixture.client.txn.begin({ ...SERIALIZABLE, readSetBytesMax: 1000 }),
    )
    const keys = Array.from({ length: 20 }, (_, at) => bytes(`key-${at}`))
    await assert.rejects(fixture.run(transaction.batchGet(keys)), code('TRANSACTION_TOO_LARGE'))
    await fixture.run(transaction.rollback())
  })

  it('count the absence of a key that was inserted and deleted as read', async () => {
    await using fixture = await TransactionFixture.start({ splitKeys: [bytes('m')] })
    const transaction = await fixture.run(fixture.client.txn.begin(SERIALIZABLE))
    transaction.insert(bytes('a'), bytes('1'))
    transaction.delete(bytes('a'))
    put(transaction, { z: '1' })
    const hang = fixture.cluster.faults.add(
      { method: 'KvPrewrite', where: hasKey('z') },
      { kind: 'delay', ms: 500 },
    )
    const committing = transaction.commit()
    const refused = assert.rejects(committing, code('TRANSACTION_CONFLICT'))
    await fixture.pass(100)
    hang.remove()
    await fixture.run(fixture.client.txn.run(async (other) => put(other, { a: 'appeared' })))
    await fixture.run(refused)
  })

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`run as if one after the other (seed ${seed})`, () => checkHistory(seed))
  }
})

function hasKey(key: string): (call: { readonly request: unknown }) => boolean {
  return ({ request }) => {
    const mutations: unknown =
      typeof request === 'object' && request !== null && 'mutations' in request ? request.mutations : []
    return Array.isArray(mutations) && mutations.some((one: { key: Uint8Array }) => text(one.key) === key)
  }
}

interface Done {
  /** Where it stands in the order. */
  readonly ts: bigint
  readonly reads: readonly (readonly [string, string | undefined])[]
  readonly scans: readonly (readonly (readonly [string | undefined, string | undefined])[])[]
  readonly writes: ReadonlyMap<string, string | undefined>
}

/** Random transactions at once; then the same ones, replayed in the order of their timestamps, must read the same. */
async function checkHistory(seed: number): Promise<void> {
  await using fixture = await TransactionFixture.start({ seed, splitKeys: [bytes('k2'), bytes('k4')] })
  fixture.cluster.faults.add({ method: 'KvCommit' }, { kind: 'delay', ms: 3 })
  const { random } = fixture.env
  const pick = (count: number): number => Math.floor(random.float() * count)
  const done: Done[] = []
  let number = 0
  const runOne = async (): Promise<void> => {
    const mode = pick(3) === 0 ? 'pessimistic' : 'optimistic'
    await using transaction = await fixture.client.txn.begin({ ...SERIALIZABLE, mode, lockWait: 50 })
    const reads: [string, string | undefined][] = []
    const scans: (readonly [string | undefined, string | undefined])[][] = []
    const writes = new Map<string, string | undefined>()
    for (let step = 0; step < 4; step++) {
      const key = `k${pick(6)}`
      await delay(fixture.env, pick(4))
      switch (pick(4)) {
        case 0:
          if (writes.size === 0)
            scans.push(await rows(transaction.scan({ start: bytes('k1'), end: bytes('k5') })))
          break
        case 1:
          if (!writes.has(key))
            reads.push([key, text(await readOne(transaction, key, mode === 'pessimistic'))])
          break
        case 2:
          writes.set(key, `v${number++}`)
          break
        default:
          writes.set(key, pick(3) === 0 ? undefined : `v${number++}`)
      }
    }
    for (const [key, value] of writes) {
      if (value === undefined) transaction.delete(bytes(key))
      else transaction.put(bytes(key), bytes(value))
    }
    const { commitTs, startTs } = await transaction.commit()
    done.push({ ts: commitTs ?? startTs, reads, scans, writes })
  }
  let conflicts = 0
  const worker = async (): Promise<void> => {
    for (let at = 0; at < 12; at++) {
      try {
        await runOne()
      } catch (error) {
        assert.ok(error instanceof OrbitError && error.retry === 'safe', String(error))
        conflicts += 1
      }
    }
  }
  await fixture.run(() => Promise.all(Array.from({ length: 6 }, worker)))
  assert.ok(done.length > 10 && conflicts > 0, `${done.length} committed, ${conflicts} conflicts`)
  replay(done)
}

function readOne(transaction: Transaction, key: string, lock: boolean): Promise<Uint8Array | undefined> {
  return lock ? transaction.getForUpdate(bytes(key)) : transaction.get(bytes(key))
}

function replay(done: readonly Done[]): void {
  const model = new Map<string, string>()
  const inOrder = [...done].sort((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0))
  for (const { ts, reads, scans, writes } of inOrder) {
    for (const [key, value] of reads) assert.equal(value, model.get(key), `${key} at ${ts}`)
    const inRange = [...model].filter(([key]) => key >= 'k1' && key < 'k5').sort()
    for (const scan of scans) assert.deepEqual(scan, inRange, `scan at ${ts}`)
    for (const [key, value] of writes) {
      if (value === undefined) model.delete(key)
      else model.set(key, value)
    }
  }
}
