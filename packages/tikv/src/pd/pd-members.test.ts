import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { describe, it } from 'node:test'
import { configFromCode, createLogger, hasCode, silentLogger, TestEnv } from '@orbit-ts/base'
import { tikvConfig } from '../config/tikv-config.js'
import { InProcessNetwork } from '../rpc/in-process/in-process-network.js'
import { ClusterState } from '../testing/cluster-state.js'
import { TestPd } from '../testing/pd/test-pd.js'
import { PdMembers, type PdMembersOptions } from './pd-members.js'

const ADDRESSES = ['pd-1:2379', 'pd-2:2379', 'pd-3:2379']

class Bench {
  readonly env = new TestEnv()
  readonly network = new InProcessNetwork({ env: this.env })
  readonly pd = this.serve(77n, ADDRESSES)
  readonly members: PdMembers

  constructor(options: Partial<PdMembersOptions> = {}) {
    this.members = new PdMembers({
      env: this.env,
      logger: silentLogger,
      transport: this.network.transport(),
      config: configFromCode(tikvConfig, { pdEndpoints: ADDRESSES }),
      ...options,
    })
  }

  serve(clusterId: bigint, addresses: readonly string[]): TestPd {
    const cluster = new ClusterState({ env: this.env, clusterId })
    const pd = new TestPd({ env: this.env, cluster, addresses })
    for (const [index, address] of addresses.entries()) {
      this.network.unregister(address)
      this.network.register(address, pd.service(index))
    }
    return pd
  }

  get rounds(): number {
    return (this.pd.calls.get('GetMembers') ?? 0) / ADDRESSES.length
  }

  async connected(): Promise<this> {
    const connecting = this.members.connect(30_000)
    await this.env.advance(500)
    await connecting
    return this
  }

  /** A refresh, and the time it takes. */
  async refreshed(): Promise<void> {
    const refreshing = this.members.refresh()
    await this.env.advance(100)
    await refreshing
  }
}

const code = (name: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, name)

/** A line of the log without its time. */
function without(line: string): unknown {
  const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
  assert.equal(typeof time, 'string')
  return rest
}

function assertWarning(logged: unknown, message: RegExp, facts: object): void {
  const { msg, ...rest } = logged as { msg: string }
  assert.match(msg, message)
  assert.deepEqual(rest, { level: 'warn', ...facts })
}

