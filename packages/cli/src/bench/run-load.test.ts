import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delay, OrbitError, TestEnv } from '@orbit-ts/base'
import { openDatabase, table, text } from '@orbit-ts/engine'
import { Latencies } from './latencies.js'
import type { LoadTarget } from './load-target.js'
import { runLoad, type LoadOptions, type LoadReport } from './run-load.js'
import { isWrite, WORKLOADS } from './workload.js'

describe('a workload', () => {
  it('has its share of writes in any ten operations', () => {
    const shares = { 'write-heavy': 8, 'read-heavy': 2, mixed: 5 }
    for (const workload of WORKLOADS) {
      for (let first = 0; first < 30; first++) {
        const writes = Array.from({ length: 10 }, (_, at) => isWrite(workload, first + at))
        assert.equal(writes.filter(Boolean).length, shares[workload])
      }
    }
  })
})

describe('latencies', () => {
  it('are counted one by one, so that percentiles are those of all', () => {
    const latencies = new Latencies()
    assert.equal(latencies.summary(), undefined)
    // 0.001 to 1 ms, in an order that is not theirs.
    for (let at = 0; at < 1000; at++) latencies.record((((at * 7919) % 1000) + 1) / 1000)
    const summary = latencies.summary()
    assert.ok(summary !== undefined)
    assert.equal(summary.count, 1000)
    const { averageMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs } = summary
    const found = [averageMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms, maxMs]
    for (const [at, expected] of [0.5005, 0.5, 0.9, 0.95, 0.99, 0.999, 1].entries()) {
      const off = Math.abs((found[at] ?? 0) - expected) / expected
      assert.ok(off < 0.002, `${String(found[at])} instead of ${expected}`)
    }
  })
})

/** A target whose operations take as long as it is told, in virtual time. */
function takes(env: TestEnv, durationMs: (call: number) => number): LoadTarget & { calls: number } {
  const target = {
    calls: 0,
    schema: table('t', { id: text().primaryKey() }),
    write: async () => delay(env, durationMs(target.calls++)),
    read: async () => delay(env, durationMs(target.calls++)),
  }
  return target
}

async function loaded(env: TestEnv, target: LoadTarget, options: Partial<LoadOptions>): Promise<LoadReport> {
  await using database = await openDatabase({ storage: { kind: 'memory' } })
  const progress = { isOver: false }
  const running = runLoad(database, target, {
    workload: 'mixed',
    clients: 1,
    records: 10,
    operations: 1000,
    durationMs: 60_000,
    rate: undefined,
    env,
    signal: new AbortController().signal,
    ...options,
  }).finally(() => (progress.isOver = true))
  while (!progress.isOver) await env.advance(1)
  return await running
}

const rounded = (ms: number | undefined): number => Math.round(ms ?? -1)

describe('a load', () => {
  it('ends after its operations, and tells writes from reads', async () => {
    const env = new TestEnv({ seed: 1 })
    const report = await loaded(
      env,
      takes(env, () => 10),
      { operations: 100, workload: 'write-heavy', clients: 4 },
    )
    assert.deepEqual(
      [report.operations, report.writes?.count, report.reads?.count, report.all?.count],
      [100, 80, 20, 100],
    )
    assert.deepEqual([report.seconds, report.perSecond, rounded(report.all?.p99Ms)], [0.25, 400, 10])
    assert.deepEqual(report.failed, {})
  })

  it('ends when its time is over', async () => {
    const env = new TestEnv({ seed: 1 })
    const report = await loaded(
      env,
      takes(env, () => 10),
      { durationMs: 100 },
    )
    assert.deepEqual([report.operations, report.seconds], [10, 0.1])
  })

  it('ends when it is told to, with what it has measured', async () => {
    const env = new TestEnv({ seed: 1 })
    const stop = new AbortController()
    const target = takes(env, (call) => {
      if (call === 4) stop.abort()
      return 10
    })
    const report = await loaded(env, target, { signal: stop.signal })
    assert.equal(report.operations, 5)
  })

  it('with a rate: what waited behind a slow operation was slow', async () => {
    const env = new TestEnv({ seed: 1 })
    // The first takes 100 ms and the others nothing, of ten that have their turns each 10 ms.
    const target = takes(env, (call) => (call === 0 ? 100 : 0))
    const report = await loaded(env, target, { rate: 100, operations: 10 })
    assert.equal(report.all?.count, 10)
    assert.deepEqual([rounded(report.all.maxMs), rounded(report.all.averageMs)], [100, 55])
  })

  it('with a rate: no more than that', async () => {
    const env = new TestEnv({ seed: 1 })
    const report = await loaded(
      env,
      takes(env, () => 1),
      { rate: 50, durationMs: 1000, clients: 8 },
    )
    assert.deepEqual([report.operations, rounded(report.all?.maxMs)], [50, 1])
  })

  it('counts what fails by its code, and goes on', async () => {
    const env = new TestEnv({ seed: 1 })
    const target = takes(env, (call) => {
      if (call % 4 === 0) throw new OrbitError('STORAGE_UNAVAILABLE', 'not now')
      if (call % 4 === 2) throw new TypeError('a bug')
      return 1
    })
    const report = await loaded(env, target, { operations: 40 })
    assert.deepEqual([report.operations, report.all?.count], [40, 20])
    assert.deepEqual(report.failed, { STORAGE_UNAVAILABLE: 10, INTERNAL: 10 })
  })
})
