import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configFromCode, silentLogger, TestEnv } from '@orbit-ts/base'
import { tikvConfig } from '../config/tikv-config.js'
import { GrpcStatus } from '../rpc/grpc-status.js'
import { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
import { RpcRefusal } from '../rpc/service.js'
import { ClusterState } from '../testing/cluster-state.js'
import { TestPd } from '../testing/pd/test-pd.js'
import { PdMembers } from './pd-members.js'

const ADDRESSES = ['pd-1:2379', 'pd-2:2379', 'pd-3:2379']

interface Bench {
  readonly env: TestEnv
  readonly network: InProcessNetwork
  readonly pd: TestPd
  readonly members: PdMembers
  readonly probes: () => number
  /** Names of the members that are healthy. */
  readonly healthy: () => string[]
}

async function connected(addresses = ADDRESSES, interval = '1s'): Promise<Bench> {
  const env = new TestEnv()
  const network = new InProcessNetwork({ env })
  const cluster = new ClusterState({ env, clusterId: 77n })
  const pd = new TestPd({ env, cluster, addresses })
  for (const [index, address] of addresses.entries()) network.register(address, pd.service(index))
  const config = configFromCode(tikvConfig, { pdEndpoints: addresses, pdHealthCheckInterval: interval })
  const members = new PdMembers({ env, logger: silentLogger, transport: network.transport(), config })
  const connecting = members.connect(30_000)
  await env.advance(500)
  await connecting
  const healthy = (): string[] => members.describe().flatMap((one) => (one.healthy ? [one.name] : []))
  return { env, network, pd, members, healthy, probes: () => pd.calls.get('HealthCheck') ?? 0 }
}

describe('the health of the members of PD', () => {
  it('is asked for each second, of all at once', async () => {
    const { env, members, probes } = await connected()
    await env.advance(999)
    assert.equal(probes(), 3)
    await env.advance(1001)
    assert.equal(probes(), 6)
    members.close()
    await env.advance(5000)
    assert.equal(probes(), 6)
    assert.equal(env.pendingTimers, 0)
  })

  it('is not asked of one member alone, nor with an interval of 0', async () => {
    for (const bench of [await connected(['pd-1:2379']), await connected(ADDRESSES, '0s')]) {
      await bench.env.advance(5000)
      assert.equal(bench.probes(), 0)
      bench.members.close()
    }
  })

  it('keeps a member out of the turn while it does not answer', async () => {
    const { env, network, members, healthy } = await connected()
    const thaw = network.addHook({ onCall: ({ to }) => (to === 'pd-2:2379' ? 'hang' : undefined) })
    await env.advance(2500)
    assert.deepEqual(healthy(), ['pd-1', 'pd-3'])
    assert.deepEqual([members.follower()?.address, members.follower()?.address], ['pd-3:2379', 'pd-3:2379'])
    thaw()
    await env.advance(2500)
    assert.deepEqual(healthy(), ['pd-1', 'pd-2', 'pd-3'])
    members.close()
  })

  it('is good of a member that has no health service, not of one that refuses', async () => {
    const { env, pd, members, healthy } = await connected()
    pd.addHook(({ method, member }) => {
      if (method !== 'HealthCheck' || member === 'pd-1') return
      throw new RpcRefusal(member === 'pd-2' ? GrpcStatus.UNIMPLEMENTED : GrpcStatus.INTERNAL, 'refused')
    })
    await env.advance(1500)
    assert.deepEqual(healthy(), ['pd-1', 'pd-2'])
    members.close()
  })

  it('has the new leader looked for as soon as the old one is not well', async () => {
    const { env, network, pd, members } = await connected()
    network.unregister('pd-1:2379')
    pd.setLeader(1)
    assert.ok(members.leaderServes)
    await env.advance(1500)
    assert.equal(members.leader?.address, 'pd-2:2379')
    assert.ok(members.leaderServes)
    members.close()
  })
})
