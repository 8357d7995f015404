import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, OrbitError, utf8 } from '@orbit-ts/base'
import { Error as RegionError } from '../gen/errorpb.js'
import { PrewriteRequest } from '../gen/kvrpcpb.js'
import { tikvMethods } from '../rpc/methods.js'
import {
  callByKey,
  cutBySize,
  forEachBatch,
  forEachPart,
  type BatchWork,
  type RegionBatch,
} from './by-region.js'
import { FakeCluster, rpcFailed } from './fake-cluster.fake.js'
import { sendFailureIsUndetermined } from './undetermined.js'

const setup = (): FakeCluster => {
  const cluster = new FakeCluster()
  cluster.regions = [cluster.region(1n, '', 'm'), cluster.region(2n, 'm', '')]
  return cluster
}

const splitAt = (cluster: FakeCluster, key: string): void => {
  cluster.regions = [
    cluster.region(1n, '', key, { version: 2n }),
    cluster.region(3n, key, 'm', { version: 2n }),
    cluster.region(2n, 'm', ''),
  ]
  const known = cluster.cache.cached(utf8('a'))
  if (known !== undefined) cluster.cache.invalidate(known, 'epoch-not-match')
}

const work = (
  cluster: FakeCluster,
  items: readonly string[],
  rest: Partial<BatchWork<string>> & Pick<BatchWork<string>, 'work'>,
): Promise<void> =>
  cluster.settle(
    forEachBatch({
      regions: cluster.cache,
      backoffer: cluster.backoffer(),
      items,
      keyOf: utf8,
      concurrency: 2,
      ...rest,
    }),
  )

const letters = (text: string): string[] => Array.from(text)

const missed = RegionError.create({ epochNotMatch: {} })
const shown = ({ region, items, attempt, regionItemCount }: RegionBatch<string>): string =>
  `${region.id}:${items.join('')}/${regionItemCount}#${attempt}`

describe('forEachBatch', () => {
  it('cuts by bytes, with the item that reaches the limit, and by count', () => {
    const sizeOf = (item: number): number => item
    assert.deepEqual(cutBySize([3, 3, 3, 3, 3], { sizeOf, batchBytesMax: 5 }), [[3, 3], [3, 3], [3]])
    assert.deepEqual(cutBySize([9, 1, 9], { sizeOf, batchBytesMax: 5 }), [[9], [1, 9]])
    assert.deepEqual(cutBySize([1, 2, 3, 4], { batchItemsMax: 2 }), [
      [1, 2],
      [3, 4],
    ])
    assert.deepEqual(cutBySize([], { batchItemsMax: 2 }), [])
    const whole = [1, 2]
    assert.equal(cutBySize(whole, {})[0], whole)
  })

  it('runs each batch of each region', async () => {
    const cluster = setup()
    const seen: string[] = []
    await work(cluster, letters('anbocd'), {
      batchItemsMax: 2,
      work: async (batch) => {
        seen.push(shown(batch))
        return undefined
      },
    })
    assert.deepEqual(seen.sort(), ['1:ab/4#0', '1:cd/4#0', '2:no/2#0'])
  })

  it('does nothing without items', async () => {
    await work(setup(), [], { work: async () => assert.fail('called') })
  })

  it('splits a batch anew after a region error, and waits once for it', async () => {
    const cluster = setup()
    const seen: string[] = []
    await work(cluster, letters('acf'), {
      work: async (batch) => {
        seen.push(shown(batch))
        if (batch.attempt > 0) return undefined
        splitAt(cluster, 'c')
        return { items: batch.items, regionError: missed }
      },
    })
    assert.deepEqual(seen, ['1:acf/3#0', '1:a/1#1', '3:cf/2#1'])
    assert.deepEqual(cluster.sleeps, [['regionMiss', 2]])
  })

  it('repeats only what is asked for, without a wait of its own when there was no region error', async () => {
    const cluster = setup()
    const seen: string[] = []
    await work(cluster, letters('abn'), {
      work: async (batch) => {
        seen.push(shown(batch))
        return batch.attempt === 0 && batch.region.id === 1n
          ? { items: ['b'], regionError: undefined }
          : undefined
      },
    })
    assert.deepEqual(seen.sort(), ['1:ab/2#0', '1:b/1#1', '2:n/1#0'])
    assert.deepEqual(cluster.sleeps, [])
  })

  it('runs no more batches at once than it may', async () => {
    const cluster = setup()
    let running = 0
    let most = 0
    await work(cluster, letters('abcdefghno'), {
      batchItemsMax: 1,
      concurrency: 3,
      work: async () => {
        most = Math.max(most, ++running)
        await cluster.env.timers.nextTurn()
        running -= 1
        return undefined
      },
    })
    assert.equal(most, 3)
    assert.equal(running, 0)
  })

  it('throws the first error when all under way have ended, and starts no more', async () => {
    const cluster = setup()
    const seen: string[] = []
    let aborted = 0
    const failing = work(cluster, letters('abcd'), {
      batchItemsMax: 1,
      work: async ({ items: [item] }, backoffer) => {
        seen.push(item ?? '')
        if (item === 'b') throw new OrbitError('KEY_EXISTS', 'b')
        await new Promise<void>((resolve) => backoffer.signal?.addEventListener('abort', () => resolve()))
        aborted += 1
        throw new OrbitError('ABORTED', 'late')
      },
    })
    await assert.rejects(failing, (error) => hasCode(error, 'KEY_EXISTS'))
    assert.deepEqual(seen, ['a', 'b'])
    assert.equal(aborted, 1)
  })

  it('runs all the same when told not to cancel', async () => {
    const seen: string[] = []
    const failing = work(setup(), letters('abcd'), {
      batchItemsMax: 1,
      cancelOnError: false,
      work: async ({ items: [item] }) => {
        seen.push(item ?? '')
        throw new OrbitError('KEY_EXISTS', item ?? '')
      },
    })
    await assert.rejects(failing, (error) => error instanceof OrbitError && error.reason === 'a')
    assert.deepEqual(seen, ['a', 'b', 'c', 'd'])
  })

  it('gives each batch the whole budget, and takes over the longest wait', async () => {
    const cluster = setup()
    const backoffer = cluster.backoffer(3)
    await work(cluster, letters('abcd'), {
      backoffer,
      batchItemsMax: 1,
      concurrency: 1,
      work: async (batch) => (batch.attempt < 2 ? { items: batch.items, regionError: missed } : undefined),
    })
    assert.equal(backoffer.sleptMs, 6)
    assert.equal(cluster.sleeps.length, 8)
  })

  it('does not grow a stack over many repetitions', async () => {
    const cluster = setup()
    let calls = 0
    await work(cluster, letters('an'), {
      work: async (batch) => {
        calls += 1
        return batch.attempt < 5000 ? { items: batch.items, regionError: undefined } : undefined
      },
    })
    assert.equal(calls, 2 * 5001)
  })
})

