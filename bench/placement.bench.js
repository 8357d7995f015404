// @ts-check
/**
 * Actors where a consistent-hash ring puts them, against where the data locality optimizer moves them to, on a simulated
 * cluster whose observed rates are noisy. The figures are ratios of rates, not times: a seed always gives the same.
 */
import { DataLocalityOptimizer, PlacementSimulation } from '@orbit-ts/actors'
import { TestEnv } from '@orbit-ts/base'
import { printTable } from './measure.js'

const ROUNDS = 60
const LEADERS_MOVED = 4

const percent = (/** @type {number} */ ratio) => `${(ratio * 100).toFixed(0)} %`

/** @param {PlacementSimulation} cluster */
const figures = (cluster) => [
  percent(cluster.remoteAccessRatio()),
  percent(cluster.remoteCallRatio()),
  percent(Math.max(...Object.values(cluster.nodeLoads()))),
]

/**
 * Lets the optimizer work; the moves, and the last round that made one.
 * @param {DataLocalityOptimizer} optimizer
 * @param {PlacementSimulation} cluster
 */
async function settle(optimizer, cluster) {
  let [moved, lastRound] = [0, 0]
  for (let round = 1; round <= ROUNDS; round++) {
    const { moves } = await optimizer.optimizePlacement(cluster.observe())
    moved += moves.length
    if (moves.length > 0) lastRound = round
  }
  return [String(moved), String(lastRound)]
}

const rows = [
  ['seed', 'placement', 'remote accesses', 'remote calls', 'busiest node', 'moves', 'settled in round'],
]
for (const seed of [1, 2, 3]) {
  const cluster = new PlacementSimulation({ env: new TestEnv({ seed }) })
  const optimizer = new DataLocalityOptimizer(cluster.mapper)
  rows.push([String(seed), 'hash ring', ...figures(cluster), '', ''])
  const first = await settle(optimizer, cluster)
  rows.push(['', 'optimized', ...figures(cluster), ...first])
  cluster.moveLeaders(LEADERS_MOVED)
  rows.push(['', `${LEADERS_MOVED} leaders moved`, ...figures(cluster), '', ''])
  const second = await settle(optimizer, cluster)
  rows.push(['', 'optimized again', ...figures(cluster), ...second])
}
printTable(rows)
