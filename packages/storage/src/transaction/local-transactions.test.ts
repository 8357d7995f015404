import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError, TestEnv, hasCode, type ErrorCode } from '@orbit-ts/base'
import type { KeyRange, Reader, ScanOptions, Transaction } from '../provider.js'
import { GatedEngine } from './gated-engine.fake.js'
import { LocalTransactions, type LocalTransactionsOptions } from './local-transactions.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)

async function setUp(
  options: LocalTransactionsOptions = {},
): Promise<{ engine: GatedEngine; store: LocalTransactions; env: TestEnv }> {
  const engine = new GatedEngine()
  const env = new TestEnv()
  return { engine, env, store: await LocalTransactions.open(engine, { env, ...options }) }
}

async function read(reader: Reader, key: string): Promise<string | undefined> {
  const value = await reader.get(bytes(key))
  return value === undefined ? undefined : Buffer.from(value).toString()
}

async function contents(reader: Reader): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of reader.scan({})) {
    for (const { key, value } of chunk)
      found.push(`${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`)
  }
  return found
}

async function put(store: LocalTransactions, entries: Record<string, string>): Promise<void> {
  await store.write(
    Object.entries(entries).map(([key, value]) => ({ type: 'put', key: bytes(key), value: bytes(value) })),
  )
}

function rejectsWith(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  return assert.rejects(work, (error) => hasCode(error, code))
}

test('a snapshot that opens while a group is written sees none of it, even after the engine has it', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1', b: '1' })
  // An open snapshot makes the group keep history, so new snapshots need not wait for it.
  const earlier = await store.snapshot()
  engine.gated = true
  const writing = put(store, { a: '2', b: '2' })
  await engine.writeArrived()
  const during = await store.snapshot()
  assert.equal(await read(during, 'a'), '1')
  engine.release()
  await writing
  assert.deepEqual(await contents(during), ['a=1', 'b=1'])
  assert.deepEqual(await contents(earlier), ['a=1', 'b=1'])
  const after = await store.snapshot()
  assert.deepEqual(await contents(after), ['a=2', 'b=2'])
})

test('the history of a group that is being written survives the close of the last older snapshot', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1' })
  const earlier = await store.snapshot()
  engine.gated = true
  const writing = put(store, { a: '2' })
  await engine.writeArrived()
  await earlier.close()
  const during = await store.snapshot()
  engine.release()
  await writing
  assert.equal(await read(during, 'a'), '1')
  await during.close()
  assert.equal(store.metrics().historyBytes, 0)
})

test('without open snapshots a group keeps no history, and a reader waits until it is written', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1' })
  engine.gated = true
  const writing = put(store, { a: '2' })
  await engine.writeArrived()
  const reading = store.begin().then((tx) => read(tx, 'a'))
  engine.release()
  assert.equal(await reading, '2')
  await writing
  assert.equal(store.metrics().historyBytes, 0)
})

test('commits that arrive during a write are written together as one group', async () => {
  const { engine, store } = await setUp()
  engine.gated = true
  const first = put(store, { a: '1' })
  await engine.writeArrived()
  const rest = ['b', 'c', 'd'].map((key) => put(store, { [key]: '1' }))
  engine.release()
  await first
  await engine.writeArrived()
  engine.release()
  await Promise.all(rest)
  assert.deepEqual(
    engine.writes.map((write) => write.keys.filter((key) => key.length === 1)),
    [['a'], ['b', 'c', 'd']],
  )
  assert.equal(store.metrics().commitGroups, 2)
})

test('a group is synced when one of its members asks for it', async () => {
  const { engine, store } = await setUp({ durability: 'os' })
  engine.gated = true
  const first = put(store, { a: '1' })
  await engine.writeArrived()
  const lazy = put(store, { b: '1' })
  const careful = store.write([{ type: 'put', key: bytes('c'), value: bytes('1') }], { durability: 'sync' })
  engine.release()
  await engine.writeArrived()
  engine.release()
  await Promise.all([first, lazy, careful])
  assert.deepEqual(
    engine.writes.map((write) => write.sync),
    [false, true],
  )
})

test('members of one group conflict with one another', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1' })
  const [one, two] = [await store.begin(), await store.begin()]
  await Promise.all([read(one, 'a'), read(two, 'a')])
  one.put(bytes('a'), bytes('one'))
  two.put(bytes('a'), bytes('two'))
  const outcomes = await Promise.allSettled([one.commit(), two.commit()])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected'],
  )
  assert.equal(engine.writes.length, 2)
})

