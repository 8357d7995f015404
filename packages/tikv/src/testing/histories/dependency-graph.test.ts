import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classifyCycle, DependencyGraph, describeCycle, type DependencyKind } from './dependency-graph.js'

const ALL: readonly DependencyKind[] = ['ww', 'wr', 'rw', 'rt']

function graphOf(...edges: readonly (readonly [number, DependencyKind, number])[]): DependencyGraph {
  const graph = new DependencyGraph()
  for (const [from, kind, to] of edges) graph.add(from, to, kind, 'k')
  return graph
}

describe('a dependency graph', () => {
  it('has no cycle when transactions follow each other', () => {
    const graph = graphOf([1, 'ww', 2], [2, 'wr', 3], [1, 'rw', 3], [3, 'rt', 4], [1, 'rt', 4], [2, 'ww', 2])
    assert.equal(graph.findCycle(ALL), undefined)
    assert.equal(graph.findSnapshotCycle(), undefined)
    assert.equal(graph.dependencies.length, 5)
  })

  it('finds the shortest cycle, and names it', () => {
    const graph = graphOf([1, 'ww', 2], [2, 'ww', 3], [3, 'ww', 1], [2, 'wr', 1])
    const short = graph.findCycle(ALL)
    assert.equal(short?.length, 2)
    assert.equal(classifyCycle(short), 'G1c')
    const writes = graph.findCycle(['ww'])
    assert.equal(writes && describeCycle(writes), 'T1 -ww k-> T2 -ww k-> T3 -ww k-> T1')
    assert.equal(writes && classifyCycle(writes), 'G0')
  })

  it('lets two reads before writes follow each other under snapshot isolation, and only then', () => {
    const skew = graphOf([1, 'rw', 2], [2, 'rw', 1])
    assert.equal(skew.findSnapshotCycle(), undefined)
    assert.equal(classifyCycle(skew.findCycle(ALL) ?? []), 'G2')
    const apart = graphOf([1, 'rw', 2], [2, 'wr', 3], [3, 'rw', 4], [4, 'ww', 1])
    assert.equal(classifyCycle(apart.findSnapshotCycle() ?? []), 'G-nonadjacent')
    const threeOfFive = graphOf([1, 'rw', 2], [2, 'rw', 3], [3, 'wr', 1])
    assert.equal(threeOfFive.findSnapshotCycle(), undefined)
    const single = graphOf([1, 'rw', 2], [2, 'ww', 1])
    assert.equal(classifyCycle(single.findSnapshotCycle() ?? []), 'G-single')
    const stale = graphOf([1, 'rw', 2], [2, 'rt', 1])
    assert.equal(classifyCycle(stale.findSnapshotCycle() ?? []), 'G-single-realtime')
  })
})
