import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compareBytes, hasCode, utf8 } from '@orbit-ts/base'
import { actorKeys, type ActorAddress } from '@orbit-ts/storage'
import fc from 'fast-check'
import { ActorRegionMapper } from './actor-region-mapper.js'
import { RegionMap, type PlacedRegion } from './region-map.js'

const region = (id: number, start: string, end: string, more: Partial<PlacedRegion> = {}): PlacedRegion => ({
  id,
  version: 1,
  confVersion: 1,
  startKey: utf8(start),
  endKey: utf8(end),
  storeId: 1,
  ...more,
})

const idAt = (map: RegionMap, key: string): number | undefined => map.find(utf8(key))?.id

describe('the map of regions', () => {
  test('finds the region of a key, its start included and its end not', () => {
    const map = new RegionMap()
    assert.equal(map.apply(region(1, '', 'b')), 'new')
    assert.equal(map.apply(region(2, 'b', 'd')), 'new')
    assert.equal(map.apply(region(3, 'f', '')), 'new')
    assert.deepEqual(
      ['', 'a', 'b', 'c', 'd', 'e', 'f', 'z'].map((key) => idAt(map, key)),
      [1, 1, 2, 2, undefined, undefined, 3, 3],
    )
  })

  test('takes in a split, whichever half is reported first', () => {
    const [left, right] = [region(1, 'a', 'm', { version: 2 }), region(2, 'm', 'z', { version: 2 })]
    for (const [reports, changes] of [
      [
        [left, right],
        ['split', 'new'],
      ],
      [
        [right, left],
        ['split', 'new'],
      ],
    ] as const) {
      const map = new RegionMap()
      map.apply(region(1, 'a', 'z'))
      assert.deepEqual(
        reports.map((report) => map.apply(report)),
        changes,
      )
      assert.deepEqual([idAt(map, 'b'), idAt(map, 'p')], [1, 2])
      assert.equal(map.apply(region(1, 'a', 'z')), 'stale')
      assert.deepEqual([idAt(map, 'b'), idAt(map, 'p')], [1, 2])
    }
  })

  test('takes in a merge, and forgets the region that went', () => {
    const map = new RegionMap()
    map.apply(region(1, 'a', 'm'))
    map.apply(region(2, 'm', 'z'))
    assert.equal(map.apply(region(1, 'a', 'z', { version: 2 })), 'merge')
    assert.deepEqual(
      map.regions.map(({ id }) => id),
      [1],
    )
    assert.equal(map.apply(region(2, 'm', 'z')), 'stale')
  })

  test('takes in a move, and no older report of it', () => {
    const map = new RegionMap()
    map.apply(region(1, 'a', 'z'))
    assert.equal(map.apply(region(1, 'a', 'z', { storeId: 2 })), 'moved')
    assert.equal(map.apply(region(1, 'a', 'z', { storeId: 3, confVersion: 2 })), 'moved')
    assert.equal(map.apply(region(1, 'a', 'z', { storeId: 2 })), 'stale')
    assert.equal(map.apply(region(1, 'a', 'z', { storeId: 3, confVersion: 2 })), 'same')
    assert.equal(map.find(utf8('b'))?.storeId, 3)
  })

  test('comes to the same picture in whatever order the reports of splits come', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(cuts, fc.infiniteStream(fc.nat()), (points, picks) => {
        const reports = splitsAt(points)
        const [ordered, shuffled] = [new RegionMap(), new RegionMap()]
        for (const report of reports) ordered.apply(report)
        const left = [...reports]
        while (left.length > 0) {
          const [next] = left.splice((picks.next().value ?? 0) % left.length, 1)
          if (next !== undefined) shuffled.apply(next)
        }
        assert.deepEqual(shuffled.regions, ordered.regions)
        ordered.regions.forEach(({ startKey }, at) => {
          const before = ordered.regions[at - 1]
          if (before !== undefined) assert.ok(compareBytes(before.endKey, startKey) === 0)
        })
      }),
    )
  })
})

/** The reports of a region that is split at one key after another; the left half keeps its id. */
function splitsAt(points: readonly number[]): PlacedRegion[] {
  const name = (at: number): string => String.fromCharCode(96 + at)
  let regions = [region(1, '', '')]
  const reports = [...regions]
  points.forEach((point, at) => {
    regions = regions.flatMap((old) => {
      const key = utf8(name(point))
      const isIn =
        compareBytes(old.startKey, key) < 0 &&
        (old.endKey.byteLength === 0 || compareBytes(key, old.endKey) < 0)
      if (!isIn) return [old]
      const version = old.version + 1
      const halves = [
        { ...old, version, endKey: key },
        { ...old, version, startKey: key, id: at + 2 },
      ]
      reports.push(...halves)
      return halves
    })
  })
  return reports
}

