import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { hasCode } from '../errors/orbit-error.js'
import { Metrics } from './metrics.js'

/** The sample lines of one metric. */
async function samples(metrics: Metrics, name: string): Promise<string[]> {
  const lines = (await metrics.render()).split('\n')
  return lines.filter((line) => line.startsWith(name) && !line.startsWith('#'))
}

describe('Metrics', () => {
  it('renders counters and gauges with their labels, help and type', async () => {
    const metrics = new Metrics()
    metrics
      .counter({ name: 'orbit_commits_total', help: 'Commits.', labels: ['provider'] })
      .add(2, { provider: 'a' })
    metrics.counter({ name: 'orbit_starts_total', help: 'Starts.' }).add(1)
    metrics.gauge({ name: 'orbit_open', help: 'Open transactions.' }).set(3)
    const text = await metrics.render()
    assert.ok(text.includes('# HELP orbit_commits_total Commits.\n# TYPE orbit_commits_total counter\n'))
    assert.deepEqual(await samples(metrics, 'orbit_commits_total'), ['orbit_commits_total{provider="a"} 2'])
    assert.deepEqual(await samples(metrics, 'orbit_starts_total'), ['orbit_starts_total 1'])
    assert.deepEqual(await samples(metrics, 'orbit_open'), ['orbit_open 3'])
    assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/)
  })

  it('puts observations into buckets', async () => {
    const metrics = new Metrics()
    const latency = metrics.histogram({
      name: 'orbit_read_seconds',
      help: 'Reads.',
      labels: ['kind'],
      buckets: [0.1, 1],
    })
    for (const value of [0.05, 0.5, 5]) latency.observe(value, { kind: 'get' })
    assert.deepEqual(await samples(metrics, 'orbit_read_seconds'), [
      'orbit_read_seconds_bucket{le="0.1",kind="get"} 1',
      'orbit_read_seconds_bucket{le="1",kind="get"} 2',
      'orbit_read_seconds_bucket{le="+Inf",kind="get"} 3',
      'orbit_read_seconds_sum{kind="get"} 5.55',
      'orbit_read_seconds_count{kind="get"} 3',
    ])
  })

  it('keeps observations of other labels apart, and shows those without labels from the start', async () => {
    const metrics = new Metrics()
    const time = metrics.histogram({
      name: 'orbit_call_seconds',
      help: 'Calls.',
      labels: ['method', 'store'],
      buckets: [1],
    })
    for (const [method, store] of [
      ['get', '1'],
      ['put', '1'],
      ['get', '2'],
      ['get', '1'],
    ] as const)
      time.observe(method === 'get' ? 1 : 2, { store, method })
    assert.deepEqual(
      (await samples(metrics, 'orbit_call_seconds')).filter((line) => line.includes('le="1"')),
      [
        'orbit_call_seconds_bucket{le="1",method="get",store="1"} 2',
        'orbit_call_seconds_bucket{le="1",method="put",store="1"} 0',
        'orbit_call_seconds_bucket{le="1",method="get",store="2"} 1',
      ],
    )
    const size = metrics.histogram({ name: 'orbit_size', help: 'Sizes.', buckets: [8] })
    assert.deepEqual(await samples(metrics, 'orbit_size'), [
      'orbit_size_bucket{le="8"} 0',
      'orbit_size_bucket{le="+Inf"} 0',
      'orbit_size_sum 0',
      'orbit_size_count 0',
    ])
    assert.throws(() => size.observe(Number.NaN), { code: 'INVALID_ARGUMENT' })
  })

  it('reads collected counters at every scrape, as totals', async () => {
    const metrics = new Metrics()
    const reads = metrics.counter({ name: 'orbit_reads_total', help: 'Reads.', labels: ['provider'] })
    let total = 3
    const stop = reads.collect(() => [{ value: total, labels: { provider: 'a' } }])
    assert.deepEqual(await samples(metrics, 'orbit_reads_total'), ['orbit_reads_total{provider="a"} 3'])
    total = 5
    assert.deepEqual(await samples(metrics, 'orbit_reads_total'), ['orbit_reads_total{provider="a"} 5'])
    assert.ok((await metrics.render()).includes('# TYPE orbit_reads_total counter\n'))
    stop()
    assert.deepEqual(await samples(metrics, 'orbit_reads_total'), [])
  })

  it('reads collected gauges at every scrape, and drops what is no longer reported', async () => {
    const metrics = new Metrics()
    const open = metrics.gauge({ name: 'orbit_open', help: 'Open.', labels: ['provider'] })
    let providers = ['a', 'b']
    const stop = open.collect(() => providers.map((provider, value) => ({ value, labels: { provider } })))
    assert.deepEqual(await samples(metrics, 'orbit_open'), [
      'orbit_open{provider="a"} 0',
      'orbit_open{provider="b"} 1',
    ])
    providers = ['b']
    const stopOther = open.collect(() => [{ value: 7, labels: { provider: 'c' } }])
    assert.deepEqual(await samples(metrics, 'orbit_open'), [
      'orbit_open{provider="b"} 0',
      'orbit_open{provider="c"} 7',
    ])
    stop()
    assert.deepEqual(await samples(metrics, 'orbit_open'), ['orbit_open{provider="c"} 7'])
    stopOther()
    assert.deepEqual(await samples(metrics, 'orbit_open'), [])
  })

  it('keeps rendering when a reading fails, and counts it', async () => {
    const metrics = new Metrics()
    const gauge = metrics.gauge({ name: 'orbit_size', help: 'Size.' })
    gauge.collect(() => 5)
    const stop = gauge.collect(() => {
      throw new Error('closed')
    })
    assert.deepEqual(await samples(metrics, 'orbit_size'), ['orbit_size 5'])
    stop()
    assert.deepEqual(await samples(metrics, 'orbit_metrics_collect_errors_total'), [
      'orbit_metrics_collect_errors_total 1',
    ])
  })

  it('gives the same metric to whoever asks again, and refuses another kind or other labels', async () => {
    const metrics = new Metrics()
    const options = { name: 'orbit_x_total', help: 'X.', labels: ['a'] } as const
    metrics.counter(options).add(1, { a: '1' })
    metrics.counter(options).add(1, { a: '1' })
    assert.deepEqual(await samples(metrics, 'orbit_x_total'), ['orbit_x_total{a="1"} 2'])
    const refused = (error: unknown): boolean => hasCode(error, 'INVALID_ARGUMENT')
    assert.throws(() => metrics.gauge(options), refused)
    assert.throws(() => metrics.counter({ ...options, labels: ['b'] }), refused)
    assert.throws(() => metrics.counter({ name: 'orbit_X', help: 'X.' }), refused)
  })

  it('shares nothing between instances', async () => {
    new Metrics().counter({ name: 'orbit_x_total', help: 'X.' }).add(1)
    assert.deepEqual(await samples(new Metrics(), 'orbit_x_total'), [])
  })

  it('has labels checked by the compiler', () => {
    const metrics = new Metrics()
    const counter = metrics.counter({ name: 'orbit_x_total', help: 'X.', labels: ['a'] })
    // @ts-expect-error: a label is missing
    assert.doesNotThrow(() => counter.add(1, {}))
    // @ts-expect-error: there is no label "b"
    assert.throws(() => counter.add(1, { a: '1', b: '2' }))
  })

  it('adds figures of the process without keeping it alive', () => {
    const script = `
      import { Metrics } from ${JSON.stringify(new URL('./metrics.js', import.meta.url).href)}
      const metrics = new Metrics()
      metrics.addProcessMetrics()
      process.stdout.write(await metrics.render())`
    const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    })
    assert.match(text, /^orbit_process_resident_memory_bytes \d+$/m)
  })
})
