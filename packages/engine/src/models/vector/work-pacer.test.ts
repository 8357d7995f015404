import assert from 'node:assert/strict'
import { it } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { WorkPacer } from './work-pacer.js'

it('WorkPacer has others served once much has been computed, and then again', async () => {
  const pacer = new WorkPacer(new TestEnv())
  const turns = Array.from({ length: 10 }, () => pacer.done(8_000_000))
  assert.deepEqual(
    turns.map((turn) => turn !== undefined),
    [false, true, false, true, false, true, false, true, false, true],
  )
  for (const turn of turns) if (turn !== undefined) await turn
})
