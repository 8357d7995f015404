import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { sorted } from '../../exec/testing/plans.test.data.js'
import { PlanRunner } from '../../exec/testing/run-plan.test.data.js'
import { testScalarContext } from '../../scalar/scalar-context.test.data.js'
import { choices, randomPlan, readChoices, table, tables } from '../testing/random-plans.test.data.js'
import { planDirectly } from './direct.js'
import { optimize } from './optimize.js'

const scalar = testScalarContext()

/** Choices that once led to plans that failed, over tables without rows. */
const FORMER: readonly (readonly number[])[] = [
  [
    326, 957, 0, 0, 756, 0, 236, 0, 0, 0, 0, 1, 0, 0, 0, 0, 136, 971, 0, 0, 1, 0, 0, 0, 283, 0, 483, 1, 0,
    873, 271, 0, 0, 0, 0, 31, 102, 0, 0, 0, 0, 0, 378, 0, 948, 0, 1,
  ],
]

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

  it('are found for what once had none', async () => {
    const relations = ['t0', 't1', 't2', 't3'].map((name) => table(name, [], 0, false))
    for (const numbers of FORMER) {
      const plan = randomPlan(relations, readChoices(numbers))
      const optimized = optimize(plan, { scalar, workMemoryBytes: 1 << 20 })
      assert.deepEqual(await runner.rows(optimized), await runner.rows(planDirectly(plan)))
    }
  })

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
