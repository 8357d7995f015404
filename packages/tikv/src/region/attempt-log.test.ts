import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import { code, TransactionFixture } from '../txn/transaction-fixture.fake.js'
import { AttemptLog, type TroubledRequest } from './attempt-log.js'

const request = (attempts: number): TroubledRequest => ({
  atMs: 0,
  method: 'KvGet',
  region: '1',
  attempts,
  sleptMs: 0,
  errors: [],
  outcome: 'answered',
})

describe('AttemptLog', () => {
  it('keeps the latest, oldest first', () => {
    const log = new AttemptLog(3)
    const kept = (): number[] => log.list().map(({ attempts }) => attempts)
    assert.deepEqual(kept(), [])
    for (const attempts of [1, 2]) log.add(request(attempts))
    assert.deepEqual(kept(), [1, 2])
    for (const attempts of [3, 4, 5, 6, 7]) log.add(request(attempts))
    assert.deepEqual(kept(), [5, 6, 7])
  })
})

describe('requests that had trouble', () => {
  it('are in the diagnostics, with their attempts and why these failed', async () => {
    await using fixture = await TransactionFixture.start()
    const { client, cluster } = fixture
    const get = async (): Promise<unknown> => (await client.txn.snapshot()).get(utf8('k'))
    await fixture.run(get)
    assert.deepEqual(client.diagnostics().troubledRequests, [])
    cluster.faults.regionError({ method: 'KvGet' }, RegionError.create({ maxTimestampNotSynced: {} }), {
      times: 3,
    })
    await fixture.run(get)
    const [answered] = client.diagnostics().troubledRequests
    assert.equal(answered?.method, 'KvGet')
    assert.equal(answered.attempts, 4)
    assert.equal(answered.outcome, 'answered')
    assert.equal(answered.errors.length, 3)
    for (const error of answered.errors) assert.match(error, /^store \d+: maxTimestampNotSynced/)
    cluster.faults.regionError(
      { method: 'KvGet' },
      RegionError.create({ flashbackInProgress: { regionId: 1n, flashbackStartTs: 1n } }),
    )
    await assert.rejects(fixture.run(get), code('FLASHBACK_IN_PROGRESS'))
    const failed = client.diagnostics().troubledRequests.at(-1)
    assert.equal(failed?.attempts, 1)
    assert.match(failed.outcome, /^FLASHBACK_IN_PROGRESS/)
  })
})
