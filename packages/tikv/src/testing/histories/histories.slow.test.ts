import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkSeed } from './check-seed.js'

/** Others are run with FIRST_SEED and SEED_COUNT; a seed that fails tells how to run it alone. */
const FIRST = Number(process.env['FIRST_SEED'] ?? 1000)
const COUNT = Number(process.env['SEED_COUNT'] ?? 128)

describe('many histories under faults', () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    it(`seed ${seed}`, async () => assert.equal(await checkSeed(seed), undefined))
  }
})
