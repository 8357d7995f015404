import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Store } from '../gen/metapb.js'
import { parseStoreVersion, refusalOfOlder } from './store-version.js'

const MINIMUM = { major: 6, minor: 3, patch: 0 }

describe('the version of a store', () => {
  it('is read as releases, builds before them and builds after them write it', () => {
    const numbers = (text: string): string => {
      const { major, minor, patch } = parseStoreVersion(text) ?? {}
      return `${major} ${minor} ${patch}`
    }
    assert.equal(numbers('8.5.1'), '8 5 1')
    assert.equal(numbers('v7.5.0'), '7 5 0')
    assert.equal(numbers('8.5.1-alpha-12-gabcdef0'), '8 5 1')
    assert.equal(numbers('v10.0.0-beta.2'), '10 0 0')
    assert.equal(numbers('6.5.12+enterprise'), '6 5 12')
    assert.equal(numbers('7.1'), '7 1 0')
  })

  it('is unknown where there are no such numbers', () => {
    for (const text of ['', 'nightly', 'None', 'master-2026', '8', '8.5.1.2', '2026-11-22'])
      assert.equal(parseStoreVersion(text), undefined, text)
  })

  it('is compared by its numbers', () => {
    const isRefused = (version: string): boolean =>
      refusalOfOlder(Store.fromPartial({ id: 4n, version }), MINIMUM) !== undefined
    for (const version of ['6.3.0', 'v6.3.0', '6.3.0-alpha', '6.10.0', '10.0.0', '', 'nightly'])
      assert.equal(isRefused(version), false, version)
    for (const version of ['6.2.9', 'v6.2.0', '6.1.7', '5.4.3', '6.2.0-alpha-3-g0123abc', '4.0.16'])
      assert.equal(isRefused(version), true, version)
  })

  it('is refused with what has to be known to do something about it', () => {
    const store = Store.fromPartial({ id: 4n, address: 'tikv-4:20160', version: 'v6.1.7' })
    const refusal = refusalOfOlder(store, MINIMUM)
    assert.equal(
      refusal?.message,
      'STORAGE_UNSUPPORTED: store 4 (tikv-4:20160) is TiKV v6.1.7, and 6.3.0 is the oldest version that can be used: older ones do not check at commit whether a key exists that was not locked; upgrade it, or remove it from the cluster',
    )
    assert.deepEqual(refusal?.details, {
      storeId: '4',
      address: 'tikv-4:20160',
      version: 'v6.1.7',
      minimum: '6.3.0',
    })
  })

  it('does not count without a minimum, nor of a TiFlash server', () => {
    const labels = [{ key: 'engine', value: 'tiflash' }]
    assert.equal(refusalOfOlder(Store.fromPartial({ id: 4n, version: '5.0.0' }), undefined), undefined)
    assert.equal(refusalOfOlder(Store.fromPartial({ id: 4n, version: '5.0.0', labels }), MINIMUM), undefined)
  })
})
