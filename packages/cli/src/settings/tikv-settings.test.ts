import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Place, type RunOptions } from '../orbit-process.test.data.js'

/** Where `orbit config check` says that the data is, or what it says is wrong. */
async function checked(place: Place, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr } = await place.run(['config', 'check', ...args], options)
  return /It keeps data in (.*), and listens/.exec(stdout)?.[1] ?? stderr.trim()
}

describe('a TiKV cluster as the store', () => {
  it('is configured by flags, by the environment and by a file, in this order', () =>
    Place.with(async (place) => {
      const env = { ORBIT_TIKV_ENDPOINTS: 'env-1:2379,env-2:2379' }
      assert.equal(await checked(place, ['--storage', 'tikv']), 'tikv, in the cluster of PD 127.0.0.1:2379')
      assert.equal(
        await checked(place, ['--pd-endpoints', 'a:2379,b:2379']),
        'tikv, in the cluster of PD a:2379, b:2379',
      )
      assert.equal(await checked(place, [], { env }), 'tikv, in the cluster of PD env-1:2379, env-2:2379')
      assert.equal(
        await checked(place, ['--pd-endpoints', 'flag:2379'], { env }),
        'tikv, in the cluster of PD flag:2379',
      )
      assert.equal(
        await checked(place, [], { env: { ORBIT_PERSISTENCE_BACKEND: 'tikv' } }),
        'tikv, in the cluster of PD 127.0.0.1:2379',
      )
      await place.file(
        'orbit.toml',
        '[providers.tikv]\npd_endpoints = ["file:2379"]\nnamespace = "shop"\ngc_interval = "5m"\n',
      )
      assert.equal(await checked(place, []), 'tikv, in the cluster of PD file:2379, namespace shop')
      assert.equal(
        await checked(place, [], { env }),
        'tikv, in the cluster of PD env-1:2379, env-2:2379, namespace shop',
      )
    }))

  it('refuses flags that contradict one another, or that nothing would follow', () =>
    Place.with(async (place) => {
      assert.match(
        await checked(place, ['--storage', 'tikv', '--data-dir', 'd']),
        /--data-dir: a TiKV cluster keeps the data itself; leave --data-dir out/,
      )
      assert.match(
        await checked(place, ['--storage', 'rocksdb', '--pd-endpoints', 'a:1']),
        /--storage: "rocksdb" is another place than the TiKV cluster of --pd-endpoints; leave one of them out/,
      )
      assert.match(await checked(place, ['--storage', 'tikvv']), /did you mean "tikv"\?/)
      await place.file('orbit.toml', '[providers.main]\ntype = "TiKV"\n')
      assert.match(
        await checked(place, ['--pd-endpoints', 'a:1']),
        /orbit\.toml configures the TiKV provider "main"; change providers\.main\.pd_endpoints there/,
      )
    }))

  it('names what it cannot reach, and ends', () =>
    Place.with(async (place) => {
      await place.file('orbit.toml', '[providers.tikv]\npd_endpoints = ["127.0.0.1:1"]\ntimeout = "200ms"\n')
      const ports = ['--http-port', '0', '--postgres-port', '0']
      const { code, stderr } = await place.run(['serve', ...ports, '--log-level', 'silent'])
      assert.equal(code, 1)
      assert.match(
        stderr,
        /^orbit: STORAGE_UNAVAILABLE: no member of PD was ready within 200 ms \(timeout\): .*127\.0\.0\.1:1.*; check pd_endpoints, and that PD runs there$/m,
      )
    }))
})
