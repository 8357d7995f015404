import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasCode, OrbitError, utf8 } from '@orbit-ts/base'
import type { ActorAddress } from '@orbit-ts/storage'
import { ActorRegionMapper } from './actor-region-mapper.js'
import {
  DataLocalityOptimizer,
  type ActorMover,
  type DataLocalityOptions,
} from './data-locality-optimizer.js'
import type { ActorActivity, PlacementObservation } from './placement-observation.js'

const A: ActorAddress = { type: 'Cart', key: 'a' }
const B: ActorAddress = { type: 'Cart', key: 'b' }

/** Two nodes, each beside a store; one region, on store 1. */
function mapperWith(places: readonly (readonly [ActorAddress, string])[]): ActorRegionMapper {
  const mapper = new ActorRegionMapper({ nodes: ['n1', 'n2'] })
  mapper.report({ id: 1, version: 1, confVersion: 1, startKey: utf8(''), endKey: utf8(''), storeId: 1 })
  for (const [actor, node] of places) mapper.moveActor(actor, node)
  return mapper
}

const activity = (actor: ActorAddress, more: Partial<ActorActivity> = {}): ActorActivity => ({
  actor,
  accesses: [{ regionId: 1, rate: 100 }],
  calls: [],
  stateSizeBytes: 0,
  load: 0.1,
  ...more,
})

const observation = (
  actors: readonly ActorActivity[],
  loads: readonly [number, number] = [0.5, 0.5],
): PlacementObservation => ({
  nodes: [
    { id: 'n1', load: loads[0] },
    { id: 'n2', load: loads[1] },
  ],
  actors,
  latencyMs: (node, store) => (node === `n${store}` ? 0 : 2),
})

const optimizerOf = (
  mapper: ActorRegionMapper,
  options: DataLocalityOptions = {},
  move?: ActorMover,
): DataLocalityOptimizer => new DataLocalityOptimizer(mapper, move, { confirmRounds: 1, ...options })

describe('a placement', () => {
  test('is scored by network 0.4, resources 0.3 and affinity 0.3', async () => {
    const mapper = mapperWith([
      [A, 'n2'],
      [B, 'n2'],
    ])
    const optimizer = optimizerOf(mapper)
    const calls = [{ actor: B, rate: 10 }]
    await optimizer.optimizePlacement(observation([activity(A, { calls })], [0.25, 0.6]), { dryRun: true })
    const explained = optimizer.explain(A)
    const rounded = Object.entries(explained?.scores ?? {}).map(([node, score]) => [
      node,
      Object.values(score).map((value: number) => Number(value.toFixed(6))),
    ])
    // On n1: near its data, 0.25 + 0.1 busy, away from B. On n2: far, 0.6 busy with it there, with B.
    assert.deepEqual(rounded, [
      ['n1', [1, 0.65, 0, 0.595]],
      ['n2', [0, 0.4, 1, 0.42]],
    ])
    assert.deepEqual([explained?.decision, explained?.from, explained?.to], ['move', 'n2', 'n1'])
    assert.equal(explained?.benefit.toFixed(6), '0.175000')
    assert.equal(explained?.cost, 0.02)
  })

  test('changes only for more than it costs', async () => {
    const mapper = mapperWith([[A, 'n2']])
    const optimizer = optimizerOf(mapper, { costlySizeBytes: 1_000 })
    // The benefit is 0.4: 0.02 and 0.1 for each 1 000 bytes, and the margin of 0.05.
    const large = activity(A, { stateSizeBytes: 3_400 })
    assert.deepEqual((await optimizer.optimizePlacement(observation([large], [0.4, 0.5]))).moves, [])
    assert.equal(optimizer.explain(A)?.decision, 'not-worth-it')
    const small = activity(A, { stateSizeBytes: 3_200 })
    const { moves } = await optimizer.optimizePlacement(observation([small], [0.4, 0.5]))
    assert.deepEqual(
      moves.map(({ from, to }) => [from, to]),
      [['n2', 'n1']],
    )
    assert.equal(mapper.nodeOf(A), 'n1')
  })

  test('that is the best stays', async () => {
    const optimizer = optimizerOf(mapperWith([[A, 'n1']]))
    assert.deepEqual((await optimizer.optimizePlacement(observation([activity(A)]))).moves, [])
    assert.equal(optimizer.explain(A)?.decision, 'best-place')
    assert.equal(optimizer.explain(B), undefined)
  })

  test('of actors without nodes is left alone', async () => {
    const optimizer = optimizerOf(new ActorRegionMapper({ nodes: [] }))
    await optimizer.optimizePlacement({ ...observation([activity(A)]), nodes: [] })
    assert.equal(optimizer.explain(A)?.decision, 'no-node')
  })
})