test('an engine failure leaves the commit undetermined and closes the store', async () => {
  const { engine, store } = await setUp()
  engine.nextFailure = new Error('disk on fire')
  const tx = await store.begin()
  tx.put(bytes('a'), bytes('1'))
  await assert.rejects(tx.commit(), (error) => {
    assert.ok(error instanceof OrbitError)
    assert.equal(error.code, 'COMMIT_UNDETERMINED')
    assert.equal(error.retry, 'undetermined')
    return true
  })
  await rejectsWith(store.begin(), 'STORAGE_CLOSED')
  assert.equal((await store.health()).status, 'unhealthy')
})

test('a group that the engine refuses as a whole is tried member by member', async () => {
  const { engine, store } = await setUp()
  engine.gated = true
  const first = put(store, { a: '1' })
  await engine.writeArrived()
  const rest = [put(store, { b: '1' }), put(store, { c: '1' })]
  engine.release()
  await engine.writeArrived()
  engine.gated = false
  engine.nextFailure = new OrbitError('STORAGE_FULL', 'no room')
  engine.release()
  await Promise.all([first, ...rest])
  assert.deepEqual(await contents(await store.snapshot()), ['a=1', 'b=1', 'c=1'])
})

test('a refused commit leaves no trace in what running snapshots see', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1' })
  const snapshot = await store.snapshot()
  engine.nextFailure = new OrbitError('STORAGE_FULL', 'no room')
  await rejectsWith(put(store, { a: '2' }), 'STORAGE_FULL')
  assert.equal(await read(snapshot, 'a'), '1')
  assert.equal(store.metrics().historyBytes, 0)
  await put(store, { a: '3' })
  assert.equal(await read(snapshot, 'a'), '1')
})

test('a snapshot whose versions were dropped fails instead of reading later values', async () => {
  const { store } = await setUp({ historySizeMaxBytes: 1000 })
  await put(store, { a: '1' })
  const old = await store.snapshot()
  for (let i = 0; i < 20; i++) await put(store, { a: String(i) })
  await rejectsWith(read(old, 'a'), 'SNAPSHOT_TOO_OLD')
  await rejectsWith(contents(old), 'SNAPSHOT_TOO_OLD')
  assert.ok(store.metrics().historyBytes <= 1000)
  assert.equal(await read(await store.snapshot(), 'a'), '19')
})

test('asynchronous reads of an engine are corrected by what was committed while they ran', async () => {
  const { engine, store } = await setUp()
  engine.asyncReads = true
  await put(store, { a: '1', b: '1' })
  const snapshot = await store.snapshot()
  const reading = Promise.all([read(snapshot, 'a'), snapshot.getMany([bytes('a'), bytes('b')])])
  await put(store, { a: '2', b: '2' })
  const [one, many] = await reading
  assert.equal(one, '1')
  assert.deepEqual(
    many.map((value) => Buffer.from(value ?? []).toString()),
    ['1', '1'],
  )
})

for (const order of ['sharer first', 'writer first'] as const) {
  test(`a shared lock and a write of the same key cannot both commit: ${order}`, async () => {
    const { store } = await setUp()
    await put(store, { parent: '1' })
    const sharer = await store.begin()
    const writer = await store.begin()
    await read(sharer, 'parent')
    await read(writer, 'parent')
    await sharer.lock([bytes('parent')], { mode: 'shared' })
    sharer.put(bytes('child'), bytes('1'))
    writer.delete(bytes('parent'))
    const [first, second] = order === 'sharer first' ? [sharer, writer] : [writer, sharer]
    await first.commit()
    await rejectsWith(second.commit(), 'TRANSACTION_CONFLICT')
  })
}

test('a shared lock and a write of the same key in one group cannot both commit', async () => {
  const { store } = await setUp()
  await put(store, { parent: '1' })
  const sharer = await store.begin()
  const writer = await store.begin()
  await Promise.all([read(sharer, 'parent'), read(writer, 'parent')])
  await sharer.lock([bytes('parent')], { mode: 'shared' })
  sharer.put(bytes('child'), bytes('1'))
  writer.delete(bytes('parent'))
  const outcomes = await Promise.allSettled([sharer.commit(), writer.commit()])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected'],
  )
})

