import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkSeed } from './check-seed.js'
import { planOf, runHistory } from './history-run.js'

/** Each workload at each level. */
const SEEDS = Array.from({ length: 8 }, (_, at) => at + 1)
const wanted = process.env['SEED']
const seeds = wanted === undefined ? SEEDS : [Number(wanted)]

describe('histories under faults', () => {
  for (const seed of seeds) {
    const { workload, level } = planOf(seed)
    it(`seed ${seed}: ${workload.name} is right at level ${level}`, async () => {
      assert.equal(await checkSeed(seed), undefined)
    })
  }

  it('are decided by the seed alone', async () => {
    const [first, second] = [await runHistory(seeds[0] ?? 1), await runHistory(seeds[0] ?? 1)]
    assert.deepEqual(second.history, first.history)
    assert.deepEqual(second.faults, first.faults)
    assert.equal(second.virtualMs, first.virtualMs)
  })

  it('hold work that was done and harm that was survived', async () => {
    const { history, faults } = await runHistory(SEEDS[1] ?? 2)
    const committed = history.filter(
      ({ outcome, commitTs }) => outcome === 'committed' && commitTs !== undefined,
    )
    assert.ok(committed.length >= 20, `${committed.length} transactions were committed`)
    assert.ok(faults.length >= 20, `${faults.length} faults`)
  })
})