describe('a round', () => {
  test('does not swap two actors that want to be together', async () => {
    const mapper = mapperWith([
      [A, 'n1'],
      [B, 'n2'],
    ])
    const optimizer = optimizerOf(mapper)
    const pair = [
      activity(A, { accesses: [], calls: [{ actor: B, rate: 10 }] }),
      activity(B, { accesses: [], calls: [{ actor: A, rate: 10 }] }),
    ]
    const { moves } = await optimizer.optimizePlacement(observation(pair))
    assert.equal(moves.length, 1)
    assert.equal(mapper.nodeOf(A), mapper.nodeOf(B))
  })

  test('does not send everyone to the free node', async () => {
    const actors = Array.from({ length: 10 }, (_, at) => ({ type: 'Cart', key: String(at) }))
    const mapper = mapperWith(actors.map((actor) => [actor, 'n2'] as const))
    const optimizer = optimizerOf(mapper, { benefitMin: 0.01, moveCost: 0 })
    const idle = actors.map((actor) => activity(actor, { accesses: [], load: 0.09 }))
    await optimizer.optimizePlacement(observation(idle, [0, 0.9]))
    const moved = actors.filter((actor) => mapper.nodeOf(actor) === 'n1').length
    assert.ok(moved >= 4 && moved <= 5, `${moved} moved`)
  })

  test('fills no node beyond its limit', async () => {
    const mapper = mapperWith([[A, 'n2']])
    const optimizer = optimizerOf(mapper)
    assert.deepEqual((await optimizer.optimizePlacement(observation([activity(A)], [0.8, 0.9]))).moves, [])
    assert.equal(optimizer.explain(A)?.decision, 'best-place')
    assert.equal((await optimizer.optimizePlacement(observation([activity(A)], [0.7, 0.9]))).moves.length, 1)
  })

  test('makes at most so many moves, the most worthwhile', async () => {
    const mapper = mapperWith([
      [A, 'n2'],
      [B, 'n2'],
    ])
    const optimizer = optimizerOf(mapper, { movesMax: 1 })
    const both = [activity(A, { stateSizeBytes: 12 * 1024 * 1024 }), activity(B)]
    const { moves } = await optimizer.optimizePlacement(observation(both))
    assert.deepEqual(
      moves.map(({ actor }) => actor),
      [B],
    )
    assert.equal(optimizer.explain(A)?.decision, 'over-budget')
    assert.equal(mapper.nodeOf(A), 'n2')
  })

  test('that is dry changes nothing', async () => {
    const mapper = mapperWith([[A, 'n2']])
    const optimizer = optimizerOf(mapper, { confirmRounds: 2 }, () => assert.fail('it moved'))
    for (let round = 0; round < 5; round++) {
      const { moves, dryRun } = await optimizer.optimizePlacement(observation([activity(A)]), {
        dryRun: true,
      })
      assert.deepEqual([moves, dryRun], [[], true])
      assert.equal(optimizer.explain(A)?.decision, 'not-confirmed')
    }
    assert.equal(mapper.nodeOf(A), 'n2')
    assert.equal(optimizer.metrics().rounds, 0)
  })

  test('in which a move fails leaves the actor, and tries again', async () => {
    const mapper = mapperWith([[A, 'n2']])
    let isBroken = true
    const optimizer = optimizerOf(mapper, {}, async () => {
      if (isBroken) throw new OrbitError('STORAGE_UNAVAILABLE', 'the node does not answer')
    })
    const { failures } = await optimizer.optimizePlacement(observation([activity(A)]))
    assert.deepEqual(
      failures.map(({ error }) => error.code),
      ['STORAGE_UNAVAILABLE'],
    )
    assert.equal(mapper.nodeOf(A), 'n2')
    isBroken = false
    await optimizer.optimizePlacement(observation([activity(A)]))
    assert.equal(mapper.nodeOf(A), 'n1')
    const { rounds, moves, failedMoves, decisions } = optimizer.metrics()
    assert.deepEqual([rounds, moves, failedMoves, decisions.move], [2, 1, 1, 2])
  })
})

describe('it does not flap', () => {
  test('a move has to be the best in several rounds on end', async () => {
    const mapper = mapperWith([[A, 'n2']])
    const optimizer = optimizerOf(mapper, { confirmRounds: 3 })
    const [away, here] = [observation([activity(A)]), observation([activity(A, { accesses: [] })])]
    for (const seen of [away, away, here, away, away]) {
      assert.deepEqual((await optimizer.optimizePlacement(seen)).moves, [])
    }
    assert.equal((await optimizer.optimizePlacement(away)).moves.length, 1)
  })

  test('with figures that turn round each time an actor moves ever more rarely', async () => {
    const mapper = mapperWith([[A, 'n2']])
    const optimizer = optimizerOf(mapper, { restRounds: 2 })
    const movedAt: number[] = []
    for (let round = 0; round < 200; round++) {
      // Whatever is far looks better than where it is.
      const loads: readonly [number, number] = mapper.nodeOf(A) === 'n1' ? [1, 0] : [0, 1]
      const { moves } = await optimizer.optimizePlacement(observation([activity(A, { accesses: [] })], loads))
      if (moves.length > 0) movedAt.push(round)
    }
    const rests = movedAt.slice(1).map((round, at) => round - (movedAt[at] ?? 0))
    assert.deepEqual(rests, [2, 4, 8, 16, 32, 64])
  })
})

test('options that make no sense are refused', () => {
  const mapper = new ActorRegionMapper({ nodes: [] })
  for (const options of [{ benefitMin: -1 }, { confirmRounds: 1.5 }, { movesMax: 0 }, { moveCost: NaN }]) {
    assert.throws(
      () => new DataLocalityOptimizer(mapper, undefined, options),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  }
})
