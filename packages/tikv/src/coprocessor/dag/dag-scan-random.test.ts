import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Scenario } from '../../scenarios/scenario.fake.js'
import { judgePlan, runPlan, writeRows } from './judge-plan.fake.js'
import { planArbitrary, rowsArbitrary, tableOf } from './random-plans.test.data.js'
import { rowKey } from './stored-table.fake.js'

const TABLE = tableOf(41)

describe('a plan run by the servers', () => {
  it('gives what it gives row by row, whatever the rows, the plan and the regions are', async () => {
    const one = fc.tuple(
      rowsArbitrary,
      fc.array(fc.tuple(planArbitrary(TABLE), fc.boolean()), { minLength: 1, maxLength: 8 }),
      fc.uniqueArray(fc.integer({ min: -300, max: 300 }), { maxLength: 4 }),
    )
    await fc.assert(
      fc.asyncProperty(one, async ([rows, plans, cuts]) => {
        await Scenario.run('in-process', {}, async (scenario) => {
          const client = await scenario.client()
          await writeRows(client, TABLE, rows)
          for (const [at, [random, ordered]] of plans.entries()) {
            const cut = cuts[at]
            // Behind the client's back: its requests meet regions that are no longer what it thinks.
            if (cut !== undefined) scenario.cluster.splitAt(rowKey(TABLE.id, cut))
            judgePlan(random, rows, await runPlan(client, random, ordered), ordered)
          }
        })
      }),
      { numRuns: 60, includeErrorInReport: true },
    )
  })
})
