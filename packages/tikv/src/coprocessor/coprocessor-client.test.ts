import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { hasCode, type ErrorCode } from '@orbit-ts/base'
import type { OpenCore } from '../core/open-core.js'
import { Response, type Request } from '../gen/coprocessor.js'
import { Error as RegionError } from '../gen/errorpb.js'
import type { KeyRange } from '../key-range.js'
import { bytes, ClientBench, collect, range, text } from '../raw/client-bench.fake.js'
import type { RegionSender } from '../region/region-request.js'
import { DirectWriter } from '../snapshot/direct-writer.fake.js'
import { newExecDetails } from '../telemetry/exec-details.js'
import { decodeRows, rowsOfRanges, type CoprocessorExecutor } from '../testing/store/coprocessor.js'
import type { TestClusterOptions } from '../testing/test-cluster.js'
import type { Timestamp } from '../timestamp.js'
import { LockResolver } from '../txn/lock/lock-resolver.js'
import { CoprocessorClient } from './coprocessor-client.js'
import type { CoprocessorOptions, CoprocessorRequest, CoprocessorResponse } from './coprocessor-options.js'

const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')
const SPLIT = { splitKeys: [bytes('g'), bytes('p')] }
const EVERYTHING = range('', '')

interface Opened {
  readonly bench: ClientBench
  readonly core: OpenCore
  readonly client: CoprocessorClient
  readonly writer: DirectWriter
  readonly run: <T>(work: Promise<T>) => Promise<T>
  readonly tso: () => Promise<Timestamp>
  readonly ask: (
    request?: Partial<CoprocessorRequest>,
    options?: CoprocessorOptions,
  ) => Promise<CoprocessorResponse[]>
  readonly sent: () => Request[]
}

let bench: ClientBench | undefined

afterEach(async () => {
  await bench?.close()
  bench = undefined
})

async function open(cluster: TestClusterOptions = {}, minProcessMs?: number): Promise<Opened> {
  const opened = await ClientBench.open({ coprocessor: rowsOfRanges, ...cluster })
  bench = opened
  const core = await opened.core('transaction')
  const cache = minProcessMs === undefined ? undefined : { capacityBytes: 1_000_000, minProcessMs }
  const client = new CoprocessorClient({ core, resolver: new LockResolver(core), cache })
  const writer = new DirectWriter(opened.cluster.mvcc, () => opened.env.clock.nowMs())
  const run = <T>(work: Promise<T>): Promise<T> => opened.finish(work)
  const tso = async (): Promise<Timestamp> => {
    await opened.env.advance(10)
    const now = await run(core.pd.getTimestamp())
    await opened.env.advance(10)
    return now
  }
  return {
    bench: opened,
    core,
    client,
    writer,
    run,
    tso,
    ask: async (request = {}, options = {}) => {
      const startTs = request.startTs ?? (await tso())
      const full = { data: bytes('plan'), ranges: [EVERYTHING], ...request, startTs }
      return run(collect(client.send(full, options)))
    },
    sent: () =>
      opened.cluster.faults
        .callsOf({ method: ['Coprocessor', 'CoprocessorStream'] })
        .map(({ request }) => request as Request),
  }
}

async function filled(cluster: TestClusterOptions = SPLIT, minProcessMs?: number): Promise<Opened> {
  const opened = await open(cluster, minProcessMs)
  await opened.writer.write(Object.fromEntries(LETTERS.map((key) => [key, `value of ${key}`])))
  return opened
}

const keysOf = (responses: readonly CoprocessorResponse[]): string =>
  responses.flatMap(({ data }) => decodeRows(data).map(({ key }) => text(key))).join('')

function describeRanges(request: object): string {
  assert.ok('ranges' in request && Array.isArray(request.ranges))
  const ranges: readonly KeyRange[] = request.ranges
  return ranges.map(({ start, end }) => `${text(start)}-${text(end)}`).join(' ')
}

