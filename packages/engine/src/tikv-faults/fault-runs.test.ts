/** Databases on a cluster that fails, in virtual time: a seed decides what they do and what happens to them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { complaintOf, planOf, runFaults, throughputOf } from './fault-run.test.data.js'

/** Each workload at each level. */
const SEEDS = Array.from({ length: 8 }, (_, at) => at)
const wanted = process.env['SEED']
const seeds = wanted === undefined ? SEEDS : [Number(wanted)]

describe('databases on a cluster that fails', () => {
  for (const seed of seeds) {
    const { workload, level } = planOf(seed)
    it(`seed ${seed}: ${workload.name}, ${level}: nothing is lost, torn or doubled`, async (context) => {
      const result = await runFaults(seed)
      context.diagnostic(throughputOf(result))
      assert.equal(complaintOf(result), undefined)
    })
  }

  it('do what the seed says', async () => {
    const [first, second] = [await runFaults(seeds[0] ?? 0), await runFaults(seeds[0] ?? 0)]
    const transactions = ({ ended }: typeof first): unknown => ended.map(({ transaction }) => transaction)
    assert.deepEqual(transactions(second), transactions(first))
    assert.deepEqual(second.faults, first.faults)
    assert.deepEqual(second.phases, first.phases)
  })

  it('did work, and were harmed and killed meanwhile', async () => {
    const { phases, faults, kills, ended } = await runFaults(seeds[1] ?? 1)
    const [, during] = phases
    assert.ok((during?.committed ?? 0) >= 20, `${during?.committed} transactions were committed`)
    assert.ok(faults.length >= 20, `${faults.length} faults`)
    assert.ok(kills >= 1, `${kills} kills`)
    assert.ok(ended.some(({ transaction }) => transaction.outcome === 'undetermined'))
  })
})
