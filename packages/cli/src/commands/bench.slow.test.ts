import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestCluster } from '@orbit-ts/tikv/testing'
import { LOAD_MODELS } from '../bench/load-target.js'
import { Place } from '../orbit-process.test.data.js'

const BRIEF = ['--records', '50', '--operations', '100', '--clients', '4']

interface Report {
  readonly store: string
  readonly operations: number
  readonly perSecond: number
  readonly writes: { readonly count: number }
  readonly reads: { readonly count: number }
  readonly failed: object
}

describe('orbit bench', () => {
  for (const model of LOAD_MODELS) {
    it(`measures ${model}, and leaves nothing behind`, () =>
      Place.with(async (place) => {
        const args = ['bench', '--model', model, '--storage', 'lsm-tree', '--json', ...BRIEF]
        const { code, stdout, stderr } = await place.run([...args, '--workload', 'read-heavy'])
        assert.deepEqual([code, stderr], [0, ''])
        const report = JSON.parse(stdout) as Report
        assert.deepEqual(
          [report.store, report.operations, report.writes.count, report.reads.count, report.failed],
          ['lsm-tree', 100, 20, 80, {}],
        )
        assert.ok(report.perSecond > 0)
        const left = await place.run(['inspect', '--storage', 'lsm-tree'])
        assert.doesNotMatch(left.stdout, /orbit_bench/)
      }))
  }

  it('measures a TiKV cluster', () =>
    Place.with(async (place) => {
      await using cluster = await TestCluster.start({ transport: 'sockets' })
      const { code, stdout } = await place.run([
        'bench',
        '--pd-endpoints',
        cluster.pdEndpoints.join(','),
        ...BRIEF,
      ])
      assert.equal(code, 0)
      const [first = '', second = '', ...table] = stdout.split('\n')
      assert.equal(
        first,
        `mixed on table in tikv, in the cluster of PD ${cluster.pdEndpoints.join(', ')}; 4 clients, as fast as they can`,
      )
      assert.match(second, /^100 operations in \d+\.\d s: [\d,]+ a second$/)
      assert.deepEqual(
        table.slice(0, 4).map((line) => line.split(/ {2,}/).slice(0, 2)),
        [
          ['ms', 'count'],
          ['all', '100'],
          ['writes', '50'],
          ['reads', '50'],
        ],
      )
    }))

  it('keeps what it made when it is asked to, and does not touch what is there', () =>
    Place.with(async (place) => {
      const args = ['bench', '--storage', 'lsm-tree', '--object', 'mine', ...BRIEF]
      assert.equal((await place.run([...args, '--keep'])).code, 0)
      const { code, stderr } = await place.run(args)
      assert.equal(code, 2)
      assert.match(stderr, /--object: there is a table "mine" already/)
      const exported = await place.run([
        'export',
        'table',
        'mine',
        '--storage',
        'lsm-tree',
        '--format',
        'csv',
      ])
      assert.equal(exported.stdout.trim().split('\n').length, 51)
    }))

  it('refuses what it cannot read', () =>
    Place.with(async (place) => {
      for (const [args, message] of [
        [['--workload', 'heavy'], /--workload: "heavy" is not one of write-heavy, read-heavy, mixed/],
        [['--model', 'rows'], /--model: "rows" is not one of table, collection, graph, vectors, series/],
        [['--duration', 'long'], /--duration: "long" is no time such as 30s or 5m/],
        [['--clients', '0'], /--clients: "0" is not a whole number/],
        [['--storage', 'memory'], /keeps its data in the memory of one process/],
      ] as const) {
        const { code, stderr } = await place.run(['bench', ...args])
        assert.notEqual(code, 0)
        assert.match(stderr, message)
      }
    }))
})
