import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, utf8 } from '@orbit-ts/base'
import { tikvMethods } from '../rpc/methods.js'
import { TransactionBuffer } from '../txn/buffer/transaction-buffer.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { FakeRows, FakeStores } from './fake-stores.fake.js'
import { mergedScan } from './merged-scan.js'
import { Snapshot } from './snapshot.js'
import type { ScanOptions } from './snapshot-options.js'

const { kvScan } = tikvMethods
const ALL = { start: utf8(''), end: utf8('') }

interface Bench {
  readonly stores: FakeStores
  readonly buffer: TransactionBuffer
  readonly scan: (options: ScanOptions) => ReturnType<typeof mergedScan>
}

function bench(rows: string[]): Bench {
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
  const snapshot = new Snapshot(parts, 9n)
  return { stores, buffer, scan: (options) => mergedScan(buffer.view(), snapshot, ALL, options) }
}

describe('mergedScan', () => {
  it('shows a scan no writes made while it runs', async () => {
    const { buffer, scan } = bench(['a', 'c', 'e'])
    buffer.put(utf8('b'), utf8('own'))
    const seen: string[] = []
    for await (const chunk of scan({ batchSize: 1 })) {
      seen.push(...chunk.map(({ key }) => fromUtf8(key)))
      buffer.put(utf8(`${seen.at(-1) ?? ''}+`), utf8('late'))
      buffer.delete(utf8('e'))
    }
    assert.deepEqual(seen, ['a', 'b', 'c', 'e'])
  })

  it('asks for as many rows more than its limit as own deletes may hide', async () => {
    const { stores, buffer, scan } = bench(['a', 'b', 'c', 'd', 'e'])
    buffer.delete(utf8('a'))
    buffer.delete(utf8('b'))
    const rows: string[] = []
    for await (const chunk of scan({ limit: 2 })) rows.push(...chunk.map(({ key }) => fromUtf8(key)))
    assert.deepEqual(rows, ['c', 'd'])
    assert.deepEqual(
      stores.requests(kvScan).map(({ limit }) => limit),
      [4],
    )
  })

  it('leaves own values out of a scan of keys, and keeps own rows in chunks', async () => {
    const { buffer, scan } = bench([])
    for (const name of ['a', 'b', 'c']) buffer.put(utf8(name), utf8('own'))
    const chunks: string[][] = []
    for await (const chunk of scan({ keysOnly: true, batchSize: 2 })) {
      chunks.push(chunk.map(({ key, value }) => `${fromUtf8(key)}=${fromUtf8(value)}`))
    }
    assert.deepEqual(chunks, [['a=', 'b='], ['c=']])
  })
})
