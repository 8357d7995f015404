import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import { tikvMethods } from '../rpc/methods.js'
import { FlagChanges } from '../txn/buffer/key-flags.js'
import { TransactionBuffer } from '../txn/buffer/transaction-buffer.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { FakeRows, FakeStores } from './fake-stores.fake.js'
import { MergedReader } from './merged-reader.js'
import { Snapshot } from './snapshot.js'

const { kvGet, kvBatchGet, kvScan, kvBufferBatchGet } = tikvMethods
const ALL = { start: utf8(''), end: utf8('') }

interface Bench {
  readonly stores: FakeStores
  readonly buffer: TransactionBuffer
  readonly reader: MergedReader
}

function bench(rows: string[], flushed = false): Bench {
  const stores = new FakeStores()
  const stored = new FakeRows()
  for (const name of rows) stored.put(utf8(name), utf8(`stored ${name}`))
  stored.serve(stores)
  const parts = {
    core: stores.core,
    resolver: new LockResolver(stores.core),
    safePoint: { checkVisible: () => undefined },
  }
  const buffer = new TransactionBuffer({ keyBytesMax: 9, entryBytesMax: 99, transactionBytesMax: 9999 })
  return { stores, buffer, reader: new MergedReader(buffer, new Snapshot(parts, 9n), { flushed }) }
}

const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : fromUtf8(value)

describe('merged reader', () => {
  it('reads own writes without asking, and asks for keys that only have flags', async () => {
    const { stores, buffer, reader } = bench(['a', 'b', 'c'])
    buffer.put(utf8('a'), utf8(''))
    buffer.delete(utf8('b'))
    buffer.updateFlags(utf8('c'), FlagChanges.lockedValueExists)
    assert.equal(text(await reader.get(utf8('a'))), '')
    assert.equal(await reader.get(utf8('b')), undefined)
    assert.deepEqual(stores.sent, [])
    assert.equal(text(await reader.get(utf8('c'))), 'stored c')
    assert.equal(stores.requests(kvGet).length, 1)
    const values = await reader.batchGet(['d', 'b', 'c', 'a'].map(utf8))
    assert.deepEqual(values.map(text), [undefined, undefined, 'stored c', ''])
    assert.deepEqual(
      stores.requests(kvBatchGet).map(({ keys }) => keys.map(text)),
      [['d']],
    )
  })

  it('shows a scan no writes made while it runs', async () => {
    const { buffer, reader } = bench(['a', 'c', 'e'])
    buffer.put(utf8('b'), utf8('own'))
    const seen: string[] = []
    for await (const chunk of reader.scan(ALL, { batchSize: 1 })) {
      seen.push(...chunk.map(({ key }) => fromUtf8(key)))
      buffer.put(utf8(`${seen.at(-1) ?? ''}+`), utf8('late'))
      buffer.delete(utf8('e'))
    }
    assert.deepEqual(seen, ['a', 'b', 'c', 'e'])
  })

  it('asks for as many rows more than its limit as own deletes may hide', async () => {
    const { stores, buffer, reader } = bench(['a', 'b', 'c', 'd', 'e'])
    buffer.delete(utf8('a'))
    buffer.delete(utf8('b'))
    const rows: string[] = []
    for await (const chunk of reader.scan(ALL, { limit: 2 }))
      rows.push(...chunk.map(({ key }) => fromUtf8(key)))
    assert.deepEqual(rows, ['c', 'd'])
    assert.deepEqual(
      stores.requests(kvScan).map(({ limit }) => limit),
      [4],
    )
  })

  it('leaves own values out of a scan of keys, and keeps own rows in chunks', async () => {
    const { buffer, reader } = bench([])
    for (const name of ['a', 'b', 'c']) buffer.put(utf8(name), utf8('own'))
    const chunks: string[][] = []
    for await (const chunk of reader.scan(ALL, { keysOnly: true, batchSize: 2 })) {
      chunks.push(chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
    }
    assert.deepEqual(chunks, [['a=', 'b='], ['c=']])
  })

  it('looks at what was flushed between own writes and the snapshot', async () => {
    const { stores, buffer, reader } = bench(['a', 'b', 'c', 'd'], true)
    buffer.put(utf8('a'), utf8('own'))
    stores.on(kvBufferBatchGet, () => ({
      pairs: [
        { key: utf8('b'), value: utf8('flushed'), error: undefined, commitTs: 0n },
        { key: utf8('c'), value: utf8(''), error: undefined, commitTs: 0n },
      ],
    }))
    const values = await reader.batchGet(['a', 'b', 'c', 'd'].map(utf8))
    assert.deepEqual(values.map(text), ['own', 'flushed', undefined, 'stored d'])
    assert.equal(text(await reader.get(utf8('b'))), 'flushed')
    assert.equal(await reader.get(utf8('c')), undefined)
    assert.deepEqual(
      stores.requests(kvBatchGet).map(({ keys }) => keys.map(text)),
      [['d']],
    )
  })
})