test('any number of transactions share a key and commit', async () => {
  const { store } = await setUp()
  await put(store, { parent: '1' })
  const sharers: Transaction[] = []
  for (let i = 0; i < 5; i++) {
    const tx = await store.begin()
    await read(tx, 'parent')
    await tx.lock([bytes('parent')], { mode: 'shared' })
    tx.put(bytes(`child ${i}`), bytes('1'))
    sharers.push(tx)
  }
  await Promise.all(sharers.map((tx) => tx.commit()))
  assert.equal((await contents(await store.snapshot())).length, 6)
})

test('a sharer waits at commit for an exclusive holder and conflicts with what that wrote', async () => {
  const { store } = await setUp()
  await put(store, { parent: '1' })
  const sharer = await store.begin()
  await sharer.lock([bytes('parent')], { mode: 'shared' })
  sharer.put(bytes('child'), bytes('1'))
  const owner = await store.begin()
  await owner.lock([bytes('parent')])
  const committing = sharer.commit()
  owner.put(bytes('parent'), bytes('2'))
  await owner.commit()
  await rejectsWith(committing, 'TRANSACTION_CONFLICT')
})

test('versions continue after the store was opened again', async () => {
  const { engine, store } = await setUp()
  await put(store, { a: '1' })
  const { version } = await store.write([{ type: 'put', key: bytes('a'), value: bytes('2') }])
  assert.equal(version, 2n)
  const again = await LocalTransactions.open(engine)
  assert.equal((await again.write([{ type: 'delete', key: bytes('a') }])).version, 3n)
  assert.deepEqual(await contents(await again.snapshot()), [])
})

test('the key that holds the version is hidden and reserved', async () => {
  const { store } = await setUp()
  await put(store, { a: '1' })
  const snapshot = await store.snapshot()
  assert.deepEqual(await contents(snapshot), ['a=1'])
  const reserved = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.from('orbit.version')])
  await rejectsWith(snapshot.get(reserved), 'INVALID_ARGUMENT')
  await rejectsWith(store.write([{ type: 'delete', key: reserved }]), 'INVALID_ARGUMENT')
})

test('close waits for the commit under way and rolls the rest back', async () => {
  const { engine, store } = await setUp()
  engine.gated = true
  const idle = await store.begin()
  const writing = put(store, { a: '1' })
  await engine.writeArrived()
  const closing = store.close()
  assert.equal(engine.closed, false)
  engine.release()
  await writing
  await closing
  assert.equal(engine.closed, true)
  await rejectsWith(idle.get(bytes('a')), 'STORAGE_CLOSED')
  await rejectsWith(store.begin(), 'STORAGE_CLOSED')
})

test('who was refused because of a member of its own group is tried again when the engine refuses the group', async () => {
  const { engine, store } = await setUp()
  engine.gated = true
  const first = put(store, { z: '1' })
  await engine.writeArrived()
  const [one, two] = [await store.begin(), await store.begin()]
  one.put(bytes('a'), bytes('one'))
  one.put(bytes('b'), bytes('one'))
  two.insert(bytes('a'), bytes('two'))
  const commits = Promise.allSettled([one.commit(), two.commit()])
  engine.release()
  await engine.writeArrived()
  engine.nextFailure = new OrbitError('STORAGE_FULL', 'no room')
  engine.release()
  await engine.writeArrived()
  engine.nextFailure = new OrbitError('STORAGE_FULL', 'no room')
  engine.gated = false
  engine.release()
  await first
  assert.deepEqual(
    (await commits).map(({ status }) => status),
    ['rejected', 'fulfilled'],
  )
  assert.deepEqual(await contents(await store.snapshot()), ['a=two', 'z=1'])
})

test('a read that fails before the write aborts the commit; the store goes on', async () => {
  const { engine, store } = await setUp()
  engine.nextReadFailure = new OrbitError('STORAGE_IO', 'a block could not be read')
  const tx = await store.begin()
  tx.insert(bytes('a'), bytes('1'))
  await rejectsWith(tx.commit(), 'STORAGE_IO')
  assert.equal(tx.status, 'rolled-back')
  await put(store, { a: '2' })
  assert.deepEqual(await contents(await store.snapshot()), ['a=2'])
})