describe('forEachPart', () => {
  it('covers the range once, splitting anew after a region error', async () => {
    const cluster = setup()
    const seen: string[] = []
    let failed = false
    await cluster.settle(
      forEachPart({
        regions: cluster.cache,
        backoffer: cluster.backoffer(),
        range: { start: utf8('a'), end: utf8('') },
        concurrency: 1,
        work: async ({ region, range }) => {
          if (region.id === 1n && !failed) {
            failed = true
            splitAt(cluster, 'c')
            return missed
          }
          seen.push(`${region.id}:${fromUtf8(range.start)}-${fromUtf8(range.end)}`)
          return undefined
        },
      }),
    )
    assert.deepEqual(seen.sort(), ['1:a-c', '2:m-', '3:c-m'])
  })

  it('looks regions up as it goes', async () => {
    const cluster = new FakeCluster()
    const name = (index: number): string => String(index).padStart(4, '0')
    cluster.regions = Array.from({ length: 300 }, (_, index) =>
      cluster.region(BigInt(index + 1), index === 0 ? '' : name(index), index === 299 ? '' : name(index + 1)),
    )
    const ids = new Set<bigint>()
    await cluster.settle(
      forEachPart({
        regions: cluster.cache,
        backoffer: cluster.backoffer(),
        range: { start: utf8(''), end: utf8('') },
        concurrency: 4,
        work: async ({ region }) => {
          ids.add(region.id)
          return undefined
        },
      }),
    )
    assert.equal(ids.size, 300)
    assert.equal(cluster.countPd('scanRegions'), 3)
  })
})

describe('callByKey', () => {
  it('remembers a lost answer over region errors', async () => {
    const cluster = setup()
    const call = (budgetMs: number) =>
      cluster.settle(
        callByKey({
          regions: cluster.cache,
          sender: cluster.sender,
          backoffer: cluster.backoffer(budgetMs),
          key: utf8('a'),
          method: tikvMethods.kvPrewrite,
          request: PrewriteRequest.create({}),
          options: { timeoutMs: 1000 },
        }),
      )
    cluster.script.push({ fail: rpcFailed() }, { regionError: { epochNotMatch: {} } })
    const answer = await call(10_000)
    assert.equal(answer.transportFailed, true)
    assert.equal(answer.region.id, 1n)
    assert.deepEqual(
      cluster.calls.map(({ context }) => context.isRetryRequest),
      [false, true, true],
    )
    cluster.script.push({ fail: rpcFailed() }, { regionError: { epochNotMatch: {} } })
    cluster.behaviour.set('s1', { regionError: { raftEntryTooLarge: {} } })
    await assert.rejects(call(10_000), (error) => {
      assert.ok(hasCode(error, 'RAFT_ENTRY_TOO_LARGE'))
      assert.equal(sendFailureIsUndetermined(error), true)
      return true
    })
  })
})
