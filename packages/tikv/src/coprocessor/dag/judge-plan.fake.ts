import assert from 'node:assert/strict'
import type { TiKVClient } from '../../client.js'
import type { DagRow, DagValue } from './dag-plan.js'
import { LocalPlan, nameOf, plain } from './local-plan.fake.js'
import { merged } from './merge-partials.fake.js'
import type { RandomPlan } from './random-plans.test.data.js'
import { pairsOf, type StoredTable } from './stored-table.fake.js'

export type StoredRows = readonly (readonly (DagValue | undefined)[])[]

export async function writeRows(client: TiKVClient, table: StoredTable, rows: StoredRows): Promise<void> {
  const transaction = await client.txn.begin()
  for (const row of rows) for (const { key, value } of pairsOf(table, row)) transaction.put(key, value)
  await transaction.commit()
}

/** Everything that the plan puts out now, in small pages. */
export async function runPlan(
  client: TiKVClient,
  { plan, ranges }: RandomPlan,
  ordered: boolean,
): Promise<DagRow[]> {
  const startTs = await client.txn.currentTimestamp()
  const found: DagRow[] = []
  const options = { ordered, paging: { minSize: 3, maxSize: 40 } }
  for await (const batch of client.coprocessor.dagScan(startTs, plan, ranges, options)) found.push(...batch)
  return found
}

const sorted = (rows: readonly DagRow[]): string[] => rows.map(nameOf).sort()

/** Unordered rows that are limited may be any of those that the plan keeps. */
export function judgePlan(
  random: RandomPlan,
  rows: StoredRows,
  found: readonly DagRow[],
  ordered: boolean,
): void {
  const { plan } = random
  const source = random.source(rows)
  const wanted = new LocalPlan(plan).run(source)
  const put = merged(plan, found)
  if (plan.topN !== undefined || (ordered && plan.aggregate === undefined)) assert.deepEqual(put, wanted)
  else if (plan.limit === undefined) assert.deepEqual(sorted(put), sorted(wanted))
  else {
    const kept = new Set(new LocalPlan({ ...plan, limit: undefined }).run(source).map(nameOf))
    assert.equal(put.length, wanted.length)
    for (const row of put) assert.ok(kept.has(nameOf(row)), nameOf(row.map(plain)))
  }
}