test('a commit without a known outcome is neither committed nor rolled back', async () => {
  const { engine, store } = await setUp()
  engine.nextFailure = new Error('disk on fire')
  const tx = await store.begin()
  tx.put(bytes('a'), bytes('1'))
  await rejectsWith(tx.commit(), 'COMMIT_UNDETERMINED')
  assert.equal(tx.status, 'undetermined')
  assert.equal(store.metrics().transactionsRolledBack, 0)
})

test('work that has committed by itself is not run again when it fails afterwards', async () => {
  const { store } = await setUp()
  let runs = 0
  const work = store.transact(async (tx) => {
    runs++
    tx.put(bytes('a'), bytes(String(runs)))
    await tx.commit()
    throw new OrbitError('TRANSACTION_CONFLICT', 'of something else')
  })
  await rejectsWith(work, 'TRANSACTION_CONFLICT')
  assert.equal(runs, 1)
})

test('a lock that fails because a key has changed holds none of its keys', async () => {
  const { store } = await setUp()
  await put(store, { a: '1', b: '1' })
  const tx = await store.begin()
  await read(tx, 'a')
  await put(store, { b: '2' })
  await rejectsWith(tx.lock([bytes('a'), bytes('b')]), 'TRANSACTION_CONFLICT')
  const other = await store.begin()
  await other.lock([bytes('a'), bytes('b')], { wait: 'nowait' })
})

test('a second call of a transaction for a key that it waits for already is no deadlock', async () => {
  const { store } = await setUp()
  const [owner, one, two] = [await store.begin(), await store.begin(), await store.begin()]
  await owner.lock([bytes('a')])
  const waits = [one.lock([bytes('a')]), two.lock([bytes('a')]), one.lock([bytes('a')])]
  await owner.rollback()
  await waits[0]
  await waits[2]
  await one.rollback()
  await waits[1]
  assert.equal(store.metrics().deadlocks, 0)
})

for (const [name, work] of [
  ['transactions that write', (store) => store.transact(async (tx) => tx.put(bytes('a'), bytes('1')))],
  ['transactions that read', (store) => store.transact((tx) => tx.get(bytes('a')))],
  ['blind writes', (store) => put(store, { a: '1' })],
  ['snapshots', async (store) => (await store.snapshot()).close()],
] as const satisfies [string, (store: LocalTransactions) => Promise<unknown>][]) {
  test(`a loop of ${name} lets timers and sockets have their turn`, async () => {
    const { store, env } = await setUp()
    const turn = { came: false }
    void env.timers.nextTurn().then(() => (turn.came = true))
    for (let i = 0; !turn.came && i < 10_000; i++) await work(store)
    assert.equal(turn.came, true)
    await store.close()
  })
}

for (const [name, work] of [
  ['gets', (reader: Reader) => reader.get(bytes('a'))],
  ['getManys', (reader: Reader) => reader.getMany([bytes('a'), bytes('b')])],
  ['scans', contents],
] as const) {
  for (const kind of ['transaction', 'snapshot'] as const) {
    test(`a loop of ${name} in one ${kind} lets timers and sockets have their turn`, async () => {
      const { store, env } = await setUp()
      await put(store, { a: '1' })
      const reader = kind === 'transaction' ? await store.begin() : await store.snapshot()
      const turn = { came: false }
      void env.timers.nextTurn().then(() => (turn.came = true))
      for (let i = 0; !turn.came && i < 10_000; i++) await work(reader)
      assert.equal(turn.came, true)
      await store.close()
    })
  }
}

const NUMBERS = ['k00', 'k01', 'k02', 'k03', 'k04', 'k05']
const IN_RANGE = { start: bytes('k'), end: bytes('l') }

/** Six keys whose values are their own, in an engine that reads values alone. */
async function setUpValues(): Promise<Awaited<ReturnType<typeof setUp>>> {
  const parts = await setUp()
  parts.engine.hasValueCursors = true
  await put(parts.store, Object.fromEntries(NUMBERS.map((key) => [key, key])))
  return parts
}

async function valuesOf(
  reader: Reader,
  options: ScanOptions = {},
  range: KeyRange = IN_RANGE,
): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of reader.scan(range, { ...options, valuesOnly: true })) {
    for (const { key, value } of chunk) {
      assert.equal(key.byteLength, 0)
      found.push(Buffer.from(value).toString())
    }
  }
  return found
}