/** As `rowsOfRanges`, from the end of the ranges to their start. */
const descendingRows: CoprocessorExecutor = (request, scope) => {
  const size = Number(request.pagingSize)
  const whole = rowsOfRanges({ ...request, pagingSize: 0n }, scope)
  const rows = decodeRows(whole.data)
  const page = size === 0 ? rows : rows.slice(-size)
  const from = page[0]?.key ?? bytes('')
  const keys = page.map(({ key }) => ({ start: key, end: Uint8Array.of(...key, 0) })).reverse()
  const parts = keys.map((one) => rowsOfRanges({ ...request, pagingSize: 0n, ranges: [one] }, scope).data)
  const covered = size === 0 || page.length === rows.length ? undefined : { start: from, end: bytes('') }
  return Response.create({ data: Uint8Array.from(Buffer.concat(parts)), range: covered })
}

async function fails(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code))
}

describe('coprocessor requests', () => {
  it('are answered by every region that the ranges touch, with what the server needs', async () => {
    const { ask, sent, tso } = await filled()
    const startTs = await tso()
    const ranges = [range('b', 'd'), range('f', 'h'), range('m', 'n')]
    const responses = await ask({ ranges, startTs, schemaVersion: 7n }, { ordered: true })
    assert.equal(keysOf(responses), 'bcfgm')
    assert.equal(new Set(responses.map(({ regionId }) => regionId)).size, 2)
    assert.deepEqual(
      responses.map(({ ranges: of }) => of.map(({ start, end }) => `${text(start)}-${text(end)}`)),
      [
        ['b-d', 'f-g'],
        ['g-h', 'm-n'],
      ],
    )
    for (const { tp, data, startTs: at, schemaVer, pagingSize, isCacheEnabled } of sent())
      assert.deepEqual(
        [tp, text(data), at, schemaVer, pagingSize, isCacheEnabled],
        [103n, 'plan', startTs, 7n, 0n, true],
      )
  })

  it('give answers in the order of the ranges, or from their end', async () => {
    const { ask } = await filled()
    for (const concurrency of [1, 2, 15]) {
      const responses = await ask({}, { ordered: true, concurrency })
      assert.equal(keysOf(responses), LETTERS.join(''))
    }
    const unordered = await ask()
    assert.deepEqual(Array.from(keysOf(unordered)).sort(), LETTERS)
    const down = await open({ ...SPLIT, coprocessor: descendingRows })
    await down.writer.write(Object.fromEntries(LETTERS.map((key) => [key, key])))
    assert.equal(
      keysOf(await down.ask({ descending: true }, { ordered: true })),
      LETTERS.toReversed().join(''),
    )
    assert.equal(
      keysOf(await down.ask({ descending: true }, { ordered: true, paging: { minSize: 2 } })),
      LETTERS.toReversed().join(''),
    )
    await down.bench.close()
  })

  it('ask for at most 500 ranges at once, and so many regions at once', async () => {
    const { ask, sent, core } = await filled()
    const ranges = Array.from({ length: 1201 }, (_, index) => {
      const key = `h${String(index).padStart(4, '0')}`
      return range(key, `${key}!`)
    })
    await ask({ ranges })
    assert.deepEqual(
      sent().map(({ ranges: of }) => of.length),
      [500, 500, 201],
    )
    assert.equal(core.config.coprocessorCacheMb, 64)
  })

  it('go on page by page, each twice as long as the one before', async () => {
    const { ask, sent } = await filled({})
    const responses = await ask(
      { ranges: [range('a', 'e'), range('g', '')] },
      { paging: { minSize: 2, maxSize: 7 } },
    )
    assert.equal(keysOf(responses), 'abcdghijklmnopqrstuvwxyz')
    assert.deepEqual(
      sent().map(({ pagingSize }) => pagingSize),
      [2n, 4n, 7n, 7n, 7n],
    )
    const [, second] = sent()
    assert.deepEqual(
      second?.ranges.map(({ start, end }) => [text(start), text(end)]),
      [
        ['b\0', 'e'],
        ['g', ''],
      ],
    )
    assert.equal((await ask({}, { paging: true })).length, 1)
    assert.equal(sent().at(-1)?.pagingSize, 128n)
  })

  it('keep pages from growing, and shrink them, once they have many bytes', async () => {
    const { ask, sent } = await filled({})
    // A row takes 19 bytes: its key, its value and their lengths. The last page is full, and one more asked for.
    await ask({}, { paging: { minSize: 2, maxSize: 100, targetBytes: 110 } })
    assert.deepEqual(
      sent().map(({ pagingSize }) => pagingSize),
      [2n, 4n, 4n, 4n, 4n, 4n, 4n, 4n],
    )
    const before = sent().length
    await ask({}, { paging: { minSize: 8, maxSize: 8, targetBytes: 100 } })
    assert.deepEqual(
      sent()
        .slice(before)
        .map(({ pagingSize }) => pagingSize),
      [8n, 4n, 4n, 4n, 4n, 4n],
    )
    await fails(ask({}, { paging: { targetBytes: 0 } }), 'INVALID_ARGUMENT')
  })

  it('stream the answers of a region when asked to', async () => {
    const { ask, sent, bench: opened } = await filled()
    assert.deepEqual(Array.from(keysOf(await ask({}, { streaming: true, paging: true }))).sort(), LETTERS)
    // What is streamed cannot travel in a batch.
    assert.deepEqual(new Set(opened.cluster.faults.calls.map(({ batched }) => batched)), new Set([false]))
    assert.ok(sent().every(({ pagingSize, isCacheEnabled }) => pagingSize === 0n && !isCacheEnabled))
  })

  it('go on behind what was streamed when a stream breaks', async () => {
    const { core, tso, run } = await filled({})
    const asked: string[] = []
    const sender: RegionSender = {
      send: (...call) => core.sender.send(...call),
      async *stream(backoffer, region, method, request, options) {
        const isFirst = asked.push(describeRanges(request)) === 1
        if (!isFirst) {
          yield* core.sender.stream(backoffer, region, method, request, options)
          return
        }
        const part = Object.assign(request, { ranges: [range('a', 'd')] })
        for await (const outcome of core.sender.stream(backoffer, region, method, part, options)) {
          if (outcome.regionError === undefined) Object.assign(outcome.response, { range: range('', 'd') })
          yield outcome
        }
        const regionError = RegionError.create({ epochNotMatch: {} })
        yield { response: undefined, regionError, transportFailed: true }
      },
    }
    const cut = { ...core, sender }
    const client = new CoprocessorClient({ core: cut, resolver: new LockResolver(cut) })
    const request = { data: bytes('plan'), ranges: [range('a', 'f'), range('k', '')], startTs: await tso() }
    assert.equal(
      keysOf(await run(collect(client.send(request, { streaming: true })))),
      'abcdeklmnopqrstuvwxyz',
    )
    assert.deepEqual(asked, ['a-f k-', 'd-f k-'])
  })

  it('find the regions again that were split meanwhile, and miss and repeat nothing', async () => {
    for (const options of [
      { ordered: true },
      { ordered: true, streaming: true },
      { ordered: true, paging: { minSize: 2 } },
    ]) {
      const { ask, bench: opened } = await filled()
      await ask()
      for (const key of ['c', 'e', 'k', 'x']) opened.cluster.splitAt(bytes(key))
      assert.equal(keysOf(await ask({}, options)), LETTERS.join(''))
      await opened.close()
    }
  })

  it('end the transactions of locks that have expired', async () => {
    const { ask, writer, bench: opened } = await filled()
    const startTs = writer.tso()
    await writer.prewrite(startTs, { c: 'new', q: 'new' }, { primary: 'c' })
    await writer.commit(startTs, ['c'])
    await writer.prewrite(writer.tso(), { h: 'never' })
    await opened.env.advance(60_000)
    const responses = await ask()
    const rows = new Map(
      responses.flatMap(({ data }) => decodeRows(data).map(({ key, value }) => [text(key), text(value)])),
    )
    assert.deepEqual(
      [rows.get('c'), rows.get('q'), rows.get('h'), rows.size],
      ['new', 'new', 'value of h', 26],
    )
  })

  it('wait for a lock that may still be committed before them, and pass one that may not', async () => {
    const { ask, writer, sent, tso } = await filled({})
    const other = writer.tso()
    await writer.prewrite(other, { c: 'new' }, { ttlMs: 100_000 })
    const startTs = await tso()
    const responses = await ask({ startTs })
    assert.equal(keysOf(responses), LETTERS.join(''))
    assert.deepEqual(sent().at(-1)?.context?.resolvedLocks, [other])
  })

  it('fail with what the server says', async () => {
    const refuse: CoprocessorExecutor = () => Response.create({ otherError: 'no such executor' })
    const { ask } = await open({ coprocessor: refuse })
    await assert.rejects(ask(), /STORE_REFUSED: Coprocessor was refused by the server: no such executor/)
  })

  it('fail when a page covers nothing', async () => {
    const stuck: CoprocessorExecutor = (request) =>
      Response.create({
        data: bytes(''),
        range: { start: request.ranges[0]?.start ?? bytes(''), end: bytes('a') },
      })
    const { ask } = await open({ coprocessor: stuck })
    await fails(ask({ ranges: [range('a', 'b')] }, { paging: true }), 'PROTOCOL_VIOLATION')
  })

  it('refuse ranges and options that cannot be', async () => {
    const { ask, bench: opened } = await open()
    await fails(ask({ ranges: [range('b', 'a')] }), 'INVALID_ARGUMENT')
    await fails(ask({ ranges: [range('c', 'd'), range('a', 'b')] }), 'INVALID_ARGUMENT')
    await fails(ask({ ranges: [range('a', 'c'), range('b', 'd')] }), 'INVALID_ARGUMENT')
    await fails(ask({ ranges: [range('a', ''), range('b', 'd')] }), 'INVALID_ARGUMENT')
    await fails(ask({}, { concurrency: 0 }), 'INVALID_ARGUMENT')
    await fails(ask({}, { paging: { minSize: 10, maxSize: 5 } }), 'INVALID_ARGUMENT')
    assert.deepEqual(opened.cluster.faults.calls, [])
    assert.deepEqual(await ask({ ranges: [] }), [])
  })

  it('end with their signal and their reader', async () => {
    const { client, run, tso, bench: opened } = await filled()
    const startTs = await tso()
    const request = { data: bytes('plan'), ranges: [EVERYTHING], startTs }
    await fails(run(collect(client.send(request, { signal: AbortSignal.abort() }))), 'ABORTED')
    opened.cluster.faults.add({ method: 'Coprocessor' }, { kind: 'hang' }, { skip: 1 })
    const answers = client.send(request)
    assert.equal((await run(answers.next())).done, false)
    await run(answers.return())
    const caller = new AbortController()
    const hanging = run(collect(client.send(request, { signal: caller.signal })))
    opened.env.timers.set(() => caller.abort(), 50)
    await fails(hanging, 'ABORTED')
  })

  it('tell what they cost', async () => {
    const { ask } = await filled()
    const details = newExecDetails()
    await ask({}, { details })
    assert.equal(details.rpcs.get('Coprocessor')?.count, 3)
  })
})

