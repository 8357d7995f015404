import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { sorted } from '../../exec/testing/plans.test.data.js'
import { PlanRunner } from '../../exec/testing/run-plan.test.data.js'
import { testScalarContext } from '../../scalar/scalar-context.test.data.js'
import { choices, randomPlan, readChoices, tables } from '../testing/random-plans.test.data.js'
import { planDirectly } from './direct.js'
import { optimize } from './optimize.js'

const scalar = testScalarContext()

/** Ways of planning that keep the optimizer from what it would do by itself. */
const SETTINGS: readonly (readonly string[])[] = [
  [],
  ['enable_hashjoin'],
  ['enable_hashjoin', 'enable_mergejoin'],
  ['enable_nestloop', 'enable_seqscan'],
  ['enable_hashagg', 'enable_sort'],
]

describe('optimized plans', () => {
  let runner: PlanRunner
  before(async () => (runner = await PlanRunner.open()))
  after(() => runner[Symbol.asyncDispose]())

  it('give the same rows as the plans that were written', async () => {
    await fc.assert(
      fc.asyncProperty(tables, choices, fc.nat(SETTINGS.length - 1), async (relations, numbers, at) => {
        const plan = randomPlan(relations, readChoices(numbers))
        const disabled = new Set(SETTINGS[at])
        const optimized = optimize(plan, { scalar, workMemoryBytes: 1 << 20, disabled })
        assert.deepEqual(
          optimized.root.columns.map((column) => column.id),
          plan.columns.map((column) => column.id),
        )
        assert.deepEqual(sorted(await runner.rows(optimized)), sorted(await runner.rows(planDirectly(plan))))
      }),
      { numRuns: Number(process.env['PLAN_RUNS'] ?? 300) },
    )
  })
})
