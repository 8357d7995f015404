import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { Place } from '../orbit-process.test.data.js'

const FREE_PORTS = ['--pd-port', '0', '--store-port', '0', '--http-port', '0', '--postgres-port', '0']

describe('orbit dev-cluster', () => {
  it('runs servers that share one cluster, another process among them', () =>
    Place.with(async (place) => {
      const cluster = place.start(['dev-cluster', ...FREE_PORTS])
      after(() => cluster.child.kill('SIGKILL'))
      const [, pd = ''] = await cluster.printed(/PD +(127\.0\.0\.1:\d+)\n/)
      const [, first = ''] = await cluster.printed(/server 1 +(http:\S+), described/)
      const [, second = ''] = await cluster.printed(/server 2 +(http:\S+), described/)
      await place.file('a.csv', 'id,n\n1,one\n2,two\n')
      const create = ['import', 'table', 'a', 'a.csv', '--create', '--primary-key', 'id', '--url', first]
      assert.equal((await place.run(create)).code, 0)
      const row = await fetch(`${second}/v1/tables/a/rows/2`)
      assert.deepEqual(await row.json(), { row: { id: '2', n: 'two' } })
      const exported = await place.run(['export', 'table', 'a', '--format', 'csv', '--pd-endpoints', pd])
      assert.equal(exported.stdout, 'id,n\n1,one\n2,two\n')
      const third = place.start([
        'serve',
        '--pd-endpoints',
        pd,
        '--http-port',
        '0',
        '--postgres-port',
        '0',
        '--log-level',
        'silent',
      ])
      after(() => third.child.kill('SIGKILL'))
      const [, url = ''] = await third.printed(/HTTP API +(http:\S+), described/)
      await third.printed(new RegExp(`data +tikv, in the cluster of PD ${pd}\n`))
      const put = await fetch(`${url}/v1/tables/a/rows/3`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"n":"three"}',
      })
      assert.ok(put.ok)
      assert.equal((await fetch(`${first}/v1/tables/a/rows/3`)).status, 200)
      third.child.kill('SIGTERM')
      assert.equal((await third.ended).code, 0)
      cluster.child.kill('SIGINT')
      const { code, stderr } = await cluster.ended
      assert.equal(code, 0)
      assert.match(stderr, /\norbit: stopped\n$/)
      assert.doesNotMatch(stderr, /Warning/)
    }))

  it('says which option changes a port that is taken, before anything is started', () =>
    Place.with(async (place) => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      for (const [args, what, option] of [
        [['--pd-port', String(port)], 'PD', '--pd-port'],
        // The second server has the next port.
        [['--postgres-port', String(port - 1)], 'PostgreSQL clients', '--postgres-port'],
      ] as const) {
        const { code, stdout, stderr } = await place.run(['dev-cluster', ...FREE_PORTS, ...args])
        assert.deepEqual([code, stdout], [1, ''])
        const reason = `port ${port}, for ${what}, is taken by another program`
        const remedy = `choose another with ${option}, 0 for one that is free`
        assert.equal(stderr, `orbit: CONFIG_INVALID: ${reason}; ${remedy}\n`)
      }
      other.close()
    }))

  it('refuses what it would not follow', () =>
    Place.with(async (place) => {
      for (const flag of ['--config', '--data-dir', '--storage', '--pd-endpoints']) {
        const { code, stderr } = await place.run(['dev-cluster', flag, 'x'])
        assert.equal(code, 2)
        assert.ok(
          stderr.startsWith(`orbit: INVALID_ARGUMENT: ${flag}: the development cluster brings`),
          stderr,
        )
      }
      const { code, stderr } = await place.run(['dev-cluster', '--servers', '0'])
      assert.equal(code, 2)
      assert.match(stderr, /--servers: "0" is not a whole number from 1 to 16/)
    }))
})