describe('coprocessor answers', () => {
  it('are kept, and given again while the server says that nothing changed', async () => {
    const { ask, sent, writer, client } = await filled(SPLIT, 0)
    const first = await ask({}, { ordered: true })
    assert.deepEqual(
      first.map(({ cached }) => cached),
      [false, false, false],
    )
    assert.equal(client.cache.size, 3)
    const second = await ask({}, { ordered: true })
    assert.deepEqual(
      second.map(({ cached }) => cached),
      [true, true, true],
    )
    assert.deepEqual(
      second.map(({ data }) => data),
      first.map(({ data }) => data),
    )
    await writer.write({ a: 'changed' })
    const third = await ask({}, { ordered: true })
    assert.equal(
      third.some(({ cached }) => cached),
      false,
    )
    assert.equal(text(decodeRows(third[0]?.data ?? bytes(''))[0]?.value), 'changed')
    assert.deepEqual(
      sent().map(({ cacheIfMatchVersion }) => cacheIfMatchVersion > 0n),
      [false, false, false, true, true, true, true, true, true],
    )
  })

  it('are not used by older readers, nor when the caller does not want it', async () => {
    const { ask, tso, sent } = await filled({}, 0)
    const older = await tso()
    await ask()
    const [response] = await ask({ startTs: older })
    assert.deepEqual([response?.cached, sent().at(-1)?.cacheIfMatchVersion], [false, 0n])
    const [uncached] = await ask({}, { cache: false })
    assert.deepEqual([uncached?.cached, sent().at(-1)?.isCacheEnabled], [false, false])
  })

  it('are not kept when the server made them in no time', async () => {
    const { ask, client } = await filled()
    await ask()
    assert.equal(client.cache.size, 0)
  })

  it('cannot be confirmed when there are none', async () => {
    const { ask } = await open({ coprocessor: () => Response.create({ isCacheHit: true }) })
    await fails(ask(), 'PROTOCOL_VIOLATION')
  })
})
