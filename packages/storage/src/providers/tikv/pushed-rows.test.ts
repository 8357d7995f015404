import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLogger, systemEnv } from '@orbit-ts/base'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { relationalKeys } from '../../keys/relational-keys.js'
import type { Transaction } from '../../provider.js'
import type { PushedPlan } from '../../pushdown/pushdown.js'
import { openTikvProvider } from './open-tikv-provider.js'
import type { TikvProvider } from './tikv-provider.js'

const TABLE = 7
const ROWS = relationalKeys.rows(TABLE)
const OPTIONS = { isOrdered: true, isReverse: false }
/** A row of TiDB's format v2 without any column but the one in its key. */
const EMPTY_ROW = Uint8Array.of(128, 0, 0, 0, 0, 0)

const IDS: PushedPlan = {
  source: { kind: 'table', tableId: TABLE, columns: [{ id: 1, type: { kind: 'int' }, isHandle: true }] },
  conditions: [],
}

async function withProvider(
  work: (provider: TikvProvider) => Promise<void>,
  namespace?: string,
): Promise<void> {
  const cluster = await TestCluster.start()
  const provider = await openTikvProvider(
    { pdEndpoints: [...cluster.pdEndpoints], ...(namespace !== undefined && { namespace }) },
    {
      env: systemEnv,
      transactions: { transactionTimeoutMs: 30_000, lockWaitMs: 1_000 },
      runtime: {
        logger: silentLogger,
        ...(cluster.transport === undefined ? {} : { transport: cluster.transport }),
      },
    },
  )
  try {
    for (const at of [3, 6]) cluster.splitAt(relationalKeys.row(TABLE, at))
    await provider.write(
      [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({
        type: 'put',
        key: relationalKeys.row(TABLE, id),
        value: EMPTY_ROW,
      })),
    )
    await work(provider)
  } finally {
    await provider.close()
    await cluster.close()
  }
}

/** The rows, or why there are none. */
async function scanned(
  { pushdown }: Transaction,
  plan: PushedPlan = IDS,
  options = OPTIONS,
): Promise<unknown> {
  const rows = pushdown?.scan(plan, [ROWS], options)
  if (rows === undefined || 'refused' in rows) return rows?.refused
  const all: unknown[] = []
  for await (const batch of rows) {
    assert.ok(batch.length > 0)
    all.push(...batch.map((row) => (row.length === 1 ? row[0] : row)))
  }
  return all
}

describe('what a transaction on TiKV hands down', () => {
  it('gives rows of all regions in order, forward and backward, at its snapshot', () =>
    withProvider(async (provider) => {
      await using tx = await provider.begin()
      assert.deepEqual(await scanned(tx), [1, 2, 3, 4, 5, 6, 7, 8])
      await provider.write([{ type: 'delete', key: relationalKeys.row(TABLE, 4) }])
      const atLeastTwo: PushedPlan = {
        ...IDS,
        conditions: [
          {
            kind: 'compare',
            op: 'ge',
            left: { kind: 'column', offset: 0 },
            right: { kind: 'constant', type: { kind: 'int' }, value: 2 },
          },
        ],
      }
      assert.deepEqual(await scanned(tx, atLeastTwo, { ...OPTIONS, isReverse: true }), [8, 7, 6, 5, 4, 3, 2])
      await using present = await provider.begin()
      assert.deepEqual(await scanned(present), [1, 2, 3, 5, 6, 7, 8])
    }))

  it('gives partial results for each region', () =>
    withProvider(async (provider) => {
      await using tx = await provider.begin()
      const counted: PushedPlan = { ...IDS, aggregate: { functions: [{ kind: 'count' }], groupBy: [] } }
      assert.deepEqual(await scanned(tx, counted), [2, 3, 3])
    }))

  it('is refused over own writes, as long as they are there', () =>
    withProvider(async (provider) => {
      await using tx = await provider.begin()
      const savepoint = tx.savepoint()
      tx.put(relationalKeys.row(TABLE + 1, 1), EMPTY_ROW)
      assert.deepEqual(await scanned(tx), [1, 2, 3, 4, 5, 6, 7, 8])
      tx.delete(relationalKeys.row(TABLE, 4))
      assert.equal(await scanned(tx), 'this transaction has changed rows that are read')
      tx.rollbackTo(savepoint)
      assert.deepEqual(await scanned(tx), [1, 2, 3, 4, 5, 6, 7, 8])
    }))

  it('is of the statement under read-committed, and is refused by a serializable transaction', () =>
    withProvider(async (provider) => {
      await using tx = await provider.begin({ isolation: 'read-committed' })
      await tx.refresh()
      assert.deepEqual(await scanned(tx), [1, 2, 3, 4, 5, 6, 7, 8])
      await provider.write([{ type: 'delete', key: relationalKeys.row(TABLE, 1) }])
      assert.deepEqual(await scanned(tx), [1, 2, 3, 4, 5, 6, 7, 8])
      await tx.refresh()
      assert.deepEqual(await scanned(tx), [2, 3, 4, 5, 6, 7, 8])
      await using serializable = await provider.begin({ isolation: 'serializable' })
      assert.match(String(await scanned(serializable)), /serializable/)
    }))

  it('is counted, as are the reasons why it is not', () =>
    withProvider(async (provider) => {
      await using tx = await provider.begin()
      await scanned(tx)
      await scanned(tx, { ...IDS, aggregate: { functions: [{ kind: 'count' }], groupBy: [] } })
      await scanned(tx, { ...IDS, conditions: [{ kind: 'column', offset: 1 }] })
      tx.delete(relationalKeys.row(TABLE, 4))
      await scanned(tx)
      await scanned(tx)
      await using serializable = await provider.begin({ isolation: 'serializable' })
      await scanned(serializable)
      const facts = Object.entries(provider.metrics().engine).filter(([name]) => name.startsWith('push'))
      const { pushed_bytes: bytes, ...others } = Object.fromEntries(facts)
      assert.deepEqual(others, {
        pushed_scans: 2,
        pushed_rows: 11,
        push_refusals_serializable: 1,
        push_refusals_own_writes: 2,
        push_refusals_plan: 1,
        push_refusals_store: 0,
      })
      assert.ok(bytes !== undefined && bytes > 11)
    }))

  it('refuses a plan that makes no sense, and there is none behind a namespace', async () => {
    await withProvider(async (provider) => {
      assert.equal(provider.capabilities.pushdown, true)
      await using tx = await provider.begin()
      const strange: PushedPlan = { ...IDS, conditions: [{ kind: 'column', offset: 1 }] }
      assert.match(String(await scanned(tx, strange)), /column|offset/)
    })
    await withProvider(async (provider) => {
      assert.equal(provider.capabilities.pushdown, false)
      await using tx = await provider.begin()
      assert.equal(tx.pushdown, undefined)
    }, 'apart')
  })
})
