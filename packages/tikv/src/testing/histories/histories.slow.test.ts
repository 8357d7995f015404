import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkSeed } from './check-seed.js'

const FIRST = 1000
const COUNT = 128

describe('many histories under faults', () => {
  for (let seed = FIRST; seed < FIRST + COUNT; seed++) {
    it(`seed ${seed}`, async () => assert.equal(await checkSeed(seed), undefined))
  }
})