describe('PdMembers', () => {
  it('shares a round between all who ask, and keeps rounds apart', async () => {
    const bench = await new Bench().connected()
    const before = bench.rounds
    await bench.env.advance(1000)
    for (let i = 0; i < 100; i++) void bench.members.refresh()
    await bench.env.advance(0)
    assert.equal(bench.rounds - before, 1)
    for (let i = 0; i < 100; i++) {
      void bench.members.refresh()
      await bench.env.advance(1)
    }
    assert.equal(bench.rounds - before, 3, 'one for each 50 ms')
    bench.members.close()
  })

  it('looks for the leader from time to time', async () => {
    const bench = await new Bench().connected()
    bench.pd.setLeader(2)
    await bench.env.advance(60_000)
    assert.equal(bench.members.leader?.address, 'pd-3:2379')
    bench.members.close()
  })

  it('keeps the leader it knows while an election runs', async () => {
    const bench = await new Bench().connected()
    bench.pd.setLeader(undefined)
    await bench.refreshed()
    assert.equal(bench.members.leader?.address, 'pd-1:2379')
    bench.members.close()
  })

  it('[S05] leaves out an address where another cluster answers later on', async () => {
    const bench = await new Bench().connected()
    bench.serve(78n, ['pd-1:2379'])
    bench.pd.setLeader(1)
    await bench.refreshed()
    assert.equal(bench.members.leader?.address, 'pd-2:2379')
    assert.equal(bench.members.clusterId, 77n)
    bench.serve(78n, ADDRESSES)
    await bench.refreshed()
    assert.equal(bench.members.leader?.address, 'pd-2:2379')
    assert.equal(bench.members.clusterId, 77n)
    bench.members.close()
  })

  it('takes turns among followers, without those that failed in the last 10 s', async () => {
    const bench = await new Bench().connected()
    const turns = (count: number): (string | undefined)[] =>
      Array.from({ length: count }, () => bench.members.follower()?.address)
    assert.deepEqual(turns(4).sort(), ['pd-2:2379', 'pd-2:2379', 'pd-3:2379', 'pd-3:2379'])
    const follower = bench.members.follower()
    assert.ok(follower !== undefined)
    bench.members.quarantine(follower)
    assert.ok(!turns(3).includes(follower.address))
    assert.deepEqual(bench.members.describe().filter(({ healthy }) => !healthy).length, 1)
    await bench.env.advance(10_000)
    assert.ok(turns(2).includes(follower.address))
    bench.members.close()
  })

  it('logs that PD is lost once, then every 10 s, and that it is back', async () => {
    const lines: string[] = []
    const destination = { write: (line: string) => lines.push(line) }
    const config = configFromCode(tikvConfig, { pdEndpoints: ADDRESSES, pdHealthCheckInterval: 0 })
    const bench = await new Bench({
      config,
      logger: createLogger({ level: 'info', destination }),
    }).connected()
    const logged = (): unknown[] => lines.splice(0).map((line) => without(line))
    logged()
    const back = bench.network.addHook({ onCall: () => 'refuse' })
    // As those do who cannot go on without PD.
    const ask = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 50) {
        void bench.members.refresh()
        await bench.env.advance(50)
      }
    }
    await ask(9_000)
    const said = ADDRESSES.map((address) => `PD at ${address} cannot be reached: .*`).join('; ')
    const [first, ...more] = logged()
    assertWarning(first, new RegExp(`^${said}$`), {})
    assert.deepEqual(more, [])
    await ask(2_000)
    const [second, ...others] = logged()
    assertWarning(second, new RegExp(`^${said}; still trying$`), { attempts: 201, forMs: 10_000 })
    assert.deepEqual(others, [])
    back()
    // Connections that were refused are not tried again at once.
    await ask(8_000)
    const [third, ...rest] = logged() as { attempts: number; forMs: number }[]
    assert.deepEqual(rest, [])
    const { attempts = 0, forMs = 0 } = third ?? {}
    assert.deepEqual(third, { level: 'info', attempts, forMs, msg: 'PD answers again' })
    assert.ok(attempts >= 220 && forMs >= 11_000 && forMs < 19_000, `${attempts} attempts in ${forMs} ms`)
    bench.members.close()
  })

  it('says what it tries while it cannot connect', async () => {
    const lines: string[] = []
    const destination = { write: (line: string) => lines.push(line) }
    const bench = new Bench({ logger: createLogger({ level: 'info', destination }) })
    bench.network.addHook({ onCall: () => 'refuse' })
    const connecting = bench.members.connect(30_000)
    connecting.catch(() => undefined)
    await bench.env.advance(100)
    assert.equal(lines.length, 1)
    assert.match(
      lines[0] ?? '',
      /"level":"warn".*PD at pd-1:2379 cannot be reached: .*; PD at pd-3:2379 .*; trying for 30 s"/,
    )
    await bench.env.advance(30_000)
    await assert.rejects(connecting, code('PD_UNAVAILABLE'))
    bench.members.close()
  })

  it('logs once that another cluster answers', async () => {
    const lines: string[] = []
    const destination = { write: (line: string) => lines.push(line) }
    const bench = await new Bench({ logger: createLogger({ level: 'error', destination }) }).connected()
    bench.serve(78n, ['pd-1:2379'])
    bench.pd.setLeader(1)
    for (let round = 0; round < 3; round++) await bench.refreshed()
    assert.deepEqual(lines.map(without), [
      {
        level: 'error',
        member: 'http://pd-1:2379',
        clusterId: '77',
        otherClusterId: '78',
        msg: 'a member of PD belongs to another cluster and is left out',
      },
    ])
    bench.members.close()
  })

  it('does not hang on a member that does not answer', async () => {
    const bench = new Bench()
    bench.network.addHook({ onCall: ({ to }) => (to === 'pd-2:2379' ? 'hang' : undefined) })
    await bench.connected()
    bench.pd.setLeader(2)
    await bench.refreshed()
    assert.equal(bench.members.leader?.address, 'pd-3:2379')
    bench.members.close()
    await bench.env.advance(0)
    assert.equal(bench.env.pendingTimers, 0)
  })

  it('ends connecting with ABORTED when its signal is aborted, whatever it waits for', async () => {
    for (const waitsForAnswer of [true, false]) {
      const bench = new Bench()
      const verdict = waitsForAnswer ? 'hang' : 'refuse'
      bench.network.addHook({ onCall: () => verdict })
      const abort = new AbortController()
      const connecting = bench.members.connect(30_000, abort.signal)
      await bench.env.advance(50)
      abort.abort(new Error('enough'))
      await assert.rejects(connecting, code('ABORTED'))
      await assert.rejects(bench.members.connect(30_000, abort.signal), code('ABORTED'))
      assert.equal(getEventListeners(abort.signal, 'abort').length, 0)
      bench.members.close()
      await bench.env.advance(0)
      assert.equal(bench.env.pendingTimers, 0)
    }
  })

  it('ends connecting when it is closed meanwhile', async () => {
    for (const verdict of ['hang', 'refuse'] as const) {
      const bench = new Bench()
      bench.network.addHook({ onCall: () => verdict })
      const connecting = bench.members.connect(30_000)
      await bench.env.advance(50)
      bench.members.close()
      await assert.rejects(connecting, code('CLIENT_CLOSED'))
      await bench.env.advance(0)
      assert.equal(bench.env.pendingTimers, 0)
    }
  })

  it('leaves no timer behind when it is closed during a refresh, or before one', async () => {
    for (const ms of [0, 20, 1000]) {
      const bench = await new Bench().connected()
      await bench.refreshed()
      void bench.members.refresh()
      await bench.env.advance(ms)
      const refreshing = bench.members.refresh()
      bench.members.close()
      await bench.env.advance(0)
      await refreshing
      assert.equal(bench.env.pendingTimers, 0)
    }
  })
})