test('values are read without keys unless something has to be laid over them', async () => {
  const { engine, store } = await setUpValues()
  const opened = async (work: () => Promise<string[]>): Promise<[string[], number]> => {
    const before = engine.valueCursors
    return [await work(), engine.valueCursors - before]
  }
  await using tx = await store.begin()
  assert.deepEqual(await opened(() => valuesOf(tx)), [NUMBERS, 1])
  assert.deepEqual(await opened(() => valuesOf(tx, { chunkSize: 4 })), [NUMBERS, 1])
  // The version key lies above everything.
  assert.deepEqual(await opened(() => valuesOf(tx, {}, {})), [NUMBERS, 0])
  tx.put(bytes('a'), bytes('outside'))
  assert.deepEqual(await opened(() => valuesOf(tx)), [NUMBERS, 1])
  tx.delete(bytes('k03'))
  assert.deepEqual(await opened(() => valuesOf(tx)), [['k00', 'k01', 'k02', 'k04', 'k05'], 0])
  await using serializable = await store.begin({ isolation: 'serializable' })
  assert.deepEqual(await opened(() => valuesOf(serializable)), [NUMBERS, 0])
  await using old = await store.snapshot()
  await put(store, { k01: 'new', z: 'outside' })
  assert.deepEqual(await opened(() => valuesOf(old)), [NUMBERS, 0])
  const elsewhere = { start: bytes('k02'), end: bytes('l') }
  assert.deepEqual(await opened(() => valuesOf(old, {}, elsewhere)), [NUMBERS.slice(2), 1])
  await using latest = await store.snapshot()
  assert.deepEqual(await opened(() => valuesOf(latest)), [['k00', 'new', 'k02', 'k03', 'k04', 'k05'], 1])
})

test('values are not read without keys in place of versions that were dropped', async () => {
  const { engine, store } = await setUp({ historySizeMaxBytes: 1000 })
  engine.hasValueCursors = true
  await put(store, { k: '1', k2: '1' })
  const old = await store.snapshot()
  const scan = old.scan(IN_RANGE, { chunkSize: 1, valuesOnly: true })[Symbol.asyncIterator]()
  assert.equal((await scan.next()).done, false)
  for (let i = 0; i < 20; i++) await put(store, { k: String(i) })
  await assert.rejects(
    () => scan.next(),
    (error) => hasCode(error, 'SNAPSHOT_TOO_OLD'),
  )
  await rejectsWith(valuesOf(old), 'SNAPSHOT_TOO_OLD')
  assert.deepEqual(await valuesOf(await store.snapshot()), ['19', '1'])
})

test('values that a commit may have changed while the first of them were read are read again with keys', async () => {
  const { engine, store } = await setUpValues()
  await using snapshot = await store.snapshot()
  for (const reverse of [false, true]) {
    // The walk is of a state that the commit is in: the engine reads it after the write.
    let steps = 0
    engine.beforeStep = async () => {
      if (steps++ === 0) await put(store, { k02: `later ${reverse}` })
    }
    const lazy = engine.cursor.bind(engine)
    engine.cursor = (range, options) => {
      let inner: ReturnType<typeof lazy> | undefined
      return {
        next: (count) => (inner ??= lazy(range, options)).next(count),
        close: () => inner?.close(),
      }
    }
    const before = engine.valueCursors
    await using now = await store.snapshot()
    const expected = reverse
      ? NUMBERS.toReversed().map((key) => (key === 'k02' ? 'later false' : key))
      : NUMBERS
    assert.deepEqual(await valuesOf(now, { reverse, chunkSize: 2 }), expected)
    assert.deepEqual([engine.valueCursors - before, steps], [1, 1])
    engine.cursor = lazy
    engine.beforeStep = undefined
    assert.deepEqual(await valuesOf(snapshot, { reverse }), reverse ? NUMBERS.toReversed() : NUMBERS)
  }
})

test('commits between the chunks of a scan without keys do not show', async () => {
  const { engine, store } = await setUpValues()
  await using tx = await store.begin()
  const seen: string[] = []
  for await (const chunk of tx.scan(IN_RANGE, { chunkSize: 1, valuesOnly: true })) {
    seen.push(...chunk.map(({ value }) => Buffer.from(value).toString()))
    await put(store, { k00: `${seen.length}`, k05: `${seen.length}`, k031: `${seen.length}` })
  }
  assert.deepEqual([seen, engine.valueCursors], [NUMBERS, 1])
})
