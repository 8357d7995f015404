import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { nameOf } from './actor-region-mapper.js'
import { DataLocalityOptimizer } from './data-locality-optimizer.js'
import { PlacementSimulation } from './placement-simulation.js'

/** Rounds after which nothing may move any more, and how long that is watched. */
const SETTLED_AFTER = 40
const WATCHED = 25
/** The optimizer's default, and what adding up loads in another order may differ by. */
const LOAD_MAX = 0.85 + 1e-9

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`moves settle and remote accesses fall, also after leaders have moved (seed ${seed})`, async () => {
    const cluster = new PlacementSimulation({ env: new TestEnv({ seed }) })
    const movesOf = new Map<string, number>()
    const optimizer = new DataLocalityOptimizer(cluster.mapper, async ({ actor }) => {
      movesOf.set(nameOf(actor), (movesOf.get(nameOf(actor)) ?? 0) + 1)
    })
    const settle = async (): Promise<void> => {
      for (let round = 0; round < SETTLED_AFTER + WATCHED; round++) {
        const { moves } = await optimizer.optimizePlacement(cluster.observe())
        if (round >= SETTLED_AFTER) assert.deepEqual(moves, [], `round ${round}`)
      }
      for (const load of Object.values(cluster.nodeLoads())) assert.ok(load <= LOAD_MAX, `load ${load}`)
    }
    const [accesses, calls] = [cluster.remoteAccessRatio(), cluster.remoteCallRatio()]
    await settle()
    assert.ok(cluster.remoteAccessRatio() < accesses * 0.3)
    assert.ok(cluster.remoteCallRatio() < calls * 0.3)
    assert.ok(movesOf.size > 100, `${movesOf.size} actors moved`)
    for (const [actor, moves] of movesOf) assert.ok(moves <= 3, `${actor} moved ${moves} times`)

    cluster.moveLeaders(4)
    const disturbed = cluster.remoteAccessRatio()
    await settle()
    assert.ok(cluster.remoteAccessRatio() < disturbed * 0.8)
  })
}

test('the same seed gives the same moves', async () => {
  const run = async (): Promise<unknown[]> => {
    const cluster = new PlacementSimulation({ env: new TestEnv({ seed: 7 }), groups: 4, actorsPerGroup: 5 })
    const optimizer = new DataLocalityOptimizer(cluster.mapper)
    const rounds: unknown[] = []
    for (let round = 0; round < 6; round++) rounds.push(await optimizer.optimizePlacement(cluster.observe()))
    return rounds
  }
  assert.deepEqual(await run(), await run())
})
