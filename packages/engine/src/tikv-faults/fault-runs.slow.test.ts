import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { complaintOf, runFaults, throughputOf } from './fault-run.test.data.js'

/** Others are run with FIRST_SEED and SEED_COUNT; a seed that fails tells how to run it alone. */
const FIRST = Number(process.env['FIRST_SEED'] ?? 1000)
const COUNT = Number(process.env['SEED_COUNT'] ?? 60)

describe('databases on a cluster that fails, many seeds', () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    it(`seed ${seed}`, async (context) => {
      const result = await runFaults(seed)
      context.diagnostic(throughputOf(result))
      assert.equal(complaintOf(result), undefined)
    })
  }
})