describe('the mapper', () => {
  const actor: ActorAddress = { type: 'Cart', key: '7' }
  const whole = (more: Partial<PlacedRegion> = {}): PlacedRegion => region(1, '', '', more)

  test('knows the region of an actor, and asks once for one it does not know', async () => {
    let asked = 0
    const mapper = new ActorRegionMapper({
      nodes: ['n1'],
      locate: async (key) => {
        asked++
        assert.deepEqual(key, actorKeys.state(actor))
        return whole()
      },
    })
    assert.equal((await mapper.regionOf(actor))?.id, 1)
    assert.equal((await mapper.regionOf(actor))?.id, 1)
    assert.equal(asked, 1)
    const split = actorKeys.state({ type: 'Cart', key: '5' })
    assert.equal(mapper.report({ ...whole({ version: 2 }), endKey: split }), 'split')
    assert.equal(mapper.report({ ...whole({ version: 2, id: 2 }), startKey: split }), 'new')
    assert.equal((await mapper.regionOf(actor))?.id, 2)
    assert.equal((await mapper.regionOf({ type: 'Cart', key: '3' }))?.id, 1)
    assert.equal(mapper.report(whole({ version: 3 })), 'merge')
    assert.equal((await mapper.regionOf(actor))?.id, 1)
    assert.equal(mapper.report(whole({ version: 3, storeId: 2 })), 'moved')
    assert.deepEqual(mapper.metrics(), {
      regions: 1,
      actorsMoved: 0,
      lookUps: 5,
      hits: 4,
      splits: 1,
      merges: 1,
      regionMoves: 1,
      staleReports: 0,
    })
  })

  test('without anyone to ask does not guess', async () => {
    assert.equal(await new ActorRegionMapper({ nodes: [] }).regionOf(actor), undefined)
  })

  test('spreads actors over the nodes, always the same way', () => {
    const names = ['n1', 'n2', 'n3']
    const [one, other] = [new ActorRegionMapper({ nodes: names }), new ActorRegionMapper({ nodes: names })]
    const counts = new Map<string | undefined, number>()
    for (let at = 0; at < 300; at++) {
      const address = { type: 'Cart', key: String(at) }
      assert.equal(one.nodeOf(address), other.nodeOf(address))
      counts.set(one.nodeOf(address), (counts.get(one.nodeOf(address)) ?? 0) + 1)
    }
    assert.deepEqual([...counts.keys()].sort(), names)
  })

  test('keeps an actor where it was moved until that node goes', () => {
    const mapper = new ActorRegionMapper({ nodes: ['n1', 'n2', 'n3'] })
    const first = mapper.nodeOf(actor)
    const to = mapper.nodes.find((node) => node !== first) ?? ''
    mapper.moveActor(actor, to)
    assert.equal(mapper.nodeOf(actor), to)
    mapper.addNode('n4')
    assert.equal(mapper.nodeOf(actor), to)
    mapper.removeNode('n4')
    mapper.removeNode(to)
    assert.equal(mapper.nodeOf(actor), first)
    assert.equal(mapper.metrics().actorsMoved, 0)
    assert.throws(
      () => mapper.moveActor(actor, to),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
    for (const node of mapper.nodes) mapper.removeNode(node)
    assert.equal(mapper.nodeOf(actor), undefined)
  })

  test('remembers a bounded number of moves, the latest', () => {
    const mapper = new ActorRegionMapper({ nodes: ['n1', 'n2'], movedMax: 2 })
    const away = Array.from({ length: 10 }, (_, at) => ({ type: 'Cart', key: String(at) }))
      .filter((address) => mapper.nodeOf(address) === 'n1')
      .slice(0, 3)
    assert.equal(away.length, 3)
    for (const address of away) mapper.moveActor(address, 'n2')
    assert.deepEqual(
      away.map((address) => mapper.nodeOf(address)),
      ['n1', 'n2', 'n2'],
    )
    const [, second] = away
    if (second !== undefined) mapper.moveActor(second, 'n1')
    assert.equal(mapper.metrics().actorsMoved, 1)
  })
})
